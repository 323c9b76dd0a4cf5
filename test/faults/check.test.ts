/**
 * Tests of the checker itself. It reports deliberate faults and nothing else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../gateway/protocol.ts';
import {
  checkGone,
  checkHeard,
  checkNumbers,
  checkSays,
  checkTab,
  type Finding,
  KeptLog,
  type Seen,
  TerminalCheck,
} from './check.ts';

const ANA = '127.0.0.1:40000';
const NOTHING = new Set<never>();

function line(seq: number, count: number, fields: Partial<Entry> = {}): Entry {
  return { seq, at: seq * 10, from: ANA, text: `t1 ${`${count}`.padStart(6, '0')} hola!`, ...fields };
}

function gap(seq: number, since: number, until: number): Entry {
  return { seq, at: until, from: '', text: '', gap: { since, until } };
}

const LINES = [line(1, 1), line(2, 2), line(3, 3), line(4, 4)];

function tab(entries: readonly Entry[]): Seen {
  return { name: 'p01', appended: new Map(entries.map((entry) => [entry.seq, entry])), shown: new Map() };
}

function faultsOf(findings: readonly Finding[]): string[] {
  return findings.map(({ fault }) => fault);
}

function terminalsFind(entries: readonly Entry[], saidAt = [0, 10, 20, 30, 40]): string[] {
  return faultsOf(
    new TerminalCheck().check(
      [
        { number: 1, saidAt },
        { number: 0, saidAt },
      ],
      entries,
    ),
  );
}

test('checker accepts a tab that has the log', () => {
  assert.deepEqual(checkTab(tab(LINES), new KeptLog(LINES), 0, 4, NOTHING), []);
});

test('checker reports a message that a tab lacks as lost', () => {
  const found = checkTab(tab(LINES.filter(({ seq }) => seq !== 3)), new KeptLog(LINES), 0, 4, NOTHING);
  assert.deepEqual(faultsOf(found), ['lost']);
});

test('checker reports messages that a tab took late, altered or invented', () => {
  const log = new KeptLog(LINES);
  assert.deepEqual(faultsOf(checkTab(tab([line(2, 2), line(1, 1), ...LINES.slice(2)]), log, 0, 4, NOTHING)), [
    'doubled',
  ]);
  assert.deepEqual(faultsOf(checkTab(tab([...LINES.slice(0, 3), line(4, 7)]), log, 0, 4, NOTHING)), [
    'wrong',
  ]);
  assert.deepEqual(faultsOf(checkTab(tab([...LINES, line(5, 5)]), log, 0, 5, NOTHING)), ['wrong']);
  assert.deepEqual(checkTab(tab([...LINES, line(5, 5)]), log, 0, 5, new Set([5])), []);
});

test('checker compares the messages that a tab draws with the log', () => {
  const message = { kind: 'message', key: 'entry-1', seq: 1, seqs: [1], at: 10, from: ANA } as const;
  const drawn = {
    ...message,
    nickname: undefined,
    text: 't1 000001 hola!',
    mine: false,
    forged: false,
    by: undefined,
    taken: false,
  };
  const look = (item: object) => {
    const seen = { ...tab(LINES), shown: new Map([[1, { ...drawn, ...item }]]) };
    return faultsOf(checkTab(seen, new KeptLog(LINES), 0, 4, NOTHING));
  };
  assert.deepEqual(look({}), []);
  assert.deepEqual(look({ text: 'adiós' }), ['wrong']);
  assert.deepEqual(look({ mine: true }), ['wrong']);
  assert.deepEqual(look({ from: '127.0.0.1:40001' }), ['wrong']);
  assert.deepEqual(look({ kind: 'missing', count: 1 }), ['wrong']);
});

test('checker accepts skipped numbers only before a gap, after a kill', () => {
  const jumped = [line(1, 1), gap(1002, 10, 20), line(1003, 2)];
  assert.deepEqual(checkNumbers(new KeptLog(jumped), 0, true), []);
  assert.deepEqual(faultsOf(checkNumbers(new KeptLog(jumped), 0, false)), ['unmarked hole']);
  const late = [line(1, 1), line(1002, 2), gap(1003, 10, 20)];
  assert.deepEqual(faultsOf(checkNumbers(new KeptLog(late), 0, true)), ['unmarked hole']);
});

test("checker reports a terminal's missing line that no gap covers", () => {
  assert.deepEqual(terminalsFind(LINES), []);
  assert.deepEqual(terminalsFind([line(1, 1), line(2, 3)]), ['unmarked hole']);
  assert.deepEqual(terminalsFind([line(1, 1), gap(2, 15, 25), line(3, 3)]), []);
  assert.deepEqual(terminalsFind([line(1, 1), line(2, 3), gap(3, 15, 25)]), ['unmarked hole']);
  assert.deepEqual(terminalsFind([line(1, 1), gap(2, 11, 19), line(3, 3)]), ['unmarked hole']);
  assert.deepEqual(terminalsFind([line(1, 1), line(2, 2), line(3, 2)]), ['doubled']);
});

test('checker joins a line that the room has cut', () => {
  const cut = [
    line(1, 1),
    { ...line(2, 2), text: 't1 00' },
    { ...line(3, 2), text: '0002 hola!\nt1 000003 hola!' },
  ];
  assert.deepEqual(terminalsFind(cut), []);
});

test('checker distinguishes terminals that use the same address in turn', () => {
  const other = (seq: number, count: number) =>
    line(seq, count, { text: `t0 ${`${count}`.padStart(6, '0')} hola!` });
  assert.deepEqual(terminalsFind([other(1, 1), other(2, 2), other(3, 3), line(4, 1), line(5, 2)]), []);
  assert.deepEqual(
    terminalsFind([line(1, 1), other(2, 1), { ...line(3, 2), text: 't1 00' }, line(4, 2)]),
    [],
  );
});

test('checker joins a line that continues in the next comparison', () => {
  const check = new TerminalCheck();
  const speakers = [{ number: 1, saidAt: [0, 10] }];
  assert.deepEqual(check.check(speakers, [{ ...line(1, 1), text: 't1 00' }]), []);
  assert.deepEqual(check.check(speakers, [{ ...line(2, 1), text: '0001 hola!' }, line(3, 2)]), []);
  assert.deepEqual(faultsOf(check.check(speakers, [line(4, 2)])), ['doubled']);
});

test('checker requires each say once in the log, or its report', () => {
  const text = 'p01 000001 hola';
  const find = (state: string | undefined, count: number, gone: ReadonlySet<string> = NOTHING) =>
    faultsOf(checkSays('p01', [{ text, state }], new Map([[text, count]]), gone));
  assert.deepEqual(find(undefined, 1), []);
  assert.deepEqual(find(undefined, 0), ['lost']);
  assert.deepEqual(find(undefined, 2), ['doubled']);
  assert.deepEqual(find('unconfirmed', 0), []);
  assert.deepEqual(find('unconfirmed', 2), ['doubled']);
  assert.deepEqual(find('failed', 1), ['wrong']);
  assert.deepEqual(find(undefined, 0, new Set([text])), []);
  assert.deepEqual(find(undefined, 1, new Set([text])), ['doubled']);
});

test('checker takes a long say as one, and half of one as none', () => {
  const whole = [line(1, 1, { text: 'p01 000001 ho' }), line(2, 1), line(3, 1, { text: 'la', continues: 1 })];
  assert.equal(new KeptLog(whole).says().get('p01 000001 hola'), 1);
  assert.equal(new KeptLog(whole.slice(0, 2)).says().get('p01 000001 hola'), undefined);
});

test('checker requires every confirmed say in the log', () => {
  const log = new KeptLog(LINES);
  assert.deepEqual(checkHeard('p01', [{ text: LINES[2]?.text ?? '', seq: 3 }], log, NOTHING), []);
  assert.deepEqual(faultsOf(checkHeard('p01', [{ text: 'otra cosa', seq: 3 }], log, NOTHING)), ['wrong']);
  assert.deepEqual(faultsOf(checkHeard('p01', [{ text: 'hola', seq: 9 }], log, NOTHING)), ['wrong']);
});

test('checker allows a kill to lose only the newest entries of its last moment', () => {
  const log = new KeptLog([...LINES, gap(1005, 40, 90), line(1006, 5)]);
  const seen = tab([...LINES, line(5, 8), line(6, 9)]);
  const { findings, gone } = checkGone([seen], log, 0, 100);
  assert.deepEqual(findings, []);
  assert.deepEqual([...gone], [5, 6]);
  // The gateway was stopped before its kill, and wrote nothing meanwhile.
  assert.deepEqual(checkGone([seen], log, 0, 5_000).findings, []);
  const talk = Array.from({ length: 100 }, (_, index) => line(5 + index, 8 + index));
  assert.deepEqual(faultsOf(checkGone([tab([...LINES, ...talk])], log, 0, 1_050).findings).slice(0, 2), [
    'lost',
    'lost',
  ]);
  assert.deepEqual(faultsOf(checkGone([tab([...LINES, line(6, 9)])], log, 0, 100).findings), [
    'unmarked hole',
  ]);
});
