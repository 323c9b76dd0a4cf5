import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ClientMessage, ID_MAX_LENGTH, isNickname, NICKNAME_MAX } from '../../../gateway/protocol.ts';
import { BadMessage, parseClientMessage } from '../../../gateway/server/parse-client-message.ts';

const SHORT = 'a';
const LONGEST = 'x'.repeat(ID_MAX_LENGTH);
const TOO_LONG = 'x'.repeat(ID_MAX_LENGTH + 1);

test('the longest id has 64 characters', () => assert.equal(ID_MAX_LENGTH, 64));

describe('is taken:', () => {
  const rows: Record<string, ClientMessage> = {
    'the first hello': { type: 'hello' },
    'a hello of who comes back': { type: 'hello', session: SHORT, epoch: 'b', after: 17 },
    'a hello with the longest names': { type: 'hello', session: LONGEST, epoch: LONGEST },
    'a hello with empty names': { type: 'hello', session: '', epoch: '' },
    'a hello from the beginning of the log': { type: 'hello', after: 0 },
    'a hello from the largest safe number': { type: 'hello', after: Number.MAX_SAFE_INTEGER },
    'a say': { type: 'say', id: SHORT, text: '¡hola! 🎉' },
    'a say with the longest id': { type: 'say', id: LONGEST, text: 'hola' },
    'an empty say, which fails later': { type: 'say', id: SHORT, text: '' },
    'a long say, which fails later': { type: 'say', id: SHORT, text: 'x'.repeat(100_000) },
    'a name': { type: 'name', name: 'Ana' },
    'the longest name': { type: 'name', name: '🎉'.repeat(NICKNAME_MAX) },
    'no name any more': { type: 'name', name: '' },
    ping: { type: 'ping' },
    bye: { type: 'bye' },
    leave: { type: 'leave' },
  };
  for (const [what, message] of Object.entries(rows)) {
    test(what, () => {
      assert.deepEqual(parseClientMessage(JSON.stringify(message)), message);
      assert.deepEqual(parseClientMessage(JSON.stringify({ ...message, later: [1] })), message);
    });
  }
});

describe('is refused, with a code and a sentence:', () => {
  const rows: Record<string, [frame: string, code: string, sentence: RegExp]> = {
    nothing: ['', 'bad-json', /one JSON object/],
    'no JSON': ['hola', 'bad-json', /one JSON object/],
    'half a JSON': ['{"type":"ping"', 'bad-json', /one JSON object/],
    'two JSONs': ['{"type":"ping"}{"type":"ping"}', 'bad-json', /one JSON object/],
    null: ['null', 'bad-json', /one JSON object/],
    'a number': ['1', 'bad-json', /one JSON object/],
    'a string': ['"ping"', 'bad-json', /one JSON object/],
    'a list': ['[{"type":"ping"}]', 'bad-json', /one JSON object/],
    'a deep list': ['['.repeat(100_000), 'bad-json', /one JSON object/],
    'an empty object': ['{}', 'bad-message', /^type must be/],
    'another type': ['{"type":"shout"}', 'bad-message', /^type must be/],
    'a type of the gateway': ['{"type":"welcome"}', 'bad-message', /^type must be/],
    'a type in a list': ['{"type":["ping"]}', 'bad-message', /^type must be/],
    'a type every object has': ['{"type":"constructor"}', 'bad-message', /^type must be/],
    'an inherited type': ['{"__proto__":{"type":"ping"}}', 'bad-message', /^type must be/],
    'a session that is a number': ['{"type":"hello","session":1}', 'bad-message', /^hello\.session/],
    'a session that is null': ['{"type":"hello","session":null}', 'bad-message', /^hello\.session/],
    'a long session': [`{"type":"hello","session":"${TOO_LONG}"}`, 'bad-message', /^hello\.session/],
    'an epoch that is an object': ['{"type":"hello","epoch":{}}', 'bad-message', /^hello\.epoch/],
    'a long epoch': [`{"type":"hello","epoch":"${TOO_LONG}"}`, 'bad-message', /^hello\.epoch/],
    'after -1': ['{"type":"hello","after":-1}', 'bad-message', /^hello\.after/],
    'after 1.5': ['{"type":"hello","after":1.5}', 'bad-message', /^hello\.after/],
    'after 2^53': [`{"type":"hello","after":${2 ** 53}}`, 'bad-message', /^hello\.after/],
    'after 1e400': ['{"type":"hello","after":1e400}', 'bad-message', /^hello\.after/],
    'after a string': ['{"type":"hello","after":"1"}', 'bad-message', /^hello\.after/],
    'after null': ['{"type":"hello","after":null}', 'bad-message', /^hello\.after/],
    'a say without id': ['{"type":"say","text":"hola"}', 'bad-message', /^say\.id/],
    'a say with an empty id': ['{"type":"say","id":"","text":"hola"}', 'bad-message', /^say\.id/],
    'a say with a long id': [`{"type":"say","id":"${TOO_LONG}","text":"hola"}`, 'bad-message', /^say\.id/],
    'a say with a number as id': ['{"type":"say","id":1,"text":"hola"}', 'bad-message', /^say\.id/],
    'a say without text': ['{"type":"say","id":"a"}', 'bad-message', /^say\.text/],
    'a name that is no text': ['{"type":"name","name":null}', 'bad-message', /^name\.name/],
    'a long name': [`{"type":"name","name":"${'x'.repeat(NICKNAME_MAX + 1)}"}`, 'bad-message', /^name\.name/],
    'a name with brackets': ['{"type":"name","name":"<b>"}', 'bad-message', /^name\.name/],
    'a name that can not be seen': ['{"type":"name","name":"\\u200b"}', 'bad-message', /^name\.name/],
    'a say with a list as text': ['{"type":"say","id":"a","text":["hola"]}', 'bad-message', /^say\.text/],
  };
  for (const [what, [frame, code, message]] of Object.entries(rows)) {
    test(what, () => assert.throws(() => parseClientMessage(frame), { code, message }));
  }
});

/** Messages with one thing wrong, or not. */
const nearly = fc
  .record(
    {
      type: fc.oneof(fc.constantFrom('hello', 'say', 'name', 'ping', 'bye', 'leave'), fc.jsonValue()),
      session: fc.oneof(fc.string(), fc.jsonValue()),
      epoch: fc.oneof(fc.string(), fc.jsonValue()),
      after: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
      name: fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.jsonValue()),
      id: fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.jsonValue()),
      text: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  .map((fields) => JSON.stringify(fields));

test('whatever comes, it is a message of the protocol, or a BadMessage', () => {
  fc.assert(
    fc.property(fc.oneof(nearly, fc.json(), fc.string({ unit: 'binary' })), (frame) => {
      try {
        assert.ok(isOfProtocol(parseClientMessage(frame)));
      } catch (error) {
        assert.ok(error instanceof BadMessage, `${error}`);
      }
    }),
    { numRuns: 3_000 },
  );
});

function isOfProtocol(message: ClientMessage): boolean {
  switch (message.type) {
    case 'hello': {
      const { session = '', epoch = '', after = 0 } = message;
      const named = [session, epoch].every(
        (name) => typeof name === 'string' && name.length <= ID_MAX_LENGTH,
      );
      return named && Number.isSafeInteger(after) && after >= 0;
    }
    case 'say':
      return typeof message.text === 'string' && message.id.length >= 1 && message.id.length <= ID_MAX_LENGTH;
    case 'name':
      return message.name === '' || isNickname(message.name);
    default:
      return Object.keys(message).length === 1;
  }
}
