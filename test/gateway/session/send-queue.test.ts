import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Announced } from '../../../gateway/session/send-queue.ts';
import { RECEIPT_TIMEOUT_MS, SendQueueHarness, TEXT_BYTES } from './send-queue-harness.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const PRESUMED_READ_MS = 10_000;
const LATE_RECHECK_MS = 1_000;

test('send queue sends a message at once, and reports its echo', (t) => {
  const ana = new SendQueueHarness(t);
  ana.queue.enqueue('a', 'hola');
  assert.deepEqual(ana.sent, ['hola']);
  assert.deepEqual(ana.receipts, []);
  assert.equal(ana.echo('hola'), 'matched');
  assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
});

test('send queue has one chunk in flight, and sends the next after its echo', (t) => {
  const ana = new SendQueueHarness(t);
  for (const word of ['uno', 'dos', 'tres']) ana.queue.enqueue(word, word);
  assert.deepEqual(ana.sent, ['uno']);
  assert.equal(ana.queue.waiting, 2);
  ana.echo('uno');
  assert.deepEqual(ana.sent, ['uno', 'dos']);
  ana.echo('dos');
  assert.deepEqual(ana.sent, ['uno', 'dos', 'tres']);
  assert.equal(ana.queue.waiting, 0);
  assert.equal(ana.queue.isIdle, false);
  ana.echo('tres');
  assert.equal(ana.queue.isIdle, true);
  assert.deepEqual(
    ana.receipts,
    ['uno', 'dos', 'tres'].map((id, index) => ({ id, state: 'heard', seq: index + 1 })),
  );
});

test('send queue sends 8,000 bytes chunk by chunk, and all continue the first entry', (t) => {
  const ana = new SendQueueHarness(t);
  const text = Array.from({ length: 1000 }, (_, index) => `${index}`.padStart(8, 'ñ'))
    .join('')
    .slice(0, 5000);
  assert.ok(Buffer.byteLength(text) > 8_000);
  ana.echo('antes');
  ana.queue.enqueue('a', text);
  for (let chunk = 1; ana.receipts.length === 0; chunk++) {
    assert.equal(ana.sent.length, chunk);
    ana.echo(ana.sent.at(-1) ?? '');
  }
  assert.equal(ana.sent.join(''), text);
  assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 2 }]);
  const [, first, ...rest] = ana.log;
  assert.equal(first?.continues, undefined);
  assert.ok(rest.length >= 7);
  for (const entry of rest) assert.equal(entry.continues, 2);
});

describe('the time-out', () => {
  test('send queue reports unconfirmed exactly when the time-out has passed', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.queue.isIdle, false);
    ana.pass(1);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'unconfirmed' }]);
    assert.equal(ana.queue.isIdle, true);
  });

  test('send queue counts the time-out from the sending of the chunk', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    ana.queue.enqueue('b', 'adiós');
    ana.pass(1);
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.statesOf('b'), []);
    ana.pass(1);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
  });

  test('send queue sends the next chunk after a time-out if one read of the server fits all', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(500));
    ana.queue.enqueue('b', 'y'.repeat(522));
    ana.queue.enqueue('c', 'z');
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.equal(ana.sent.length, 2, '501 and 523 bytes are 1024');
    ana.pass(60_000);
    assert.equal(ana.sent.length, 2, 'one more would be too many');
    assert.deepEqual(ana.statesOf('c'), []);
    ana.echo('x'.repeat(500));
    assert.equal(ana.sent.length, 3);
  });

  test('send queue keeps the next chunk back when the two are one byte too long', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'ñ'.repeat(250));
    ana.queue.enqueue('b', `${'ñ'.repeat(261)}y`);
    ana.pass(60_000);
    assert.equal(ana.sent.length, 1);
  });

  test('send queue reports a late echo after the time-out', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.echo('hola');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'unconfirmed' },
      { id: 'a', state: 'heard', seq: 1 },
    ]);
  });

  test('send queue reports a message unconfirmed once, and heard when all chunks were', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(3000));
    ana.echoAll();
    ana.queue.enqueue('b', 'x'.repeat(2000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
    ana.echoAll();
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed', 'heard']);
  });
});

describe('a chunk without an echo', () => {
  test('send queue presumes a chunk lost after a while, in a room that has moved since', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1000));
    ana.queue.enqueue('b', 'y'.repeat(1000));
    ana.pass(5_000);
    ana.movedAt = Date.now();
    ana.pass(PRESUMED_READ_MS - 5_100);
    assert.equal(ana.sent.length, 1);
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.equal(ana.sent.length, 2);
    assert.equal(ana.echo('x'.repeat(1000)), 'matched');
  });

  test('send queue presumes a chunk lost soon after a frozen room moves', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1000));
    ana.queue.enqueue('b', 'y'.repeat(1000));
    ana.pass(PRESUMED_READ_MS + 500);
    assert.equal(ana.sent.length, 1);
    ana.movedAt = Date.now();
    ana.pass(LATE_RECHECK_MS);
    assert.equal(ana.sent.length, 2);
  });

  test('send queue presumes no chunk lost in a frozen room', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1000));
    ana.queue.enqueue('b', 'y'.repeat(1000));
    ana.pass(600_000);
    assert.equal(ana.sent.length, 1);
    ana.echo('x'.repeat(1000));
    assert.equal(ana.sent.length, 2);
  });

  test('send queue takes a chunk for read when a later one has its echo', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.enqueue('b', 'x'.repeat(1000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.queue.enqueue('c', 'adiós');
    assert.equal(ana.echo('x'.repeat(1000)), 'matched');
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    assert.deepEqual(ana.statesOf('b'), ['heard']);
    assert.deepEqual(ana.sent.at(-1), 'adiós', 'no chunk in flight blocks it');
    assert.equal(ana.echo('hola'), 'forged');
  });
});

describe('an id', () => {
  test('send queue sends an id once, and repeats its receipt', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.enqueue('a', 'hola');
    assert.deepEqual(ana.receipts, [], 'not settled yet');
    ana.echo('hola');
    ana.queue.enqueue('a', 'otra cosa');
    assert.deepEqual(ana.sent, ['hola']);
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'heard', seq: 1 },
      { id: 'a', state: 'heard', seq: 1 },
    ]);
    assert.equal(ana.settled, 1, 'the second is a repeat');
  });

  test('send queue fails a failed id again', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', '');
    ana.queue.enqueue('a', 'hola');
    assert.deepEqual(ana.sent, []);
    assert.deepEqual(ana.statesOf('a'), ['failed', 'failed']);
  });

  test('send queue remembers an id until 1,000 others follow', (t) => {
    const ana = new SendQueueHarness(t);
    for (let id = 1; id <= 1_001; id++) {
      ana.queue.enqueue(`${id}`, `di ${id}`);
      ana.echoAll();
    }
    ana.queue.enqueue('2', 'otra vez');
    assert.equal(ana.sent.length, 1_001);
    ana.queue.enqueue('1', 'otra vez');
    assert.equal(ana.sent.length, 1_002);
  });

  test('send queue evicts no id without a receipt', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    for (let id = 1; id <= 1_200; id++) ana.queue.enqueue(`${id}`, '');
    ana.queue.enqueue('a', 'hola');
    ana.echo('hola');
    assert.deepEqual(ana.sent, ['hola']);
  });
});

describe('invalid messages', () => {
  test('send queue fails a message without a visible character', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', ' \n\x1b');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'failed', reason: 'empty' }]);
  });

  test('send queue fails a message that is one byte too long, as sent', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'ñ'.repeat(TEXT_BYTES / 2));
    assert.deepEqual(ana.receipts, []);
    ana.queue.enqueue('b', `${'ñ'.repeat(TEXT_BYTES / 2)}x`);
    assert.deepEqual(ana.receipts, [{ id: 'b', state: 'failed', reason: 'too-long' }]);
    ana.queue.enqueue('c', `${'ñ'.repeat(TEXT_BYTES / 2)}\0`);
    assert.deepEqual(ana.statesOf('c'), []);
    assert.equal(ana.queue.waiting, 2);
  });
});

describe('echoes', () => {
  test('send queue matches an echo in parts', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola a todos');
    assert.equal(ana.echo('hola'), 'partial');
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.echo(' a ', true), 'partial');
    assert.equal(ana.echo('todos', true), 'matched');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
    assert.deepEqual(
      ana.log.map(({ continues }) => continues),
      [undefined, 1, 1],
    );
  });

  test('send queue matches the second chunk in parts, which continue the first entry', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1500));
    ana.echoAll();
    ana.queue.enqueue('b', `${'y'.repeat(1023)}fin`);
    ana.echo('y'.repeat(1023));
    assert.equal(ana.echo('f'), 'partial');
    assert.equal(ana.echo('in', true), 'matched');
    assert.deepEqual(
      ana.log.slice(-3).map(({ continues }) => continues),
      [undefined, 3, 3],
    );
  });

  test('send queue matches an echo in parts only once', (t) => {
    const ana = new SendQueueHarness(t);
    for (const id of ['a', 'b']) ana.queue.enqueue(id, 'hola');
    ana.echo('ho');
    assert.equal(ana.echo('la', true), 'matched');
    assert.equal(ana.echo('la', true), 'forged');
    assert.equal(ana.echo('hola'), 'matched');
  });

  test('send queue matches an echo that begins like a partial one', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    assert.equal(ana.echo('ho'), 'partial');
    assert.equal(ana.echo('hola'), 'matched', 'a new line, and no continuation');
  });

  test('send queue matches each line glued under one header', (t) => {
    const ana = new SendQueueHarness(t);
    for (const word of ['uno', 'dos', 'tres']) ana.queue.enqueue(word, word);
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.sent, ['uno', 'dos', 'tres']);
    for (const word of ['uno', 'dos', 'tres']) assert.equal(ana.echo(word), 'matched');
    assert.deepEqual(
      ana.receipts.slice(-3).map(({ id, state }) => `${id} ${state}`),
      ['uno heard', 'dos heard', 'tres heard'],
    );
  });

  test('send queue matches equal messages as often as they were sent', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'sí');
    ana.echo('sí');
    ana.queue.enqueue('b', 'sí');
    assert.equal(ana.echo('sí'), 'matched');
    assert.equal(ana.echo('sí'), 'forged');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'heard', seq: 1 },
      { id: 'b', state: 'heard', seq: 2 },
    ]);
  });

  test('send queue matches an echo whose end the server has trimmed', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', ' hola \t');
    assert.equal(ana.echo('hola'), 'forged', 'the beginning is not trimmed');
    assert.equal(ana.echo(' hola'), 'matched');
  });

  test('send queue reports lines that it has not sent as forged', (t) => {
    const ana = new SendQueueHarness(t);
    assert.equal(ana.echo('os debo una cena'), 'forged');
    ana.queue.enqueue('a', 'hola');
    assert.equal(ana.echo('holas'), 'forged');
    assert.equal(ana.echo('os debo una cena'), 'forged');
    assert.deepEqual(ana.receipts, []);
    assert.equal(ana.echo('hola'), 'matched');
  });

  test('send queue reports a line that only begins like a chunk as forged', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    assert.equal(ana.echo('ho'), 'partial');
    assert.equal(ana.echo('mbre', true), 'forged');
    assert.equal(ana.echo('hola'), 'matched');
  });
});

describe('private echoes', () => {
  test('send queue acknowledges a private echo without a seq', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.enqueue('b', 'adiós');
    ana.queue.onPrivateText('Bienvenido\n');
    assert.deepEqual(ana.receipts, []);
    ana.queue.onPrivateText('Eco: hola\n');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
  });

  test('send queue acknowledges a private echo in parts', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola a todos');
    for (const part of ['Eco: ho', 'la a', ' tod', 'os\n']) ana.queue.onPrivateText(part);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('send queue acknowledges a trimmed private echo', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola \t');
    ana.queue.onPrivateText('Eco: hola\n');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('send queue acknowledges a private echo of the greatest length', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1023));
    ana.queue.onPrivateText(`Eco: ${'x'.repeat(1023)}\n`);
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard' }]);
  });

  test('send queue acknowledges one chunk for one private echo', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.enqueue('b', 'hola');
    ana.queue.onPrivateText('hola\n');
    ana.queue.onPrivateText('¿Algo más?\n');
    assert.deepEqual(ana.statesOf('b'), []);
    ana.queue.onPrivateText('hola\n');
    assert.deepEqual(ana.statesOf('b'), ['heard']);
  });

  test('send queue acknowledges nothing for other private text', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    for (let kib = 0; kib < 100; kib++) ana.queue.onPrivateText('x'.repeat(1024));
    assert.deepEqual(ana.receipts, []);
    ana.queue.onPrivateText('hola');
    assert.deepEqual(ana.statesOf('a'), ['heard']);
  });
});

describe('private text', () => {
  test('send queue assigns private text to the last message sent', (t) => {
    const ana = new SendQueueHarness(t);
    assert.deepEqual(ana.queue.answers.split('Welcome'), [{ text: 'Welcome', answers: undefined }]);
    for (const id of ['a', 'b']) ana.queue.enqueue(id, id);
    assert.deepEqual(ana.queue.answers.split('OK'), [{ text: 'OK', answers: 'a' }]);
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.queue.answers.split('OK'), [{ text: 'OK', answers: 'b' }]);
  });

  test('send queue assigns each private line to the message it repeats', (t) => {
    const ana = new SendQueueHarness(t);
    for (const id of ['a', 'b', 'c']) ana.queue.enqueue(id, id === 'c' ? 'otro' : 'hola');
    ana.pass(3 * RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.queue.answers.split('Eco: hola\n(1)\nEco: hola\nEco: otro'), [
      { text: 'Eco: hola\n(1)', answers: 'a' },
      { text: 'Eco: hola', answers: 'b' },
      { text: 'Eco: otro', answers: 'c' },
    ]);
  });

  test('send queue assigns no private text on a connection without messages', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.echo('hola');
    ana.queue.onVoiceLost();
    assert.deepEqual(ana.queue.answers.split('Welcome'), [{ text: 'Welcome', answers: undefined }]);
  });
});

describe('while paused', () => {
  test('send queue keeps messages while paused, and sends them when resumed', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.pause();
    ana.queue.enqueue('a', 'hola');
    ana.pass(60_000);
    assert.deepEqual([ana.sent, ana.receipts], [[], []]);
    assert.equal(ana.queue.isIdle, false);
    ana.queue.resume();
    assert.deepEqual(ana.sent, ['hola']);
  });

  test('send queue reports chunks in flight while paused', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.pause();
    ana.queue.enqueue('b', 'adiós');
    ana.echo('hola');
    assert.deepEqual(ana.statesOf('a'), ['heard']);
    assert.deepEqual(ana.sent, ['hola']);
    ana.queue.resume();
    ana.queue.pause();
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.statesOf('b'), ['unconfirmed']);
  });
});

describe('after the connection is lost', () => {
  test('send queue does not resend a chunk in flight after a lost connection', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.onVoiceLost();
    ana.queue.resume();
    ana.pass(RECEIPT_TIMEOUT_MS - 1);
    assert.deepEqual(ana.receipts, []);
    ana.pass(1);
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
    ana.pass(60_000);
    assert.deepEqual(ana.sent, ['hola']);
    assert.equal(ana.echo('hola'), 'matched', 'late, and still matched');
  });

  test('send queue keeps messages until the voice has another connection', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.onVoiceLost();
    ana.queue.enqueue('a', 'hola');
    assert.deepEqual(ana.sent, []);
    ana.queue.resume();
    assert.deepEqual(ana.sent, ['hola']);
  });

  test('send queue matches an echo after the connection is lost', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.onVoiceLost();
    assert.equal(ana.echo('hola'), 'matched');
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
  });

  test('send queue does not count bytes of a lost connection as in flight', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1023));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.queue.enqueue('b', 'y'.repeat(1023));
    assert.equal(ana.sent.length, 1);
    ana.queue.onVoiceLost();
    ana.queue.resume();
    assert.equal(ana.sent.length, 2);
    assert.equal(ana.sent[1], 'y'.repeat(1023));
  });

  test('send queue drops the rest of a message whose middle may be lost', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(3000));
    ana.queue.enqueue('b', 'hola');
    ana.echoAll();
    ana.queue.enqueue('c', 'y'.repeat(3000));
    ana.queue.enqueue('d', 'adiós');
    ana.queue.onVoiceLost();
    ana.queue.resume();
    ana.pass(RECEIPT_TIMEOUT_MS);
    assert.deepEqual(ana.sent.slice(-2), ['y'.repeat(1023), 'adiós']);
    assert.deepEqual(ana.statesOf('c'), ['unconfirmed']);
  });

  test('send queue sends the rest of a message whose middle has its echo after all', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(2000));
    ana.queue.onVoiceLost();
    ana.echoAll();
    ana.queue.resume();
    assert.equal(ana.sent.join(''), 'x'.repeat(2000));
    ana.echoAll();
    assert.deepEqual(ana.statesOf('a'), ['heard']);
  });
});

describe('refuse and abort', () => {
  test('send queue sends queued messages after refuse, and fails later ones', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'hola');
    ana.queue.enqueue('b', 'adiós');
    ana.queue.refuse('left');
    ana.queue.enqueue('c', 'tarde');
    assert.deepEqual(ana.receipts, [{ id: 'c', state: 'failed', reason: 'left' }]);
    for (const word of ['hola', 'adiós']) ana.echo(word);
    assert.deepEqual(ana.sent, ['hola', 'adiós']);
    assert.deepEqual([ana.statesOf('a'), ana.statesOf('b')], [['heard'], ['heard']]);
    assert.equal(ana.queue.isIdle, true);
  });

  test('send queue completes begun messages after abort, and fails the others', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(3000));
    ana.queue.enqueue('b', 'a todos');
    ana.queue.abort('closing');
    ana.queue.enqueue('c', 'tarde');
    assert.deepEqual(ana.receipts, [
      { id: 'b', state: 'failed', reason: 'closing' },
      { id: 'c', state: 'failed', reason: 'closing' },
    ]);
    ana.echoAll();
    assert.equal(ana.sent.join(''), 'x'.repeat(3000));
    assert.deepEqual(ana.statesOf('a'), ['heard']);
    assert.equal(ana.queue.isIdle, true);
    ana.pass(60_000);
    assert.equal(ana.receipts.length, 3);
  });

  test('send queue completes an aborted message when it is resumed', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(2000));
    ana.queue.pause();
    ana.echoAll();
    ana.queue.abort('closing');
    ana.queue.resume();
    ana.echoAll();
    assert.deepEqual(ana.receipts, [{ id: 'a', state: 'heard', seq: 1 }]);
  });

  test('send queue fails a message once, for the first reason', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.pause();
    ana.queue.enqueue('a', 'hola');
    ana.queue.abort('left');
    ana.queue.abort('closing');
    ana.queue.enqueue('b', 'tarde');
    assert.deepEqual(ana.receipts, [
      { id: 'a', state: 'failed', reason: 'left' },
      { id: 'b', state: 'failed', reason: 'left' },
    ]);
  });
});

test('send queue reports idle when each chunk has its echo or is late', (t) => {
  const ana = new SendQueueHarness(t);
  const before = ana.idles;
  ana.queue.enqueue('a', 'hola');
  ana.queue.enqueue('b', 'adiós');
  ana.echo('hola');
  assert.equal(ana.idles, before);
  ana.pass(RECEIPT_TIMEOUT_MS - 1);
  assert.equal(ana.idles, before);
  ana.pass(1);
  assert.ok(ana.idles > before);
});

/** Events between a voice and a server that sleeps and wakes at any time. */
type Event =
  | { kind: 'say'; bytes: number }
  | { kind: 'pass'; ms: number }
  /** The server reads up to 1024 bytes at once. */
  | { kind: 'read' }
  /** The ear hears the echo, or misses it. */
  | { kind: 'hear' }
  | { kind: 'miss' };

const event = fc.oneof(
  fc.record({ kind: fc.constant('say' as const), bytes: fc.oneof(fc.nat(40), fc.nat(600), fc.nat(2500)) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.oneof(fc.nat(1000), fc.nat(15_000)) }),
  fc.record({ kind: fc.constantFrom('read' as const, 'hear' as const, 'miss' as const) }),
);

/**
 * A server of which the queue sees only echoes. An echo, or a later one after a missed echo, shows that the server runs.
 */
class SleepyServer {
  readonly #ana: SendQueueHarness;
  #read = 0;
  readonly #broadcasts: { readAt: number; lines: string[] }[] = [];

  constructor(ana: SendQueueHarness) {
    this.#ana = ana;
  }

  get unread(): number {
    return this.#ana.sent.slice(this.#read).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  }

  happens(event: Event): void {
    switch (event.kind) {
      case 'say':
        this.#ana.queue.enqueue(`${Math.random()}`, 'x'.repeat(event.bytes));
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
    if (heard) for (const line of broadcast.lines) this.#ana.echo(line);
    this.#ana.movedAt = broadcast.readAt;
  }
}

test('send queue never has more in flight than one read of the server takes', (t) => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const ana = new SendQueueHarness(t);
      const server = new SleepyServer(ana);
      for (const each of events) {
        server.happens(each);
        assert.ok(server.unread <= 1024, `${server.unread} bytes after ${each.kind}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('send queue sends all in order once the server reads again', (t) => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 2500 }), { minLength: 1, maxLength: 6 }),
      (events, sizes) => {
        const ana = new SendQueueHarness(t);
        const server = new SleepyServer(ana);
        for (const each of events) server.happens(each);
        const texts = sizes.map((size, index) => `${index}:`.padEnd(size + 4, 'y'));
        for (const [index, text] of texts.entries()) ana.queue.enqueue(`last ${index}`, text);
        const heard = (id: string) => ana.statesOf(id).at(-1) === 'heard';
        for (let round = 0; round < 500 && !texts.every((_, index) => heard(`last ${index}`)); round++) {
          for (const kind of ['read', 'hear'] as const) server.happens({ kind });
          server.happens({ kind: 'pass', ms: 500 });
        }
        assert.equal(ana.queue.waiting, 0);
        assert.ok(ana.sent.join('').endsWith(texts.join('')));
        for (const index of texts.keys()) assert.ok(heard(`last ${index}`), `${index} of ${texts.length}`);
      },
    ),
    { numRuns: 50 },
  );
});

describe('chunks presumed lost in time', () => {
  test('send queue presumes a chunk lost in time, whatever is enqueued meanwhile', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(1000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    for (let id = 0; id < 10; id++) {
      ana.queue.enqueue(`${id}`, 'y'.repeat(1000));
      ana.pass(1_500);
      ana.movedAt = Date.now();
    }
    assert.ok(ana.sent.length >= 2);
  });

  test('send queue drops the rest of a message with a late chunk on a lost connection', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', `${'x'.repeat(1023)}END`);
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.queue.onVoiceLost();
    ana.queue.resume();
    ana.pass(20_000);
    assert.equal(ana.sent.length, 1);
  });
});

describe('presumed-lost chunks', () => {
  test('send queue matches a late echo of a presumed-lost chunk', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'tarde');
    ana.movedAt = Date.now() + 1;
    ana.pass(12_000);
    ana.queue.enqueue('b', 'luego');
    assert.deepEqual(ana.sent, ['tarde', 'luego']);
    assert.equal(ana.echo('tarde'), 'matched');
    assert.deepEqual(ana.statesOf('a'), ['unconfirmed', 'heard']);
    assert.equal(ana.echo('tarde'), 'forged');
    assert.equal(ana.echo('luego'), 'matched');
  });

  test('send queue remembers 32 presumed-lost chunks', (t) => {
    const ana = new SendQueueHarness(t);
    for (let number = 0; number <= 32; number++) {
      ana.queue.enqueue(`${number}`, `palabra ${number}`);
      ana.movedAt = Date.now() + 1;
      ana.pass(14_000);
    }
    assert.equal(ana.echo('palabra 0'), 'forged');
    assert.equal(ana.echo('palabra 1'), 'matched');
  });
});

describe('private echoes of several chunks', () => {
  test('send queue acknowledges two chunks in one private echo', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'uno');
    ana.queue.enqueue('b', 'dos');
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    ana.queue.onPrivateText('Eco: uno\ndos\n');
    assert.equal(ana.statesOf('a').at(-1), 'heard');
    assert.equal(ana.statesOf('b').at(-1), 'heard');
  });

  test('send queue acknowledges only the second chunk for an echo of the second', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'uno');
    ana.queue.enqueue('b', 'dos');
    ana.pass(2 * RECEIPT_TIMEOUT_MS);
    ana.queue.onPrivateText('Eco: dos\n');
    assert.deepEqual([ana.statesOf('a').at(-1), ana.statesOf('b').at(-1)], ['unconfirmed', 'heard']);
  });

  test('send queue finds no echo in earlier private text, nor for a blank chunk', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.onPrivateText('Bienvenido, hola\n');
    ana.queue.enqueue('a', 'hola');
    ana.queue.onPrivateText('otra cosa\n');
    assert.deepEqual(ana.statesOf('a'), []);
    ana.queue.onPrivateText('Eco: hola\n');
    ana.queue.enqueue('b', `${' '.repeat(1100)}x`);
    ana.queue.onPrivateText('Bienvenido\n');
    assert.equal(ana.sent.length, 2);
  });
});

describe('waiting messages', () => {
  test('send queue takes at most three times the size of waiting text in memory', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.pause();
    const before = heapBytes();
    for (let id = 0; id < 32; id++)
      ana.queue.enqueue(`${id}`, 'hola que tal '.repeat(3_000).slice(0, TEXT_BYTES));
    const kept = heapBytes() - before;
    assert.equal(ana.queue.waiting, 32);
    assert.ok(kept <= 3 * 32 * TEXT_BYTES, `${kept} bytes`);
  });

  test('send queue counts waiting bytes until they are sent, to the byte', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.pause();
    ana.queue.enqueue('a', 'ñ'.repeat(1_000));
    ana.queue.enqueue('b', 'adiós');
    assert.deepEqual([ana.queue.waitingBytes, ana.queuedBytes], [2_006, 2_006]);
    ana.queue.resume();
    assert.deepEqual([ana.queue.waitingBytes, ana.queuedBytes], [984, 984]);
    ana.echoAll();
    assert.deepEqual([ana.queue.waitingBytes, ana.queuedBytes], [0, 0]);
  });

  test('send queue stops counting aborted messages', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(3_000));
    ana.queue.enqueue('b', 'adiós');
    ana.queue.abort('closing');
    assert.equal(ana.queuedBytes, 3_000 - 1_023, 'a begun message is completed');
    ana.queue.end();
    assert.equal(ana.queuedBytes, 0);
  });

  test('send queue stops counting a message that a lost connection cuts off', (t) => {
    const ana = new SendQueueHarness(t);
    ana.queue.enqueue('a', 'x'.repeat(3_000));
    ana.pass(RECEIPT_TIMEOUT_MS);
    ana.queue.onVoiceLost();
    assert.equal(ana.queuedBytes, 0);
  });

  test('send queue keeps no text of settled messages', (t) => {
    const ana = new SendQueueHarness(t);
    const before = heapBytes();
    for (let id = 0; id < 200; id++) {
      ana.queue.enqueue(`${id}`, `${id}`.repeat(8_000));
      ana.echoAll();
    }
    ana.sent.length = ana.log.length = 0;
    assert.ok(heapBytes() - before < 200 * 8_000, 'only a receipt of each message is kept');
  });
});

/** Lets the announcements of a queue wait until the test answers them. */
function holdAnnouncements(harness: SendQueueHarness) {
  const asked: { id: string; chunks: string[]; attempt: number; answer: (outcome: Announced) => void }[] = [];
  harness.announce = (id, chunks, attempt, answer) => asked.push({ id, chunks, attempt, answer });
  return asked;
}

test('send queue announces all chunks of a message before it sends the first', (t) => {
  const ana = new SendQueueHarness(t);
  const asked = holdAnnouncements(ana);
  const long = 'a'.repeat(1_500);
  ana.queue.enqueue('a', long);
  assert.deepEqual(ana.sent, []);
  assert.deepEqual(
    asked.map(({ id, chunks, attempt }) => [id, chunks.join('') === long, attempt]),
    [['a', true, 1]],
  );
  asked[0]?.answer('new');
  assert.equal(ana.sent.length, 1);
  ana.echoAll();
  assert.equal(ana.sent.join(''), long);
  assert.equal(asked.length, 1);
});

test('send queue leaves a message to the gateway that announced it first', (t) => {
  const ana = new SendQueueHarness(t);
  const asked = holdAnnouncements(ana);
  ana.queue.enqueue('a', 'hola');
  asked[0]?.answer('known');
  ana.pass(RECEIPT_TIMEOUT_MS);
  assert.deepEqual(ana.sent, []);
  assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
  ana.queue.onLogged('a', 0, 7);
  assert.deepEqual(ana.statesOf('a'), ['unconfirmed', 'heard']);
});

test('send queue calls a message unconfirmed that the log of a cluster does not name', (t) => {
  const ana = new SendQueueHarness(t);
  const asked = holdAnnouncements(ana);
  ana.queue.enqueue('a', 'hola');
  asked[0]?.answer('new');
  const match = ana.queue.matchEcho('hola', false);
  assert.equal(match.kind, 'matched');
  if (match.kind === 'matched') ana.queue.acknowledge(match.chunk);
  const longestTakeoverMs = 11_000;
  ana.pass(longestTakeoverMs);
  assert.deepEqual(ana.statesOf('a'), []);
  ana.pass(longestTakeoverMs);
  assert.deepEqual(ana.statesOf('a'), ['unconfirmed']);
  ana.queue.onLogged('a', 0, 7);
  assert.deepEqual(ana.statesOf('a'), ['unconfirmed', 'heard']);
});

test('send queue announces a message again under the address of its next voice', (t) => {
  const ana = new SendQueueHarness(t);
  const asked = holdAnnouncements(ana);
  ana.queue.enqueue('a', 'hola');
  ana.queue.onVoiceLost();
  asked[0]?.answer('new');
  assert.deepEqual(ana.sent, []);
  ana.queue.resume();
  assert.equal(asked[1]?.attempt, 2);
  asked[1]?.answer('new');
  assert.deepEqual(ana.sent, ['hola']);
});

test('send queue completes a message after abort that was heard and is not in the log yet', (t) => {
  const ana = new SendQueueHarness(t);
  const asked = holdAnnouncements(ana);
  const long = 'a'.repeat(1_500);
  ana.queue.enqueue('a', long);
  asked[0]?.answer('new');
  ana.queue.pause();
  const match = ana.queue.matchEcho(ana.sent[0] ?? '', false);
  assert.equal(match.kind, 'matched');
  if (match.kind === 'matched') ana.queue.acknowledge(match.chunk);
  ana.queue.abort('closing');
  assert.deepEqual(ana.statesOf('a'), []);
  ana.queue.resume();
  assert.equal(ana.sent.join(''), long);
});
