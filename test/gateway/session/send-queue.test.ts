import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { RECEIPT_TIMEOUT_MS, Speaker, TEXT_BYTES } from './send-queue-harness.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const PRESUMED_READ_MS = 10_000;
const LATE_RECHECK_MS = 1_000;

test('what is said goes out at once, and is heard', (t) => {
  const ana = new Speaker(t);
  ana.speech.enqueue('a', 'hola');
  assert.deepEqual(ana.sent, ['hola']);
  assert.deepEqual(ana.receipts, []);
  assert.equal(ana.hear('hola'), 'ours');
  assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
});

test('one piece is under way, and the next goes when it was heard', (t) => {
  const ana = new Speaker(t);
  for (const word of ['uno', 'dos', 'tres']) ana.speech.enqueue(word, word);
  assert.deepEqual(ana.sent, ['uno']);
  assert.equal(ana.speech.waiting, 2);
  ana.hear('uno');
  assert.deepEqual(ana.sent, ['uno', 'dos']);
  ana.hear('dos');
  assert.deepEqual(ana.sent, ['uno', 'dos', 'tres']);
  assert.equal(ana.speech.waiting, 0);
  assert.equal(ana.speech.idle, false);
  ana.hear('tres');
  assert.equal(ana.speech.idle, true);
  assert.deepEqual(
    ana.receipts,
    ['uno', 'dos', 'tres'].map((id, index) => ({ id, state: 'heard', seq: index + 1 })),
  );
});

test('8,000 bytes go in order, each piece when the last was heard, and all continue the first', (t) => {
  const ana = new Speaker(t);
  const text = Array.from({ length: 1000 }, (_, index) => `${index}`.padStart(8, 'ñ'))
    .join('')
    .slice(0, 5000);
  assert.ok(Buffer.byteLength(text) > 8_000);
  ana.hear('antes');
  ana.speech.enqueue('a', text);
  for (let piece = 1; ana.receipts.length === 0; piece++) {
    assert.equal(ana.sent.length, piece);
    ana.hear(ana.sent.at(-1) ?? '');
  }
  assert.equal(ana.sent.join(''), text);
  assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 2 }]);
  const [, first, ...rest] = ana.log;
  assert.equal(first?.continues, undefined);
  assert.ok(rest.length >= 7);
  for (const entry of rest) assert.equal(entry.continues, 2);
});

describe('the time-out', () => {
  test('calls a piece unconfirmed when it has been unheard for just so long', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.speech.idle, false);
    ana.pass(1);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'unconfirmed' }]);
    assert.equal(ana.speech.idle, true);
  });

  test('is counted from when the piece was sent, whatever is said meanwhile', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    ana.speech.enqueue('b', 'adiós');
    ana.pass(1);
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.statesOf('b'), []);
    ana.pass(1);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
  });

  test('lets the next go out, as long as one read of the server takes all', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(500));
    ana.speech.enqueue('b', 'y'.repeat(522));
    ana.speech.enqueue('c', 'z');
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.equal(ana.sent.length, 2, '501 and 523 bytes are 1024');
    ana.pass(60_000);
    assert.equal(ana.sent.length, 2, 'one more would be too many');
    assert.deepEqual(ana.statesOf('c'), []);
    ana.hear('x'.repeat(500));
    assert.equal(ana.sent.length, 3);
  });

  test('keeps the next back when the two would be one byte too long', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'ñ'.repeat(250));
    ana.speech.enqueue('b', `${'ñ'.repeat(261)}y`);
    ana.pass(60_000);
    assert.equal(ana.sent.length, 1);
  });

  test('is not the last word: heard after all is heard', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.hear('hola');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'unconfirmed' },
      { id: 'a', state: 'heard', seq: 1 },
    ]);
  });

  test('of one piece among many makes the say unconfirmed once, and heard when all were', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(3000));
    ana.hearAll();
    ana.speech.enqueue('b', 'x'.repeat(2000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
    ana.hearAll();
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed', 'heard']);
  });
});

describe('a piece that is never heard', () => {
  test('is presumed read after a while, in a room that has moved since', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1000));
    ana.speech.enqueue('b', 'y'.repeat(1000));
    ana.pass(5_000);
    ana.movedAt = Date.now();
    ana.pass(PRESUMED_READ_MS - 5_100);
    assert.equal(ana.sent.length, 1);
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.equal(ana.sent.length, 2);
    assert.equal(ana.hear('x'.repeat(1000)), 'ours');
  });

  test('is presumed read soon after a room that was frozen moves', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1000));
    ana.speech.enqueue('b', 'y'.repeat(1000));
    ana.pass(PRESUMED_READ_MS + 500);
    assert.equal(ana.sent.length, 1);
    ana.movedAt = Date.now();
    ana.pass(LATE_RECHECK_MS);
    assert.equal(ana.sent.length, 2);
  });

  test('is never presumed read in a frozen room', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1000));
    ana.speech.enqueue('b', 'y'.repeat(1000));
    ana.pass(600_000);
    assert.equal(ana.sent.length, 1);
    ana.hear('x'.repeat(1000));
    assert.equal(ana.sent.length, 2);
  });

  test('was read if a later one is heard, and is unconfirmed', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.enqueue('b', 'x'.repeat(1000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.speech.enqueue('c', 'adiós');
    assert.equal(ana.hear('x'.repeat(1000)), 'ours');
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    assert.deepEqual(ana.statesOf('b'), ['heard']);
    assert.deepEqual(ana.sent.at(-1), 'adiós', 'nothing is in its way');
    assert.equal(ana.hear('hola'), 'forged');
  });
});

describe('an id', () => {
  test('is said once, and its receipt repeated', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.enqueue('a', 'hola');
    assert.deepEqual(ana.receipts, [], 'not settled yet');
    ana.hear('hola');
    ana.speech.enqueue('a', 'otra cosa');
    assert.deepEqual(ana.sent, ['hola']);
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'heard', seq: 1 },
      { id: 'a', state: 'heard', seq: 1 },
    ]);
  });

  test('that failed fails again', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', '');
    ana.speech.enqueue('a', 'hola');
    assert.deepEqual(ana.sent, []);
    assert.deepEqual(ana.statesOf('a'), ['failed', 'failed']);
  });

  test('is remembered until 1,000 others came after it', (t) => {
    const ana = new Speaker(t);
    for (let id = 1; id <= 1_001; id++) {
      ana.speech.enqueue(`${id}`, `di ${id}`);
      ana.hearAll();
    }
    ana.speech.enqueue('2', 'otra vez');
    assert.equal(ana.sent.length, 1_001);
    ana.speech.enqueue('1', 'otra vez');
    assert.equal(ana.sent.length, 1_002);
  });

  test('without a receipt is not forgotten', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    for (let id = 1; id <= 1_200; id++) ana.speech.enqueue(`${id}`, '');
    ana.speech.enqueue('a', 'hola');
    ana.hear('hola');
    assert.deepEqual(ana.sent, ['hola']);
  });
});

describe('what can not be said fails:', () => {
  test('nothing readable', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', ' \n\x1b');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'failed', reason: 'empty' }]);
  });

  test('one byte too many, as it would be sent', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'ñ'.repeat(TEXT_BYTES / 2));
    assert.deepEqual(ana.receipts, []);
    ana.speech.enqueue('b', `${'ñ'.repeat(TEXT_BYTES / 2)}x`);
    assert.deepEqual(ana.receipts, [{ id: 'b', state: 'failed', reason: 'too-long' }]);
    ana.speech.enqueue('c', `${'ñ'.repeat(TEXT_BYTES / 2)}\0`);
    assert.deepEqual(ana.statesOf('c'), []);
    assert.equal(ana.speech.waiting, 2);
  });
});

describe('the ear hears', () => {
  test('a piece in parts', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola a todos');
    assert.equal(ana.hear('hola'), 'partial');
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.hear(' a ', true), 'partial');
    assert.equal(ana.hear('todos', true), 'ours');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
    assert.deepEqual(
      ana.log.map(({ continues }) => continues),
      [undefined, 1, 1],
    );
  });

  test('the second piece of a say in parts, which continue the first', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1500));
    ana.hearAll();
    ana.speech.enqueue('b', `${'y'.repeat(1023)}fin`);
    ana.hear('y'.repeat(1023));
    assert.equal(ana.hear('f'), 'partial');
    assert.equal(ana.hear('in', true), 'ours');
    assert.deepEqual(
      ana.log.slice(-3).map(({ continues }) => continues),
      [undefined, 3, 3],
    );
  });

  test('a piece in parts only once', (t) => {
    const ana = new Speaker(t);
    for (const id of ['a', 'b']) ana.speech.enqueue(id, 'hola');
    ana.hear('ho');
    assert.equal(ana.hear('la', true), 'ours');
    assert.equal(ana.hear('la', true), 'forged');
    assert.equal(ana.hear('hola'), 'ours');
  });

  test('a piece that begins as another did', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    assert.equal(ana.hear('ho'), 'partial');
    assert.equal(ana.hear('hola'), 'ours', 'a new line, no more of the old');
  });

  test('lines glued under one header, each a piece', (t) => {
    const ana = new Speaker(t);
    for (const word of ['uno', 'dos', 'tres']) ana.speech.enqueue(word, word);
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.sent, ['uno', 'dos', 'tres']);
    for (const word of ['uno', 'dos', 'tres']) assert.equal(ana.hear(word), 'ours');
    assert.deepEqual(
      ana.receipts.slice(-3).map(({ id, state }) => `${id} ${state}`),
      ['uno heard', 'dos heard', 'tres heard'],
    );
  });

  test('the same words twice, when they were said twice', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'sí');
    ana.hear('sí');
    ana.speech.enqueue('b', 'sí');
    assert.equal(ana.hear('sí'), 'ours');
    assert.equal(ana.hear('sí'), 'forged');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'heard', seq: 1 },
      { id: 'b', state: 'heard', seq: 2 },
    ]);
  });

  test('a piece whose end the server has trimmed', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', ' hola \t');
    assert.equal(ana.hear('hola'), 'forged', 'the beginning is not trimmed');
    assert.equal(ana.hear(' hola'), 'ours');
  });

  test('words we did not say', (t) => {
    const ana = new Speaker(t);
    assert.equal(ana.hear('os debo una cena'), 'forged');
    ana.speech.enqueue('a', 'hola');
    assert.equal(ana.hear('holas'), 'forged');
    assert.equal(ana.hear('os debo una cena'), 'forged');
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.hear('hola'), 'ours');
  });

  test('words that began like ours', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    assert.equal(ana.hear('ho'), 'partial');
    assert.equal(ana.hear('mbre', true), 'forged');
    assert.equal(ana.hear('hola'), 'ours');
  });
});

describe('the private words of the server', () => {
  test('that echo a piece confirm it, without a seq', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.enqueue('b', 'adiós');
    ana.speech.onPrivateText('Bienvenido\n');
    assert.deepEqual(ana.receipts, []);
    ana.speech.onPrivateText('Eco: hola\n');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
  });

  test('may come in parts', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola a todos');
    for (const part of ['Eco: ho', 'la a', ' tod', 'os\n']) ana.speech.onPrivateText(part);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('may be trimmed', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola \t');
    ana.speech.onPrivateText('Eco: hola\n');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('confirm a piece of the greatest length', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1023));
    ana.speech.onPrivateText(`Eco: ${'x'.repeat(1023)}\n`);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('confirm one piece for one echo', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.enqueue('b', 'hola');
    ana.speech.onPrivateText('hola\n');
    ana.speech.onPrivateText('¿Algo más?\n');
    assert.deepEqual(ana.statesOf('b'), []);
    ana.speech.onPrivateText('hola\n');
    assert.deepEqual(ana.statesOf('b'), ['heard']);
  });

  test('of other things confirm nothing, however many', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    for (let kib = 0; kib < 100; kib++) ana.speech.onPrivateText('x'.repeat(1024));
    assert.deepEqual(ana.receipts, []);
    ana.speech.onPrivateText('hola');
    assert.deepEqual(ana.statesOf('a'), ['heard']);
  });
});

describe('private words of the server answer', () => {
  test('nothing before the first message, then the last that was sent', (t) => {
    const ana = new Speaker(t);
    assert.deepEqual(ana.speech.answersIn('Welcome'), [{ text: 'Welcome', answers: undefined }]);
    for (const id of ['a', 'b']) ana.speech.enqueue(id, id);
    assert.deepEqual(ana.speech.answersIn('OK'), [{ text: 'OK', answers: 'a' }]);
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.speech.answersIn('OK'), [{ text: 'OK', answers: 'b' }]);
  });

  test('each the message that their line repeats, when several are unheard', (t) => {
    const ana = new Speaker(t);
    for (const id of ['a', 'b', 'c']) ana.speech.enqueue(id, id === 'c' ? 'otro' : 'hola');
    ana.pass(3 * RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.speech.answersIn('Eco: hola\n(1)\nEco: hola\nEco: otro'), [
      { text: 'Eco: hola\n(1)', answers: 'a' },
      { text: 'Eco: hola', answers: 'b' },
      { text: 'Eco: otro', answers: 'c' },
    ]);
  });

  test('nothing on another connection before something is sent on it', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.hear('hola');
    ana.speech.onVoiceLost();
    assert.deepEqual(ana.speech.answersIn('Welcome'), [{ text: 'Welcome', answers: undefined }]);
  });
});

describe('out of the room', () => {
  test('words wait, and go when it is back', (t) => {
    const ana = new Speaker(t);
    ana.speech.pause();
    ana.speech.enqueue('a', 'hola');
    ana.pass(60_000);
    assert.deepEqual([ana.sent, ana.receipts], [[], []]);
    assert.equal(ana.speech.idle, false);
    ana.speech.resume();
    assert.deepEqual(ana.sent, ['hola']);
  });

  test('what was under way is heard late, or unconfirmed', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.pause();
    ana.speech.enqueue('b', 'adiós');
    ana.hear('hola');
    assert.deepEqual(ana.statesOf('a'), ['heard']);
    assert.deepEqual(ana.sent, ['hola']);
    ana.speech.resume();
    ana.speech.pause();
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
  });
});

describe('after the connection is lost', () => {
  test('what was under way is not said again, and is unconfirmed in time', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.onVoiceLost();
    ana.speech.resume();
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.receipts, []);
    ana.pass(1);
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    ana.pass(60_000);
    assert.deepEqual(ana.sent, ['hola']);
    assert.equal(ana.hear('hola'), 'ours', 'late, and still ours');
  });

  test('words wait until there is another', (t) => {
    const ana = new Speaker(t);
    ana.speech.onVoiceLost();
    ana.speech.enqueue('a', 'hola');
    assert.deepEqual(ana.sent, []);
    ana.speech.resume();
    assert.deepEqual(ana.sent, ['hola']);
  });

  test('what was under way may still be heard', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.onVoiceLost();
    assert.equal(ana.hear('hola'), 'ours');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
  });

  test('its bytes are not in the way of what is said in the new one', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1023));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.speech.enqueue('b', 'y'.repeat(1023));
    assert.equal(ana.sent.length, 1);
    ana.speech.onVoiceLost();
    ana.speech.resume();
    assert.equal(ana.sent.length, 2);
    assert.equal(ana.sent[1], 'y'.repeat(1023));
  });

  test('the rest of a say whose middle may be lost is not sent', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(3000));
    ana.speech.enqueue('b', 'hola');
    ana.hearAll();
    ana.speech.enqueue('c', 'y'.repeat(3000));
    ana.speech.enqueue('d', 'adiós');
    ana.speech.onVoiceLost();
    ana.speech.resume();
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.sent.slice(-2), ['y'.repeat(1023), 'adiós']);
    assert.deepEqual(ana.statesOf('c'), ['unconfirmed']);
  });

  test('the rest of a say is sent if its middle was heard after all', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(2000));
    ana.speech.onVoiceLost();
    ana.hearAll();
    ana.speech.resume();
    assert.equal(ana.sent.join(''), 'x'.repeat(2000));
    ana.hearAll();
    assert.deepEqual(ana.statesOf('a'), ['heard']);
  });
});

describe('last words', () => {
  test('are said, and what comes after them fails', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'hola');
    ana.speech.enqueue('b', 'adiós');
    ana.speech.refuse('left');
    ana.speech.enqueue('c', 'tarde');
    assert.deepEqual(ana.receipts, [{ id: 'c', state: 'failed', reason: 'left' }]);
    for (const word of ['hola', 'adiós']) ana.hear(word);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
    assert.deepEqual([ana.statesOf('a'), ana.statesOf('b')], [['heard'], ['heard']]);
    assert.equal(ana.speech.idle, true);
  });

  test('cut short: what has not begun to be said fails, what has is said to its end', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(3000));
    ana.speech.enqueue('b', 'a todos');
    ana.speech.abort('closing');
    ana.speech.enqueue('c', 'tarde');
    assert.deepEqual(ana.receipts, [
      { id: 'b', state: 'failed', reason: 'closing' },
      { id: 'c', state: 'failed', reason: 'closing' },
    ]);
    ana.hearAll();
    assert.equal(ana.sent.join(''), 'x'.repeat(3000));
    assert.deepEqual(ana.statesOf('a'), ['heard']);
    assert.equal(ana.speech.idle, true);
    ana.pass(60_000);
    assert.equal(ana.receipts.length, 3);
  });

  test('cut short out of the room: the rest of what was heard is said when it is back', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(2000));
    ana.speech.pause();
    ana.hearAll();
    ana.speech.abort('closing');
    ana.speech.resume();
    ana.hearAll();
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
  });

  test('fail once, for the first reason', (t) => {
    const ana = new Speaker(t);
    ana.speech.pause();
    ana.speech.enqueue('a', 'hola');
    ana.speech.abort('left');
    ana.speech.abort('closing');
    ana.speech.enqueue('b', 'tarde');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'failed', reason: 'left' },
      { id: 'b', state: 'failed', reason: 'left' },
    ]);
  });
});

test('it tells when all is said, and heard or given up on', (t) => {
  const ana = new Speaker(t);
  const before = ana.idles;
  ana.speech.enqueue('a', 'hola');
  ana.speech.enqueue('b', 'adiós');
  ana.hear('hola');
  assert.equal(ana.idles, before);
  ana.pass(RECEIPT_TIMEOUT_MS - 1);
  assert.equal(ana.idles, before);
  ana.pass(1);
  assert.ok(ana.idles > before);
});

/** What may happen between a voice and a server that sleeps and wakes as it likes. */
type Event =
  | { kind: 'say'; bytes: number }
  | { kind: 'pass'; ms: number }
  /** The server reads what is there, as it does: up to 1024 bytes at once. */
  | { kind: 'read' }
  /** The ear hears what was read, or misses it. */
  | { kind: 'hear' }
  | { kind: 'miss' };

const event = fc.oneof(
  fc.record({ kind: fc.constant('say' as const), bytes: fc.oneof(fc.nat(40), fc.nat(600), fc.nat(2500)) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.oneof(fc.nat(1000), fc.nat(15_000)) }),
  fc.record({ kind: fc.constantFrom('read' as const, 'hear' as const, 'miss' as const) }),
);

/**
 * A server of which we only see what it read. What it read last and we heard, or missed while we heard others,
 * is how we know that it lives.
 */
class SleepyServer {
  readonly #ana: Speaker;
  #read = 0;
  readonly #broadcasts: { readAt: number; lines: string[] }[] = [];

  constructor(ana: Speaker) {
    this.#ana = ana;
  }

  get unread(): number {
    return this.#ana.sent.slice(this.#read).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  }

  happens(event: Event): void {
    switch (event.kind) {
      case 'say':
        this.#ana.speech.enqueue(`${Math.random()}`, 'x'.repeat(event.bytes));
        break;
      case 'pass':
        this.#ana.pass(event.ms);
        break;
      case 'read':
        this.#broadcasts.push({ readAt: Date.now(), lines: this.#ana.sent.slice(this.#read) });
        this.#read = this.#ana.sent.length;
        break;
      case 'hear':
      case 'miss':
        this.#deliver(event.kind === 'hear');
    }
  }

  #deliver(heard: boolean): void {
    const broadcast = this.#broadcasts.shift();
    if (!broadcast) return;
    if (heard) for (const line of broadcast.lines) this.#ana.hear(line);
    this.#ana.movedAt = broadcast.readAt;
  }
}

test('one read of the server always takes all that is under way, whenever it wakes, whatever is missed', (t) => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const ana = new Speaker(t);
      const server = new SleepyServer(ana);
      for (const each of events) {
        server.happens(each);
        assert.ok(server.unread <= 1024, `${server.unread} bytes after ${each.kind}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('all is said in the end, in order, once the server reads again', (t) => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 2500 }), { minLength: 1, maxLength: 6 }),
      (events, sizes) => {
        const ana = new Speaker(t);
        const server = new SleepyServer(ana);
        for (const each of events) server.happens(each);
        const texts = sizes.map((size, index) => `${index}:`.padEnd(size + 4, 'y'));
        for (const [index, text] of texts.entries()) ana.speech.enqueue(`last ${index}`, text);
        const heard = (id: string) => ana.statesOf(id).at(-1) === 'heard';
        for (let round = 0; round < 500 && !texts.every((_, index) => heard(`last ${index}`)); round++) {
          for (const kind of ['read', 'hear'] as const) server.happens({ kind });
          server.happens({ kind: 'pass', ms: 500 });
        }
        assert.equal(ana.speech.waiting, 0);
        assert.ok(ana.sent.join('').endsWith(texts.join('')));
        for (const index of texts.keys()) assert.ok(heard(`last ${index}`), `${index} of ${texts.length}`);
      },
    ),
    { numRuns: 50 },
  );
});

describe('giving up', () => {
  test('is not put off by what is said meanwhile', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(1000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    for (let id = 0; id < 10; id++) {
      ana.speech.enqueue(`${id}`, 'y'.repeat(1000));
      ana.pass(1_500);
      ana.movedAt = Date.now();
    }
    assert.ok(ana.sent.length >= 2);
  });

  test('on a late piece whose connection is lost takes the rest of its say along', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', `${'x'.repeat(1023)}END`);
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.speech.onVoiceLost();
    ana.speech.resume();
    ana.pass(20_000);
    assert.equal(ana.sent.length, 1);
  });
});

describe('what was given up on', () => {
  test('is ours when it is heard after all', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'tarde');
    ana.movedAt = Date.now() + 1;
    ana.pass(12_000);
    ana.speech.enqueue('b', 'luego');
    assert.deepEqual(ana.sent, ['tarde', 'luego']);
    assert.equal(ana.hear('tarde'), 'ours');
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed', 'heard']);
    assert.equal(ana.hear('tarde'), 'forged');
    assert.equal(ana.hear('luego'), 'ours');
  });

  test('is remembered so long and no longer', (t) => {
    const ana = new Speaker(t);
    for (let number = 0; number <= 32; number++) {
      ana.speech.enqueue(`${number}`, `palabra ${number}`);
      ana.movedAt = Date.now() + 1;
      ana.pass(14_000);
    }
    assert.equal(ana.hear('palabra 0'), 'forged');
    assert.equal(ana.hear('palabra 1'), 'ours');
  });
});

describe('an echo', () => {
  test('of two pieces at once confirms both', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'uno');
    ana.speech.enqueue('b', 'dos');
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    ana.speech.onPrivateText('Eco: uno\ndos\n');
    assert.equal(ana.statesOf('a').at(-1), 'heard');
    assert.equal(ana.statesOf('b').at(-1), 'heard');
  });

  test('of the second alone confirms the second alone', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'uno');
    ana.speech.enqueue('b', 'dos');
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    ana.speech.onPrivateText('Eco: dos\n');
    assert.deepEqual([ana.statesOf('a').at(-1), ana.statesOf('b').at(-1)], ['unconfirmed', 'heard']);
  });

  test('is not found in words from before the say, nor for a piece of blanks', (t) => {
    const ana = new Speaker(t);
    ana.speech.onPrivateText('Bienvenido, hola\n');
    ana.speech.enqueue('a', 'hola');
    ana.speech.onPrivateText('otra cosa\n');
    assert.deepEqual(ana.statesOf('a'), []);
    ana.speech.onPrivateText('Eco: hola\n');
    ana.speech.enqueue('b', `${' '.repeat(1100)}x`);
    ana.speech.onPrivateText('Bienvenido\n');
    assert.equal(ana.sent.length, 2);
  });
});

describe('what waits', () => {
  test('takes no more than three times its size in memory', (t) => {
    const ana = new Speaker(t);
    ana.speech.pause();
    const before = heapBytes();
    for (let id = 0; id < 32; id++)
      ana.speech.enqueue(`${id}`, 'hola que tal '.repeat(3_000).slice(0, TEXT_BYTES));
    const kept = heapBytes() - before;
    assert.equal(ana.speech.waiting, 32);
    assert.ok(kept <= 3 * 32 * TEXT_BYTES, `${kept} bytes`);
  });

  test('is counted until it is sent, to the byte', (t) => {
    const ana = new Speaker(t);
    ana.speech.pause();
    ana.speech.enqueue('a', 'ñ'.repeat(1_000));
    ana.speech.enqueue('b', 'adiós');
    assert.deepEqual([ana.speech.waitingBytes, ana.queuedBytes], [2_006, 2_006]);
    ana.speech.resume();
    assert.deepEqual([ana.speech.waitingBytes, ana.queuedBytes], [984, 984]);
    ana.hearAll();
    assert.deepEqual([ana.speech.waitingBytes, ana.queuedBytes], [0, 0]);
  });

  test('is not counted any more when it is given up', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(3_000));
    ana.speech.enqueue('b', 'adiós');
    ana.speech.abort('closing');
    assert.equal(ana.queuedBytes, 3_000 - 1_023, 'what was begun is said to its end');
    ana.speech.end();
    assert.equal(ana.queuedBytes, 0);
  });

  test('is not counted any more when the connection is lost in the middle of it', (t) => {
    const ana = new Speaker(t);
    ana.speech.enqueue('a', 'x'.repeat(3_000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.speech.onVoiceLost();
    assert.equal(ana.queuedBytes, 0);
  });

  test('keeps no text of what was said long ago', (t) => {
    const ana = new Speaker(t);
    const before = heapBytes();
    for (let id = 0; id < 200; id++) {
      ana.speech.enqueue(`${id}`, `${id}`.repeat(8_000));
      ana.hearAll();
    }
    ana.sent.length = ana.log.length = 0;
    assert.ok(heapBytes() - before < 200 * 8_000, 'no more than a receipt of each');
  });
});
