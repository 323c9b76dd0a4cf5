import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SEEN_PART_BYTES, type SeenPart } from '../../../../gateway/protocol.ts';
import { mannerOf } from '../../../../gateway/upstream/formats/room-settings.ts';
import type { OwnVoices } from '../../../../gateway/upstream/formats/room-text.ts';
import {
  GATHERED_PARTS_MAX,
  SLICE_DATA_BYTES,
  SLICE_PARTS_MAX,
  SLICE_READS_MAX,
  WRITES_MAX,
} from '../../../../gateway/upstream/tap/slice-builder.ts';
import { NOTED_BYTES, NOTES_MAX, WireObserver } from '../../../../gateway/upstream/tap/wire-observer.ts';

const NOBODY: OwnVoices = { isOwn: () => false, inFlight: () => [] };
const ANA = '127.0.0.1:4000 dice: ';
const LUIS = '10.0.0.7:51000 dice: ';

/** The ear's parser with an observer, and an entry for each text. */
class ObservedEar {
  readonly observer: WireObserver;
  clock = 0;
  seq = 0;
  news = 0;
  readonly #parser;

  constructor(format = 'dice') {
    const manner = mannerOf({ ROOM_FORMAT: format });
    this.#parser = manner.newEarParser(NOBODY);
    this.observer = new WireObserver(
      manner,
      () => this.news++,
      () => this.clock,
    );
  }

  read(bytes: string | Buffer): void {
    this.observer.onRead(Buffer.from(bytes));
    this.#record(this.#parser.push(Buffer.from(bytes)));
  }

  flush(): void {
    this.#record(this.#parser.flush());
  }

  take(): { reads: number[]; parts: SeenPart[] } {
    const { reads, parts } = this.observer.take().encode(() => false);
    return { reads: reads.map(({ bytes }) => bytes), parts };
  }

  #record(texts: ReturnType<WireEarParser['push']>): void {
    for (const text of texts) {
      this.observer.onText(text);
      if (text.text === '' || text.kind === 'private') continue;
      this.seq++;
      this.observer.onEntry(text.text, this.seq, this.seq);
    }
  }
}

type WireEarParser = ReturnType<ReturnType<typeof mannerOf>['newEarParser']>;

/** Header, text and line ends of each part, as text. */
function wordsOf(parts: SeenPart[]): string[][] {
  return parts.map(({ data, header, text, ends }) => {
    const bytes = Buffer.from(data, 'base64');
    assert.equal(bytes.length, header + text + ends);
    return [
      bytes.subarray(0, header),
      bytes.subarray(header, header + text),
      bytes.subarray(header + text),
    ].map(String);
  });
}

test('observer finds header, text and line ends of each message', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}hola\n${LUIS}qué tal\r\n${ANA}sin salto${LUIS}otro\n`);
  assert.deepEqual(wordsOf(ear.take().parts), [
    [ANA, 'hola', '\n'],
    [LUIS, 'qué tal', '\r\n'],
    [ANA, 'sin salto', ''],
    [LUIS, 'otro', '\n'],
  ]);
});

test('observer finds a message whose text is also in its header', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}dice\n${ANA}e\n${ANA}4000 dice\n`);
  assert.deepEqual(wordsOf(ear.take().parts), [
    [ANA, 'dice', '\n'],
    [ANA, 'e', '\n'],
    [ANA, '4000 dice', '\n'],
  ]);
});

test('observer finds a header whose first half was taken for text', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}voy a 10.0.0.7:51`);
  ear.flush();
  ear.read(`000 dice: hola\n`);
  const [first, second] = ear.take().parts;
  assert.equal(first?.text, Buffer.byteLength('voy a 10.0.0.7:51'));
  assert.deepEqual([second?.header, second?.text, second?.ends], [LUIS.length, 4, 1]);
});

test('observer sends a part again when its line end comes later', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}hola`);
  assert.deepEqual(wordsOf(ear.take().parts), [[ANA, 'hola', '']]);
  ear.read('\n');
  const { parts, reads } = ear.take();
  assert.deepEqual(wordsOf(parts), [[ANA, 'hola', '\n']]);
  assert.deepEqual([parts[0]?.offset, reads], [0, [1]]);
});

test('observer counts invalid bytes as they are, also in halves', () => {
  const ear = new ObservedEar();
  const bytes = Buffer.concat([
    Buffer.from(ANA),
    Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0xc3]),
    Buffer.from(`\n${LUIS}\ufffd y ñ\n`),
  ]);
  ear.read(bytes.subarray(0, ANA.length + 4));
  ear.read(bytes.subarray(ANA.length + 4));
  const all = ear.take().parts.map(({ data }) => Buffer.from(data, 'base64'));
  assert.deepEqual(Buffer.concat(all), bytes);
});

test('observer cuts a text of several lines into entries where the recorder does', () => {
  const observer = new WireObserver(mannerOf({ ROOM_FORMAT: 'dice' }), () => {});
  observer.onRead(Buffer.from(`${ANA}m1\nm2\n\nm3\n`));
  observer.onText({ kind: 'message', from: ANA, text: 'm1\nm2\n\nm3' });
  for (const [index, line] of ['m1', 'm2', 'm3'].entries()) observer.onEntry(line, index + 1, index + 1);
  const { parts } = observer.take().encode(() => false);
  assert.deepEqual(wordsOf(parts), [
    [ANA, 'm1', '\n'],
    ['', 'm2', '\n\n'],
    ['', 'm3', '\n'],
  ]);
});

test('parts cover each byte once, wherever reads are cut', () => {
  const words = [
    'hola',
    'ñandú €🙂',
    'son las 10',
    'dice: ',
    '127.0.0.1',
    '\u0001x',
    'a\r\nb',
    'x'.repeat(300),
  ];
  const random = randomOf(7);
  for (let round = 0; round < 200; round++) {
    const stream = Buffer.from(
      Array.from({ length: 6 }, () => {
        const end = ['\n', '\r\n', ''][Math.floor(random() * 3)];
        return `${random() < 0.5 ? ANA : LUIS}${words[Math.floor(random() * words.length)]}${end}`;
      }).join(''),
    );
    const ear = new ObservedEar();
    for (let at = 0; at < stream.length; ) {
      const length = 1 + Math.floor(random() * 40);
      ear.read(stream.subarray(at, at + length));
      at += length;
      if (random() < 0.2) ear.flush();
    }
    ear.flush();
    const parts = new Map(ear.take().parts.map((part) => [part.offset, part]));
    const bytes = Buffer.alloc(stream.length);
    for (const { offset, data } of parts.values()) Buffer.from(data, 'base64').copy(bytes, offset);
    assert.equal(bytes.toString(), stream.toString(), `round ${round}`);
  }
});

test('observer finds lines of rooms with templates', () => {
  const ear = new ObservedEar('[{address}] {text}');
  ear.read('[10.0.0.7:51000] hola\r\n[10.0.0.7:51000] 0] hola\n');
  assert.deepEqual(wordsOf(ear.take().parts), [
    ['[10.0.0.7:51000] ', 'hola', '\r\n'],
    ['[10.0.0.7:51000] ', '0] hola', '\n'],
  ]);
});

test('observer begins in the middle of a message with the next header', () => {
  const ear = new ObservedEar();
  ear.observer.onRead(Buffer.from(`ad de un mensaje\n${ANA}hola\n`));
  ear.observer.onText({ kind: 'continuation', text: 'la mitad de un mensaje' });
  ear.observer.onEntry('la mitad de un mensaje', 1, 1);
  ear.observer.onText({ kind: 'message', from: '127.0.0.1:4000', text: 'hola' });
  ear.observer.onEntry('hola', 2, 2);
  assert.deepEqual(
    ear.take().parts.map(({ seq, header, text, ends }) => [seq, header, text, ends]),
    [[2, ANA.length, 4, 1]],
  );
});

test('observer measures from the write of a voice to the end of its echo', () => {
  const ear = new ObservedEar();
  ear.clock = 10;
  ear.observer.onWrite('session', 'hola', 5);
  ear.clock = 12.5;
  ear.read(`${ANA}hola\n`);
  ear.observer.onEcho('session', 'hola');
  ear.observer.onEcho('session', 'hola');
  assert.deepEqual(ear.take().parts[0]?.written, { bytes: 5, ms: 2.5 });
});

test('observer keeps the newest writes alone', () => {
  const ear = new ObservedEar();
  for (let n = 0; n <= WRITES_MAX; n++) ear.observer.onWrite('session', `${n}`, 1);
  for (const text of ['0', '1']) {
    ear.read(`${ANA}${text}\n`);
    ear.observer.onEcho('session', text);
  }
  assert.deepEqual(
    ear.take().parts.map(({ written }) => written?.bytes),
    [undefined, 1],
  );
});

test('slice holds so many reads and parts, and the next begins anew', () => {
  const ear = new ObservedEar();
  for (let n = 0; n <= SLICE_READS_MAX; n++) ear.read(`${ANA}${n}\n`);
  const { reads, parts } = ear.take();
  assert.deepEqual([reads.length, parts.length], [SLICE_READS_MAX, SLICE_PARTS_MAX]);
  ear.read(`${ANA}otra\n`);
  assert.deepEqual(wordsOf(ear.take().parts), [[ANA, 'otra', '\n']]);
});

test('slice holds so many parts of one read', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}x\n`.repeat(SLICE_PARTS_MAX + 1));
  assert.equal(ear.take().parts.length, SLICE_PARTS_MAX);
});

test('slice holds so many bytes, and each part so many', () => {
  const ear = new ObservedEar();
  const long = 'x'.repeat(SEEN_PART_BYTES);
  const fit = SLICE_DATA_BYTES / SEEN_PART_BYTES;
  for (let n = 0; n <= fit; n++) ear.read(`${ANA}${long}\n`);
  const lengths = ear.take().parts.map(({ data, text }) => [Buffer.from(data, 'base64').length, text]);
  assert.deepEqual(lengths.slice(-2), [
    [SEEN_PART_BYTES, SEEN_PART_BYTES],
    [0, SEEN_PART_BYTES],
  ]);
});

test('observer keeps the newest gathered parts alone, and numbers them later', () => {
  const ear = new ObservedEar();
  const { observer } = ear;
  for (let n = 0; n <= GATHERED_PARTS_MAX; n++) {
    observer.onRead(Buffer.from(`${ANA}${n}\n`));
    observer.onText({ kind: 'message', from: '127.0.0.1:4000', text: `${n}` });
    observer.onGathered(`${n}`, 'ana');
    assert.equal(observer.take().encode(() => false).parts.length, 0);
  }
  observer.onGatheredEntry('luis', 4, 4);
  observer.onGatheredEntry('ana', 5, 5);
  const { parts } = ear.take();
  assert.equal(parts.length, GATHERED_PARTS_MAX);
  assert.deepEqual(wordsOf(parts.slice(0, 1)), [[ANA, '1', '\n']]);
  assert.equal(parts[0]?.seq, 5);
});

test('observer keeps bytes in order beyond its limits of notes and of bytes', () => {
  const ear = new ObservedEar();
  const long = 'x'.repeat(NOTED_BYTES);
  for (let n = 0; n < NOTES_MAX; n++) ear.observer.onWrite('session', `${n}`, 1);
  for (const line of ['uno', long, 'dos']) ear.read(`${ANA}${line}\n`);
  const { parts, reads } = ear.take();
  assert.deepEqual(wordsOf(parts.slice(-1)), [[ANA, 'dos', '\n']]);
  assert.deepEqual(
    reads,
    ['uno', long, 'dos'].map((line) => ANA.length + line.length + 1),
  );
});

test('slice leaves out the bytes of hidden messages', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}secreto\n${ANA}hola\n`);
  const { parts } = ear.observer.take().encode((root) => root === 1);
  assert.deepEqual(
    parts.map(({ data }) => Buffer.from(data, 'base64').toString()),
    ['', `${ANA}hola\n`],
  );
});

test('observer marks the first read of another connection', () => {
  const ear = new ObservedEar();
  ear.read(`${ANA}uno\n`);
  ear.observer.onEarOpen();
  ear.read(`${ANA}dos\n`);
  ear.read(`${ANA}tres\n`);
  const { reads } = ear.observer.take().encode(() => false);
  assert.deepEqual(
    reads.map(({ first }) => first),
    [true, true, undefined],
  );
});

/** A generator of pseudo-random numbers from 0 to 1, so that a failure can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
