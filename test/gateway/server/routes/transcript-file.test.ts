import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TimeSlices } from '../../../../gateway/lib/time-slices.ts';
import type { Entry } from '../../../../gateway/protocol.ts';
import {
  asJsonLines,
  asMessages,
  asText,
  EVERYTHING,
} from '../../../../gateway/server/routes/transcript-file.ts';
import { SqliteStore } from '../../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../../gateway/transcript/transcript.ts';
import { KEEP_ALL } from '../../../helpers/transcript.ts';

const ANA = '10.0.0.7:4000';
const LUIS = '10.0.0.8:4000';

function open(t: TestContext): Transcript {
  const dir = mkdtempSync(join(tmpdir(), 'transcript-'));
  const archive = new SqliteStore({ dir, retention: { ...KEEP_ALL, maxAgeMs: Number.MAX_SAFE_INTEGER } });
  const ring = { maxEntries: 5, maxBytes: 64 * 1024 };
  const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => {} };
  const transcript = new Transcript(archive, ring, events);
  t.after(() => {
    transcript.close();
    rmSync(dir, { recursive: true });
  });
  return transcript;
}

function append(transcript: Transcript, from: string, text: string, more: Partial<Entry> = {}): number {
  return transcript.append({ at: 0, from, text, ...more });
}

async function textOf(transcript: Transcript): Promise<string[]> {
  let text = '';
  for await (const part of asText(transcript, new TimeSlices())) text += part;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace('1970-01-01T00:00:00.000Z ', ''));
}

test('the text file holds a long message as one line, whoever spoke in between', async (t) => {
  const transcript = open(t);
  const root = append(transcript, ANA, 'una pa');
  append(transcript, LUIS, 'hola');
  append(transcript, ANA, 'labra ', { continues: root });
  append(transcript, LUIS, 'adiós');
  append(transcript, ANA, 'larga', { continues: root });
  assert.deepEqual(await textOf(transcript), [
    `${ANA} dice: una palabra larga`,
    `${LUIS} dice: hola`,
    `${LUIS} dice: adiós`,
  ]);
});

test('the text file joins a message of more pieces than one slice of work reads', async (t) => {
  const transcript = open(t);
  const root = append(transcript, ANA, '0');
  for (let piece = 1; piece < 250; piece++) append(transcript, ANA, `-${piece}`, { continues: root });
  append(transcript, LUIS, 'fin');
  const whole = Array.from({ length: 250 }, (_, piece) => piece).join('-');
  assert.deepEqual(await textOf(transcript), [`${ANA} dice: ${whole}`, `${LUIS} dice: fin`]);
});

test('the text file joins the pieces of messages that begin together, whatever their number', async (t) => {
  const transcript = open(t);
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  const roots = numbers.map((number) => append(transcript, ANA, `${number}:`));
  for (const number of numbers)
    for (let piece = 0; piece < number; piece++)
      append(transcript, ANA, '-', { continues: roots[number] as number });
  assert.deepEqual(
    await textOf(transcript),
    numbers.map((number) => `${ANA} dice: ${number}:${'-'.repeat(number)}`),
  );
});

test('a file that waits for its next slice keeps no entry, whose garbage would be costly', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const transcript = open(t);
  for (let message = 0; message < 100; message++) append(transcript, ANA, 'hola');
  let written: WeakRef<Entry>[] = [];
  const begin = (root: Entry): string => {
    written.push(new WeakRef(root));
    return root.text;
  };
  const keptAtEachWait: number[] = [];
  const next = async (): Promise<void> => {
    // A WeakRef keeps its object until the next turn of the event loop.
    await nextTurn();
    // The first call may only end a collection that has begun before, and it keeps what is newer.
    collect();
    collect();
    keptAtEachWait.push(written.filter((entry) => entry.deref() !== undefined).length);
    written = [];
  };
  let text = '';
  const writer = { begin, add: () => '', end: () => '' };
  for await (const part of asMessages(transcript, { next }, EVERYTHING, writer)) text += part;
  assert.equal(text, 'hola'.repeat(100));
  assert.deepEqual(keptAtEachWait, [0, 0, 0, 0, 0]);
});

test('the text file marks forged lines before their address, and joins them to nothing', async (t) => {
  const transcript = open(t);
  const root = append(transcript, ANA, 'mío');
  append(transcript, ANA, 'falso', { forged: true });
  append(transcript, ANA, 'falso también', { forged: true, continues: root });
  assert.deepEqual(await textOf(transcript), [
    `${ANA} dice: mío`,
    `FORGED ${ANA} dice: falso`,
    `FORGED ${ANA} dice: falso también`,
  ]);
});

test('the text file begins each line of a message of several lines with its speaker', async (t) => {
  const transcript = open(t);
  const root = append(transcript, ANA, 'uno\nd');
  append(transcript, ANA, 'os\ntres', { continues: root });
  assert.deepEqual(await textOf(transcript), [`${ANA} dice: uno`, `${ANA} dice: dos`, `${ANA} dice: tres`]);
});

test('the file of JSON lines holds each entry as the log does', async (t) => {
  const transcript = open(t);
  const root = append(transcript, ANA, 'una pa');
  append(transcript, ANA, 'labra', { continues: root });
  const seqs: number[] = [];
  for await (const part of asJsonLines(transcript, new TimeSlices())) {
    for (const line of String(part).trimEnd().split('\n')) seqs.push((JSON.parse(line) as Entry).seq);
  }
  assert.deepEqual(seqs, [1, 2]);
});
