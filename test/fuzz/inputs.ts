/**
 * Inputs of strangers: halves of valid ones, and invalid ones.
 */
import fc from 'fast-check';

const address = fc.oneof(
  fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([ip, port]) => `${ip}:${port}`),
  fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([ip, port]) => `[${ip}]:${port}`),
  fc.constantFrom('127.0.0.1:4000', '::1:4000', '[::1]:4000', '10.0.0.7:', '999.0.0.1:1'),
);

const CRUMBS = [
  ' dice: ',
  ' dice:',
  'dice',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\x1b[2J',
  '\x1b]0;x\x07',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\\303\\261',
  '<user5> ',
  '<Ana> ',
  'ñ',
  '🙂',
  '👨‍👩‍👧',
  '\u0301'.repeat(40),
  '1.'.repeat(30),
  '1'.repeat(60),
  ':'.repeat(60),
  'a:'.repeat(60),
  '<script>',
  '"',
  '\\',
  '{',
  '%',
  '\xff\xfb\x01',
  'x'.repeat(1024),
  'ñ'.repeat(512),
];

/** Texts that contain headers and parts of headers. */
export const hostileText = fc
  .array(fc.oneof(address, fc.constantFrom(...CRUMBS), fc.string({ unit: 'grapheme', maxLength: 12 })), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

const id = fc.oneof(fc.uuid(), fc.string({ maxLength: 70 }));

/** Valid messages of the protocol, in any order. */
export const goodMessage = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('say'), id, text: hostileText }) },
  { weight: 2, arbitrary: fc.constant({ type: 'ping' }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { type: fc.constant('hello'), session: id, epoch: id, after: fc.nat() },
      { requiredKeys: ['type'] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'bye' }) },
);

const crookedMessage = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom('say', 'hello', 'ping', 'leave ', '__proto__', 'constructor'),
      fc.jsonValue(),
    ),
    id: fc.jsonValue(),
    text: fc.jsonValue(),
    session: fc.jsonValue(),
    after: fc.oneof(fc.double(), fc.maxSafeInteger(), fc.jsonValue()),
    __proto__: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

/** JSON of the wrong shape, truncated JSON, and other text. */
export const hostileJson = fc.oneof(
  goodMessage.map((message) => JSON.stringify(message)),
  crookedMessage.map((message) => JSON.stringify(message)),
  fc.tuple(goodMessage, fc.nat(60)).map(([message, length]) => JSON.stringify(message).slice(0, length)),
  fc.constantFrom(
    '',
    'null',
    '[]',
    '{}',
    '"say"',
    '1e999',
    `${'['.repeat(2000)}`,
    '{"type":"say","id":"1","text":"\\ud800"}',
  ),
  fc.json({ maxDepth: 3 }),
  hostileText,
);
