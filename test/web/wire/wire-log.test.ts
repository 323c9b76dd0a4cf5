import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seen, SeenPart, SeenRead } from '../../../gateway/protocol.ts';
import { PARTS_MAX, READS_MAX, WireLog } from '../../../web/wire/wire-log.ts';

const HEADER = '127.0.0.1:4000 dice: ';

function part(seq: number, offset: number, text: string, ends = '\n', root = seq): SeenPart {
  const header = root === seq ? HEADER : '';
  const data = Buffer.from(header + text + ends);
  return {
    seq,
    root,
    offset,
    header: header.length,
    text: Buffer.byteLength(text),
    ends: ends.length,
    data: data.toString('base64'),
  };
}

/** Reads that begin at these offsets, 5 ms apart. */
function reads(offsets: number[], end: number, first = 0): SeenRead[] {
  return offsets.map((offset, index) => ({
    offset,
    bytes: (offsets[index + 1] ?? end) - offset,
    at: 5 * (first + index),
  }));
}

function seen(content: Partial<Seen>): Seen {
  return { epoch: 'log', reads: [], parts: [], ...content };
}

test('messages of one read are glued, and the read has a slice of each', () => {
  const log = new WireLog();
  const length = HEADER.length + 4;
  const parts = ['uno', 'dos', 'mil'].map((text, index) => part(index + 1, index * length, text));
  log.add(seen({ reads: reads([0], 3 * length), parts }));
  assert.deepEqual(
    [1, 2, 3].map((seq) => log.partsOf(seq).map(({ glued, reads, cuts }) => [glued, reads, cuts.length])),
    [[[2, 1, 0]], [[2, 1, 0]], [[2, 1, 0]]],
  );
  assert.deepEqual(
    log.reads.map(({ slices }) => slices),
    [[1, 2, 3].map((root) => ({ root, bytes: length }))],
  );
});

test('part knows where reads cut it, and for how long', () => {
  const log = new WireLog();
  const whole = part(1, 0, 'aña');
  const cuts = [5, HEADER.length + 2, HEADER.length + 3, HEADER.length + 4];
  log.add(seen({ reads: reads([0, ...cuts], HEADER.length + 5), parts: [whole] }));
  assert.deepEqual(log.partsOf(1)[0]?.cuts, [
    { at: 5, ms: 5, inside: 'header' },
    { at: HEADER.length + 2, ms: 5, inside: 'character' },
    { at: HEADER.length + 3, ms: 5, inside: 'text' },
    { at: HEADER.length + 4, ms: 5, inside: 'ends' },
  ]);
});

test('read that begins with a continuation cuts the message there', () => {
  const log = new WireLog();
  const end = HEADER.length + 4;
  log.add(seen({ reads: reads([0], end), parts: [part(1, 0, 'hola', '')] }));
  log.add(seen({ reads: reads([end], end + 4, 1), parts: [part(2, end, 'mar', '\n', 1)] }));
  assert.deepEqual(
    [1, 2].map((seq) => log.partsOf(seq)[0]?.cuts),
    [[], [{ at: 0, ms: 5, inside: 'text' }]],
  );
});

test('message without a line end runs on into the next, also of a later slice', () => {
  const log = new WireLog();
  const length = HEADER.length + 4;
  log.add(seen({ reads: reads([0], length), parts: [part(1, 0, 'hola', '')] }));
  assert.equal(log.partsOf(1)[0]?.runsOn, false);
  log.add(seen({ reads: reads([length], 2 * length), parts: [part(2, length, 'mar')] }));
  assert.deepEqual(
    [1, 2].map((seq) => log.partsOf(seq)[0]?.runsOn),
    [true, false],
  );
});

test('part that is sent again replaces the first, and the read keeps its slices', () => {
  const log = new WireLog();
  const length = HEADER.length + 4;
  log.add(seen({ reads: reads([0], length), parts: [part(1, 0, 'hola', '')] }));
  log.add(seen({ reads: reads([length], length + 1, 1), parts: [part(1, 0, 'hola')] }));
  assert.deepEqual(
    log.partsOf(1).map(({ ends, reads, cuts }) => [ends, reads, cuts[0]?.inside]),
    [[1, 2, 'ends']],
  );
  assert.deepEqual(
    log.reads.map(({ slices }) => slices),
    [[{ root: 1, bytes: length }], [{ root: 1, bytes: 1 }]],
  );
});

test('header that was found late ends the part before it', () => {
  const log = new WireLog();
  const end = HEADER.length + 4;
  const early = part(1, 0, `hola${HEADER.slice(0, 6)}`, '');
  log.add(seen({ reads: reads([0], end + 6), parts: [early] }));
  log.add(seen({ reads: reads([end + 6], end + HEADER.length + 4, 1), parts: [part(2, end, 'mar')] }));
  assert.deepEqual(
    [1, 2].map((seq) => Buffer.from(log.partsOf(seq)[0]?.bytes ?? []).toString()),
    [`${HEADER}hola`, `${HEADER}mar\n`],
  );
  assert.equal(log.partsOf(2)[0]?.cuts[0]?.inside, 'header');
});

test('parts of a message in one read share it', () => {
  const log = new WireLog();
  const first = part(1, 0, 'uno');
  const second = part(2, HEADER.length + 4, 'dos', '\n', 1);
  log.add(seen({ reads: reads([0], HEADER.length + 8), parts: [first, second] }));
  assert.deepEqual(
    [1, 2].map((seq) => log.partsOf(seq)[0]?.isSameRead),
    [false, true],
  );
  assert.equal(log.partsOf(1)[0]?.glued, 0);
});

test('reads that were left out show as a loss without a time', () => {
  const log = new WireLog();
  log.add(seen({ reads: reads([0], 10) }));
  log.add(seen({ reads: reads([40], 50, 9) }));
  assert.deepEqual(
    log.reads.map(({ gap, isAfterLoss, slices }) => [gap, isAfterLoss, slices]),
    [
      [undefined, false, [{ root: 0, bytes: 10 }]],
      [undefined, true, [{ root: 0, bytes: 10 }]],
    ],
  );
});

test('log keeps the newest parts and reads alone', () => {
  const log = new WireLog();
  const length = HEADER.length + 2;
  for (let seq = 1; seq <= PARTS_MAX + 1; seq++) {
    const offset = (seq - 1) * length;
    log.add(seen({ reads: reads([offset], offset + length, seq), parts: [part(seq, offset, 'x')] }));
  }
  assert.equal(log.reads.length, READS_MAX);
  assert.deepEqual(
    [1, 2, PARTS_MAX + 1].map((seq) => log.partsOf(seq).length),
    [0, 1, 1],
  );
});

test('hidden message loses its bytes, and another log all parts', () => {
  const log = new WireLog();
  log.add(seen({ parts: [part(1, 0, 'secreto'), part(2, 40, 'más', '\n', 1), part(3, 80, 'hola')] }));
  log.hide([1]);
  const lengths = () => [1, 2, 3].map((seq) => log.partsOf(seq)[0]?.bytes.length);
  assert.deepEqual(lengths(), [0, 0, HEADER.length + 5]);
  log.add(seen({ epoch: 'another' }));
  assert.deepEqual(lengths(), [undefined, undefined, undefined]);
});

test('another connection begins new reads, and keeps the parts of messages', () => {
  const log = new WireLog();
  log.add(seen({ reads: reads([0], 30), parts: [part(1, 0, 'hola')], connections: [] }));
  log.restart();
  assert.deepEqual([log.reads, log.connections, log.partsOf(1).length], [[], undefined, 1]);
});
