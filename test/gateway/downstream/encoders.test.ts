import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonEncoder, textEncoder } from '../../../gateway/downstream/encoders.ts';
import type { Entry, ServerMessage } from '../../../gateway/protocol.ts';
import { type Batch, batchOf } from '../../../gateway/transcript/ring-buffer.ts';

const ANA = '10.0.0.7:4000';
const LUIS = '10.0.0.8:5000';

function batch(...entries: Partial<Entry>[]): Batch {
  const whole = entries.map((entry, index) => ({ seq: index + 1, at: 0, from: LUIS, text: '', ...entry }));
  return batchOf(
    0,
    whole.length,
    whole.map((entry) => JSON.stringify(entry)),
  );
}

const terminal = textEncoder((address) => address === ANA);

describe('plain text shows', () => {
  test('a message as the room says it', () => {
    assert.equal(terminal.batch(batch({ text: 'hola' })), '10.0.0.8:5000 dice: hola');
  });

  test('several messages, a line each', () => {
    const lines = terminal.batch(
      batch({ text: 'hola' }, { from: '[::1]:80', text: '' }, { text: 'adiós 🎉' }),
    );
    assert.equal(lines, '10.0.0.8:5000 dice: hola\n[::1]:80 dice: \n10.0.0.8:5000 dice: adiós 🎉');
  });

  test('every line of a message under the name of who said it', () => {
    const lines = terminal.batch(batch({ text: 'uno\n10.0.0.9:6000 dice: dos' }));
    assert.equal(lines, '10.0.0.8:5000 dice: uno\n10.0.0.8:5000 dice: 10.0.0.9:6000 dice: dos');
  });

  test('not its own words', () => {
    assert.equal(
      terminal.batch(batch({ from: ANA, text: 'hola' }, { text: 'qué tal' })),
      '10.0.0.8:5000 dice: qué tal',
    );
  });

  test('no gaps', () => {
    const gap = { from: '', gap: { since: 1, until: 2 } };
    assert.equal(terminal.batch(batch({ text: 'hola' }, gap)), '10.0.0.8:5000 dice: hola');
  });

  test('nothing, not even a frame, where nothing is for it', () => {
    const gap = { from: '', gap: { since: 1, until: 2 } };
    assert.equal(terminal.batch(batch({ from: ANA, text: 'hola' }, gap)), undefined);
  });

  test('words that are of nobody known without a header', () => {
    assert.equal(terminal.batch(batch({ from: '', text: '<user5> hola' })), '<user5> hola');
  });

  test('the private words of the server as they are', () => {
    assert.equal(terminal.message({ type: 'notice', text: 'Bienvenido\n' }), 'Bienvenido\n');
  });

  test('why something was not said', () => {
    assert.equal(
      terminal.message({ type: 'receipt', id: '1', state: 'failed', reason: 'too-long' }),
      '# not said: too-long',
    );
    assert.equal(
      terminal.message({ type: 'error', code: 'not-text', message: 'frames must be text' }),
      '# frames must be text',
    );
  });

  test('nothing else of the protocol', () => {
    const others: ServerMessage[] = [
      { type: 'pong' },
      { type: 'room', state: 'open', you: ANA },
      { type: 'receipt', id: '1', state: 'heard', seq: 1 },
      { type: 'receipt', id: '1', state: 'unconfirmed' },
    ];
    for (const message of others) assert.equal(terminal.message(message), undefined);
  });
});

test('JSON is the frame made for all, and every message of the protocol', () => {
  const made = batch({ text: 'hola' });
  assert.equal(jsonEncoder.batch(made), made.frame);
  const message: ServerMessage = { type: 'room', state: 'open', you: ANA };
  assert.deepEqual(JSON.parse(jsonEncoder.message(message) ?? ''), message);
});
