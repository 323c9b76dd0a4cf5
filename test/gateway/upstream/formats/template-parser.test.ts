import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type MannerError,
  mannerOf,
  type RoomSettings,
} from '../../../../gateway/upstream/formats/room-settings.ts';
import type { OwnVoices, RoomText, SentText } from '../../../../gateway/upstream/formats/room-text.ts';

const A = '127.0.0.1:4000';

function parse(format: string, chunks: string[], sent: SentText[] = []): RoomText[] {
  const own: OwnVoices = { isOwn: () => false, inFlight: () => sent };
  const parser = mannerOf({ ROOM_FORMAT: format }).newEarParser(own);
  return chunks.flatMap((chunk) => (chunk === '' ? parser.flush() : parser.push(Buffer.from(chunk))));
}

const note = (text: string): RoomText => ({ kind: 'note', text });
const named = (name: string, text: string): RoomText => ({ kind: 'message', from: '', text, name });
const addressed = (text: string, from = A): RoomText => ({ kind: 'message', from, text });

describe('template parser', () => {
  for (const [format, chunks, texts] of [
    ['{address}: {text}', [`${A}: hola\n`], [addressed('hola')]],
    ['{address}> {text}', [`${A}> hola\r\n`], [addressed('hola')]],
    ['{address}: {text}', ['[::1]:4000: hola\n'], [addressed('hola', '[::1]:4000')]],
    ['{address}: {text}', [`${A} has arrived\n`], [note(`${A} has arrived`)]],
    ['{address}: {text}', ['999.0.0.1:4000: hola\n'], [note('999.0.0.1:4000: hola')]],
    ["('{ip}', {port}): {text}", ["('127.0.0.1', 4000): hola\n"], [addressed('hola')]],
    ['<{ip}> {text}', ['<10.0.0.7> hola\n'], [named('10.0.0.7', 'hola')]],
    ['{name}: {text}', ['Ana: ¿y?: sí\n'], [named('Ana', '¿y?: sí')]],
    ['{name}: {text}', ['Ana has joined\n'], [note('Ana has joined')]],
    ['[{name}] {text}', ['[Ana] hola\n[Luis] ', 'qué\n'], [named('Ana', 'hola'), named('Luis', 'qué')]],
    ['(.*) {name}\\t{text}', ['(.*) Ana\thola\n'], [named('Ana', 'hola')]],
    ['{name}: {text}', ['Ana: a\u2028b\n'], [named('Ana', 'a\u2028b')]],
    [
      '{"n":"{name}","t":"{text}"}',
      ['{ "t": "se\\u00f1or \\"x\\"", "n": "Ana" }\n{"otro":1}\n'],
      [named('Ana', 'señor "x"')],
    ],
  ] as [string, string[], RoomText[]][]) {
    test(`${format} reads ${JSON.stringify(chunks.join('|'))}`, () => {
      assert.deepEqual(parse(format, chunks), texts);
    });
  }

  test('continues a line after a pause where newlines end lines', () => {
    assert.deepEqual(parse('{name}: {text}', ['Ana: ho', '', 'la\n', 'Luis: sí\n']), [
      named('Ana', 'ho'),
      { kind: 'continuation', text: 'la' },
      named('Luis', 'sí'),
    ]);
  });

  test('begins a message at a header after text without a newline', () => {
    assert.deepEqual(parse('<{ip}> {text}', ['Welcome', '', '<10.0.0.7> hola\n']), [
      note('Welcome'),
      named('10.0.0.7', 'hola'),
    ]);
  });

  test('ends a message by a pause with {pause}', () => {
    assert.deepEqual(parse('{name}: {text}{pause}', ['Ana: ho', '', 'Luis joined!', '', 'Eva joined!', '']), [
      named('Ana', 'ho'),
      note('Luis joined!'),
      note('Eva joined!'),
    ]);
  });

  test('separates messages of own voices without a newline between', () => {
    const sent = [
      { name: 'Ana', address: A, text: 'hola' },
      { name: 'Eva', address: A, text: 'Luis: no' },
    ];
    assert.deepEqual(
      parse('{name}: {text}{pause}', ['Luis left!Ana: holaPaco: sí', '', 'Eva: Luis: no', ''], sent),
      [note('Luis left!'), named('Ana', 'hola'), named('Paco', 'sí'), named('Eva', 'Luis: no')],
    );
  });

  test('emits a line without an end in parts', () => {
    const texts = parse('{name}: {text}', ['Ana: ', ...Array<string>(30).fill('x'.repeat(1_000))]);
    assert.ok(texts.length >= 2);
    assert.equal(texts[0]?.kind, 'message');
    assert.ok(texts.slice(1).every(({ kind }) => kind === 'continuation'));
  });
});

describe('manner refuses', () => {
  for (const [settings, setting, reason] of [
    [{ ROOM_FORMAT: 'gople' }, 'ROOM_FORMAT', /must be the name of a server, or a template/],
    [{ ROOM_FORMAT: '{nombre}: {text}' }, 'ROOM_FORMAT', /\{nombre\} is none of \{address\}, \{ip\}/],
    [{ ROOM_FORMAT: '{name}: ' }, 'ROOM_FORMAT', /has no \{text\}/],
    [{ ROOM_FORMAT: '{name}{text}' }, 'ROOM_FORMAT', /need a text between/],
    [{ ROOM_FORMAT: '{name}: {text} {text}' }, 'ROOM_FORMAT', /a field stands twice/],
    [{ ROOM_FORMAT: '{"a": "{text}"' }, 'ROOM_FORMAT', /no valid JSON/],
    [{ ROOM_FORMAT: 'dice', ROOM_LOGIN: '{nick}\\n' }, 'ROOM_LOGIN', /\{nick\} is none of \{name\}/],
    [{ ROOM_FORMAT: 'dice', ROOM_SAY: '/msg\\n' }, 'ROOM_SAY', /has no \{text\}/],
  ] as [RoomSettings, string, RegExp][]) {
    test(JSON.stringify(settings), () => {
      assert.throws(
        () => mannerOf(settings),
        (error: MannerError) => error.setting === setting && reason.test(error.message),
      );
    });
  }
});

describe('manner writes', () => {
  test('a login step by step, and a message with its end', () => {
    const manner = mannerOf({
      ROOM_FORMAT: '{name}: {text}',
      ROOM_LOGIN: 'clave\\n/nick {name}\\n',
      ROOM_SAY: '/msg {text}\\r\\n',
    });
    assert.deepEqual(manner.login?.steps('Ana'), ['clave\n', '/nick Ana\n']);
    assert.equal(manner.say('hola', 'Ana'), '/msg hola\r\n');
    assert.equal(manner.chunkMaxBytes, 1024 - '/msg \r\n'.length);
  });

  test('JSON with its escapes, in chunks that fit when all is escaped', () => {
    const manner = mannerOf({ ROOM_FORMAT: 'json-lines' });
    assert.equal(manner.say('"\\', 'Ana'), '{"type": "chat", "message": "\\"\\\\"}\n');
    assert.ok(manner.say('"'.repeat(manner.chunkMaxBytes), 'Ana').length <= 1024);
  });

  for (const [charset, text, sent] of [
    ['ascii', '¿mañana? 🙂 ß', '?manana? ? ss\n'],
    ['latin1', 'mañana 🙂', Buffer.from('mañana ?\n', 'latin1')],
    ['utf-8', 'mañana 🙂', 'mañana 🙂\n'],
  ] as const) {
    test(`text in ${charset}`, () => {
      const manner = mannerOf({ ROOM_FORMAT: 'dice', ROOM_CHARSET: charset });
      assert.deepEqual(manner.say(manner.toCharset(text), ''), sent);
    });
  }
});
