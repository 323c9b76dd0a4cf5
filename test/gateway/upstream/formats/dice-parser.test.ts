import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalIp, formatAddress } from '../../../../common/ip.ts';
import { DiceParser, findHeaderLike } from '../../../../gateway/upstream/formats/dice-parser.ts';
import type { RoomText } from '../../../../gateway/upstream/formats/room-text.ts';
import { HEADER_SUFFIX, header } from '../../../../tcp-server/wire.ts';
import { byteByByte, cutAt, joined, parse } from './parse-all.ts';

const ANA = '10.0.0.7:4000';
const LUIS = '10.0.0.8:5000';

function message(from: string, text: string): RoomText {
  return { kind: 'message', from, text };
}

function continuation(text: string): RoomText {
  return { kind: 'continuation', text };
}

function privateText(text: string): RoomText {
  return { kind: 'private', text };
}

/** Messages emitted at once, and messages emitted after a pause. */
function push(parser: DiceParser, text: string): RoomText[] {
  return parser.push(Buffer.from(text));
}

/** Every row holds in its own chunks to the event, and joined however the network cuts its bytes. */
const ROWS: Record<string, [chunks: (string | Buffer)[], heard: RoomText[]]> = {
  'a message': [['10.0.0.7:4000 dice: hola\n'], [message(ANA, 'hola')]],
  'a message without newline': [['10.0.0.7:4000 dice: hola'], [message(ANA, 'hola')]],
  'a header in two halves': [['10.0.0.7:40', '00 dice: hola\n'], [message(ANA, 'hola')]],
  'text that is shown at once and extended': [
    ['10.0.0.7:4000 dice: ho', 'la', ' a todos\n'],
    [message(ANA, 'ho'), continuation('la'), continuation(' a todos')],
  ],
  'text after the end of a line': [
    ['10.0.0.7:4000 dice: uno\n', 'dos\n'],
    [message(ANA, 'uno'), continuation('\ndos')],
  ],
  'several lines of one speaker': [
    ['10.0.0.7:4000 dice: uno\ndos\n\ntres\n'],
    [message(ANA, 'uno\ndos\n\ntres')],
  ],
  'two messages in a chunk': [
    ['10.0.0.7:4000 dice: hola\n10.0.0.8:5000 dice: buenas\n'],
    [message(ANA, 'hola'), message(LUIS, 'buenas')],
  ],
  'two messages of the same speaker': [
    ['10.0.0.7:4000 dice: hola\n10.0.0.7:4000 dice: a todos\n'],
    [message(ANA, 'hola'), message(ANA, 'a todos')],
  ],
  'a message glued to the next header': [
    ['10.0.0.7:4000 dice: hola10.0.0.8:5000 dice: buenas'],
    [message(ANA, 'hola'), message(LUIS, 'buenas')],
  ],
  'a full stop glued to the next header': [
    ['10.0.0.7:4000 dice: hola.10.0.0.8:5000 dice: buenas'],
    [message(ANA, 'hola.'), message(LUIS, 'buenas')],
  ],
  'a header glued to a header': [
    ['10.0.0.7:4000 dice: 10.0.0.8:5000 dice: buenas'],
    [message(ANA, ''), message(LUIS, 'buenas')],
  ],
  'a blank message': [
    ['10.0.0.7:4000 dice: \n', '10.0.0.8:5000 dice: \r\n'],
    [message(ANA, ''), message(LUIS, '')],
  ],
  'a message of spaces': [['10.0.0.7:4000 dice:   \n'], [message(ANA, '  ')]],
  'a line that begins blank': [['10.0.0.7:4000 dice: \nhola\n'], [message(ANA, '\nhola')]],
  'characters of 1, 2, 3 and 4 bytes': [
    ['10.0.0.7:4000 dice: añ€🎉ñ10.0.0.8:5000 dice: 日本\n'],
    [message(ANA, 'añ€🎉ñ'), message(LUIS, '日本')],
  ],
  'a byte order mark': [['10.0.0.7:4000 dice: \ufeffhola\n'], [message(ANA, '\ufeffhola')]],
  'a byte order mark at the very beginning': [['\ufeffBienvenido\n'], [privateText('\ufeffBienvenido')]],
  'CR LF': [
    ['10.0.0.7:4000 dice: uno\r\ndos\r\n10.0.0.8:5000 dice: hola\r\n'],
    [message(ANA, 'uno\ndos'), message(LUIS, 'hola')],
  ],
  'a lone CR': [
    ['10.0.0.7:4000 dice: uno\rdos\r10.0.0.8:5000 dice: hola\r'],
    [message(ANA, 'uno\rdos'), message(LUIS, 'hola')],
  ],
  'bytes that are no UTF-8': [
    [Buffer.from('10.0.0.7:4000 dice: a\xffb\xc3c\x80\n10.0.0.8:5000 dice: hola\n', 'latin1')],
    [message(ANA, 'a\ufffdb\ufffdc\ufffd'), message(LUIS, 'hola')],
  ],
  'half a character before a header': [
    [Buffer.from('10.0.0.7:4000 dice: a\xc310.0.0.8:5000 dice: hola\n', 'latin1')],
    [message(ANA, 'a\ufffd'), message(LUIS, 'hola')],
  ],
  'half a character at the end': [
    [Buffer.from('10.0.0.7:4000 dice: a\xe2\x82', 'latin1')],
    [message(ANA, 'a'), continuation('\ufffd')],
  ],
  'IPv6 in brackets': [
    ['[2001:db8::7]:4000 dice: hola[::1]:5000 dice: buenas\n'],
    [message('[2001:db8::7]:4000', 'hola'), message('[::1]:5000', 'buenas')],
  ],
  'IPv6 in brackets after a digit': [
    ['10.0.0.7:4000 dice: son 10[::1]:5000 dice: no\n'],
    [message(ANA, 'son 10'), message('[::1]:5000', 'no')],
  ],
  'bare IPv6, as Python prints it': [
    ['::1:4000 dice: hola\n2001:db8::7:5000 dice: buenas\n'],
    [message('[::1]:4000', 'hola'), message('[2001:db8::7]:5000', 'buenas')],
  ],
  'bare IPv6 glued to text': [
    ['::1:4000 dice: ¡sin salto!::1:5000 dice: tampoco2001:db8::7:6000 dice: ni yo'],
    [
      message('[::1]:4000', '¡sin salto!'),
      message('[::1]:5000', 'tampoco'),
      message('[2001:db8::7]:6000', 'ni yo'),
    ],
  ],
  'bare IPv6 glued to a letter that could be its own, heard before': [
    ['::1:4000 dice: hola\n::1:5000 dice: hola::1:4000 dice: buenas\n'],
    [message('[::1]:4000', 'hola'), message('[::1]:5000', 'hola'), message('[::1]:4000', 'buenas')],
  ],
  'bare IPv6 glued to more digits than it can hold, heard before': [
    ['::1:4000 dice: llama al 600123456::1:4000 dice: ya\n'],
    [message('[::1]:4000', 'llama al 600123456'), message('[::1]:4000', 'ya')],
  ],
  'bare IPv6 glued to more digits than it can hold': [
    ['::1:4000 dice: hola\n::1:5000 dice: abcdef::7:6000 dice: ya\n'],
    [message('[::1]:4000', 'hola'), message('[::1]:5000', 'ab'), message('[cdef::7]:6000', 'ya')],
  ],
  'IPv4 in an IPv6 room': [
    ['::ffff:10.0.0.7:4000 dice: hola!::ffff:10.0.0.8:5000 dice: buenas\n'],
    [message(ANA, 'hola!'), message(LUIS, 'buenas')],
  ],
  'IPv4 in brackets': [['[::ffff:10.0.0.7]:4000 dice: hola\n'], [message(ANA, 'hola')]],
  'IPv6 with a zone': [
    ['[fe80::1%eth0]:4000 dice: hola\nfe80::2%wlan0:5000 dice: buenas\n'],
    [message('[fe80::1%eth0]:4000', 'hola'), message('[fe80::2%wlan0]:5000', 'buenas')],
  ],
  'the longest address': [
    ['[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%abcdefghijklmno]:65535 dice: hola\n'],
    [message('[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%abcdefghijklmno]:65535', 'hola')],
  ],
  'text that ends in digits': [['10.0.0.7:4000 dice: son las 10', '.30\n'], [message(ANA, 'son las 10.30')]],
  'text that ends like a header again and again, and waits once': [
    ['10.0.0.7:4000 dice: son 1', '0', '.', '30\n'],
    [message(ANA, 'son '), continuation('10.30')],
  ],
  'digits glued to an address heard before': [
    ['10.0.0.8:5000 dice: ¿cuántos?\n10.0.0.7:4000 dice: son 110.0.0.8:5000 dice: ah\n'],
    [message(LUIS, '¿cuántos?'), message(ANA, 'son 1'), message(LUIS, 'ah')],
  ],
  'digits glued to an address never heard: the longest wins': [
    ['10.0.0.7:4000 dice: son 110.0.0.8:5000 dice: ah\n'],
    [message(ANA, 'son '), message('110.0.0.8:5000', 'ah')],
  ],
  'digits too many for the address they are glued to': [
    ['10.0.0.7:4000 dice: son 4999.1.1.1:5 dice: ah\n'],
    [message(ANA, 'son 49'), message('99.1.1.1:5', 'ah')],
  ],
  'an address that digits stood before, which counts as never heard': [
    ['10.0.0.7:4000 dice: son 4999.1.1.1:5 dice: ah\n10.0.0.7:4000 dice: y199.1.1.1:5 dice: oh\n'],
    [message(ANA, 'son 49'), message('99.1.1.1:5', 'ah'), message(ANA, 'y'), message('199.1.1.1:5', 'oh')],
  ],
  'a number that is no octet': [
    ['10.0.0.7:4000 dice: a\n10.0.0.999:5 dice: b\n'],
    [message(ANA, 'a\n10.0.0.999:5 dice: b')],
  ],
  'three octets': [['10.0.0.7:4000 dice: a\n10.0.0:5 dice: b\n'], [message(ANA, 'a\n10.0.0:5 dice: b')]],
  'no port': [['10.0.0.7:4000 dice: a\n10.0.0.8 dice: b\n'], [message(ANA, 'a\n10.0.0.8 dice: b')]],
  'port 0, which a PROXY header may carry': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:0 dice: b\n'],
    [message(ANA, 'a'), message('10.0.0.8:0', 'b')],
  ],
  'one address in other spellings': [
    [
      '[::FFFF:10.0.0.7]:4000 dice: a\n[::ffff:a00:7]:4000 dice: b\n[0:0::ffff:10.0.0.7]:4000 dice: c\n' +
        '[::ffff:10.0.0.7%eth0]:4000 dice: d\n[2001:DB8:0::7]:4000 dice: e\n',
    ],
    [...['a', 'b', 'c', 'd'].map((text) => message(ANA, text)), message('[2001:db8::7]:4000', 'e')],
  ],
  'port 65536': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:65536 dice: b\n[::1]:65536 dice: c\n'],
    [message(ANA, 'a\n10.0.0.8:65536 dice: b\n[::1]:65536 dice: c')],
  ],
  'a port of six digits': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:123456 dice: b\n'],
    [message(ANA, 'a\n10.0.0.8:123456 dice: b')],
  ],
  'no space before dice': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:5000dice: b\n'],
    [message(ANA, 'a\n10.0.0.8:5000dice: b')],
  ],
  'no space after dice': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:5000 dice:b\n'],
    [message(ANA, 'a\n10.0.0.8:5000 dice:b')],
  ],
  'two spaces before dice': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:5000  dice: b\n'],
    [message(ANA, 'a\n10.0.0.8:5000  dice: b')],
  ],
  'DICE in capitals': [
    ['10.0.0.7:4000 dice: a\n10.0.0.8:5000 DICE: b\n'],
    [message(ANA, 'a\n10.0.0.8:5000 DICE: b')],
  ],
  'dice alone': [
    ['10.0.0.7:4000 dice: Ana dice: hola\n dice: b\n'],
    [message(ANA, 'Ana dice: hola\n dice: b')],
  ],
  'brackets around no IPv6': [
    ['10.0.0.7:4000 dice: a\n[1:2:3]:5000 dice: b\n'],
    [message(ANA, 'a\n[1:2:3]:5000 dice: b')],
  ],
  'a bare IPv6 in the middle of a line, in a room of IPv4': [
    ['10.0.0.7:4000 dice: prueba ::1:5000 dice: algo\n'],
    [message(ANA, 'prueba ::1:5000 dice: algo')],
  ],
  'a header that never ends': [
    ['10.0.0.7:4000 dice: hola\n10.0.0.8:5000 di'],
    [message(ANA, 'hola\n10.0.0.8:5000 di')],
  ],
  'words before any header': [
    ['Bienvenido\nHay 10\n', '10.0.0.7:4000 dice: hola\n'],
    [privateText('Bienvenido\nHay 10'), message(ANA, 'hola')],
  ],
  'words alone': [
    ['Recibido: hola\n', 'Recibido: 10'],
    [privateText('Recibido: hola'), privateText('\nRecibido: 10')],
  ],
  nothing: [[], []],
  'line ends alone': [['\r\n\n'], []],
};

describe('dice parser, however the network cuts the bytes, parses', () => {
  for (const [what, [chunks, heard]] of Object.entries(ROWS)) {
    test(what, () => {
      assert.deepEqual(parse(chunks), heard);
      const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
      const messages = joined(heard);
      assert.deepEqual(joined(parse([bytes])), messages, 'whole');
      assert.deepEqual(joined(parse(byteByByte(bytes))), messages, 'byte by byte');
      for (let at = 1; at < bytes.length; at++) {
        assert.deepEqual(joined(parse(cutAt(bytes, [at]))), messages, `cut at ${at}`);
      }
    });
  }
});

test('dice parser emits 64 KiB without a newline as they come, and loses none', () => {
  const text = '10.0.0.7 ñ '.repeat(5461);
  const bytes = Buffer.from(`10.0.0.7:4000 dice: ${text}10.0.0.8:5000 dice: hola\n`);
  const whole = [
    { from: ANA, text },
    { from: LUIS, text: 'hola' },
  ];
  for (const size of [1, 7, 1024, 65_536]) {
    const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => index * size);
    assert.deepEqual(joined(parse(cutAt(bytes, cuts))), whole, `in parts of ${size}`);
  }
  const parser = new DiceParser();
  push(parser, '10.0.0.7:4000 dice: ');
  for (let kib = 0; kib < 64; kib++) {
    const [given] = push(parser, `${'x'.repeat(1024)} 10.0.0.8`);
    assert.ok(given && given.text.length >= 1024, 'no more than what may be a header is kept back');
  }
});

describe('dice parser after a pause', () => {
  test('emits digits at the end of a message, which it held until then', () => {
    const parser = new DiceParser();
    assert.deepEqual(push(parser, '10.0.0.7:4000 dice: son las 10'), []);
    assert.equal(parser.isHolding, true);
    assert.deepEqual(parser.flush(), [message(ANA, 'son las 10')]);
    assert.equal(parser.isHolding, false);
    assert.deepEqual(parser.flush(), []);
    assert.deepEqual(push(parser, ' y media\n'), [continuation(' y media')]);
  });

  test('emits no line end before the next bytes', () => {
    const parser = new DiceParser();
    assert.deepEqual(push(parser, '10.0.0.7:4000 dice: hola\r\n'), [message(ANA, 'hola')]);
    assert.equal(parser.isHolding, false);
    assert.deepEqual(parser.flush(), []);
    assert.deepEqual(push(parser, 'adiós'), [continuation('\nadiós')]);
  });

  test('recognizes the rest of a header, wherever the pause was', () => {
    const bytes = '10.0.0.7:4000 dice: hola\n10.0.0.8:5000 dice: buenas';
    const second = bytes.indexOf(LUIS);
    for (let at = second; at < second + header(LUIS).length; at++) {
      const parser = new DiceParser();
      const heard = [
        ...push(parser, bytes.slice(0, at)),
        ...parser.flush(),
        ...push(parser, bytes.slice(at)),
      ];
      assert.deepEqual(heard.at(-1), message(LUIS, 'buenas'), `a pause at ${at}`);
      // Text that was shown can't be withdrawn, and none of it comes twice.
      const shown = at === second ? 'hola' : `hola\n${bytes.slice(second, at)}`;
      assert.deepEqual(joined(heard)[0], { from: ANA, text: shown });
    }
  });

  test('begins a header at the pause, although digits precede it', () => {
    const parser = new DiceParser();
    push(parser, '10.0.0.7:4000 dice: son 1');
    assert.deepEqual(parser.flush(), [message(ANA, 'son 1')]);
    assert.deepEqual(push(parser, '10.0.0.8:5000 dice: ah\n'), [message(LUIS, 'ah')]);
  });

  test('begins a header at the pause, despite digits before it, if its address is known', () => {
    const parser = new DiceParser();
    push(parser, '10.0.0.8:5000 dice: hola\n10.0.0.7:4000 dice: uno, y\n2');
    parser.flush();
    assert.deepEqual(push(parser, '10.0.0.8:5000 dice: ah\n'), [message(LUIS, 'ah')]);
  });

  test('parses a header at the beginning of a line whole, although its end is known', () => {
    const parser = new DiceParser();
    push(parser, '10.0.0.8:5000 dice: hola\n');
    assert.deepEqual(push(parser, '110.0.0.8:5000 dice: hola\n'), [message('110.0.0.8:5000', 'hola')]);
  });

  test('prefers a known address to one after the pause', () => {
    const parser = new DiceParser();
    push(parser, '110.0.0.8:5000 dice: hola\n10.0.0.7:4000 dice: ah\n1');
    parser.flush();
    assert.deepEqual(push(parser, '10.0.0.8:5000 dice: sí\n').at(-1), message('110.0.0.8:5000', 'sí'));
  });

  test('separates messages that come one by one, whatever they end in', () => {
    fc.assert(
      fc.property(fc.array(spoken({ pauses: true }), { maxLength: 6 }), (said) => {
        const parser = new DiceParser();
        const heard: RoomText[] = [];
        for (const each of said) heard.push(...parser.push(wire([each])), ...parser.flush());
        assert.deepEqual(joined([...heard, ...parser.end()]), expected(said));
      }),
    );
  });
});

interface Spoken {
  from: string;
  text: string;
  end: '' | '\n' | '\r\n';
}

/** Addresses of which none ends another, so that digits before them are no riddle. */
const address = fc.oneof(
  fc
    .tuple(fc.constantFrom(10, 127, 192, 203), fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }), port())
    .map(([first, rest, port]) => formatAddress([first, ...rest].join('.'), port)),
  // As servers write it: in its one canonical spelling.
  fc.tuple(fc.ipV6(), port()).map(([ip, port]) => formatAddress(canonicalIp(ip) ?? '', port)),
);

function port(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 65_535 });
}

const scrap = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    'hola',
    'ñandú',
    '日本語',
    'مرحبا',
    '👩‍👩‍👧',
    '🇪🇸',
    '1',
    '42',
    '10.0.0.7:4000',
    ' dice: ',
    '[::1]',
    '::1',
    '\n',
  ),
);

/** A message as a person may write it: no line ends where they are nobody's, no header. */
function spoken({ pauses }: { pauses: boolean }): fc.Arbitrary<Spoken> {
  const text = fc
    .array(scrap, { minLength: 1, maxLength: 8 })
    .map((scraps) => scraps.join('').replace(/\r\n?/g, '\n').replace(/\n+$/, ''))
    .filter((text) => text !== '' && !/\d dice: /.test(text));
  const end = fc.constantFrom<Spoken['end'][]>('', '\n', '\r\n');
  return fc
    .record({ from: address, text, end })
    .filter(({ text, end }) => end !== '' || !(/\n[\da-f:.]+$/i.test(text) || (!pauses && /\d$/.test(text))));
}

function wire(said: Spoken[]): Buffer {
  return Buffer.from(said.map(({ from, text, end }) => `${header(from)}${text}${end}`).join(''));
}

function expected(said: Spoken[]): { from: string; text: string }[] {
  return said.map(({ from, text }) => ({ from, text }));
}

test('dice parser: speakers and texts do not depend on where the network cuts', () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(spoken({ pauses: false }), { maxLength: 6 }), cuts, (said, cuts) => {
      const bytes = wire(said);
      assert.deepEqual(joined(parse(cutAt(bytes, cuts))), expected(said));
      assert.deepEqual(joined(parse(byteByByte(bytes))), expected(said));
    }),
    { numRuns: 300 },
  );
});

/** What a room might be made to say to confuse a parser. */
const hostile = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '1',
      '25',
      '0',
      '999',
      '.',
      ':',
      '::',
      '[',
      ']',
      '%eth0',
      'a',
      ' dice: ',
      ' dice',
      '\n',
      '\r',
      '10.0.0.7:4000',
      '10.0.0.7:4000 dice: ',
      '\n::1:4000 dice: ',
      '[::1]:80 dice: ',
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
);

test('dice parser loses and repeats nothing of random bytes, wherever they are cut', () => {
  const cuts = fc.array(fc.nat(120), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 25 }), cuts, (parts, cuts) => {
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
      const messages = joined(parse(cutAt(bytes, cuts)));
      assert.deepEqual(messages, joined(parse([bytes])));
      let untold = unadorned(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
      for (const { from, text } of messages) {
        if (from !== '') untold = withoutHeader(untold, from);
        assert.ok(
          untold.startsWith(unadorned(text)),
          `${JSON.stringify(text)} begins ${JSON.stringify(untold)}`,
        );
        untold = untold.slice(unadorned(text).length);
      }
      assert.ok(untold === '' || findHeaderLike(untold) >= 0, 'at most a header without words is not told');
    }),
    { numRuns: 1_000 },
  );
});

/** Without what a parser may take away or add: line ends around messages, brackets around addresses. */
function unadorned(text: string): string {
  return text.replace(/[\r\n[\]]/g, '');
}

/** A header names the same address, in this spelling or another. */
function withoutHeader(text: string, from: string): string {
  const says = text.indexOf(HEADER_SUFFIX);
  assert.deepEqual(ends(text.slice(0, says)), ends(unadorned(from)));
  return text.slice(says + HEADER_SUFFIX.length);
}

function ends(address: string): [ip: string | undefined, port: string] {
  const colon = address.lastIndexOf(':');
  return [canonicalIp(address.slice(0, colon)), address.slice(colon + 1)];
}
