import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charactersOf, HeardText, textAfter } from '../../gateway/cluster/heard-text.ts';
import { decodeRecord, encodeRecord, type SharedRecord } from '../../gateway/cluster/records.ts';
import { Simulation } from './simulation.ts';

/** Schedules of some ms each. `npm run fuzz -- shared` runs a million. */
const SCHEDULES = 300;

/** A gateway is stopped between a batch and the text of its ear, while the other one dies. */
const STOPPED_BEHIND = 501_129;

test('shared log has the text of the room, once and in order, through 300 schedules of faults', () => {
  for (const seed of [...Array(SCHEDULES).keys(), STOPPED_BEHIND]) {
    try {
      new Simulation(seed).run();
    } catch (cause) {
      throw new Error(`schedule ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
});

test('record of the shared log is the same after encoding and decoding', () => {
  const base = { by: 'g1', epoch: 'e', at: 1_700_000_000_000 };
  const mark = { characters: 7, hash: '0123456789abcdef', tail: 'ñandú🙂 "dice:"' };
  const records: SharedRecord[] = [
    { kind: 'genesis', ...base, head: 1_012, kept: 12 },
    { kind: 'alive', ...base },
    {
      kind: 'batch',
      ...base,
      first: 13,
      entries: ['{"seq":13}', '{"text":"a\\nb"}'],
      mark,
      isAfterGap: true,
    },
    { kind: 'batch', ...base, first: 15, entries: [], mark, isAfterGap: false },
  ];
  for (const record of records) assert.deepEqual(decodeRecord(encodeRecord(record)), record);
});

test('record of an unknown format is not decoded', () => {
  const { headers, body } = encodeRecord({ kind: 'alive', by: 'g1', epoch: 'e', at: 1 });
  assert.equal(decodeRecord({ headers: { ...headers, Format: '99' }, body }), undefined);
});

test('heard text is cut at characters, wherever the lines end', () => {
  const heard = new HeardText<string>();
  heard.push('uno', 'uno', 0);
  heard.push('dos', 'dos', 0);
  heard.drop(4);
  assert.equal(heard.characters, 'os');
  assert.equal(heard.first(1), 'o');
  assert.deepEqual(
    heard.pieces.map(({ line, logged }) => [line, logged]),
    [['dos', 1]],
  );
});

test('rest of a text begins behind its characters, with its white space', () => {
  assert.equal(charactersOf(' hola\r\n mundo '), 'holamundo');
  assert.equal(textAfter('hola\nmundo', 4), '\nmundo');
  assert.equal(textAfter(' a b', 1), ' b');
  assert.equal(textAfter('hola', 0), 'hola');
  assert.equal(textAfter('hola', 9), '');
});
