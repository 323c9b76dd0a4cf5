import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JsonEncoder, PlainTextEncoder } from '../../../gateway/downstream/encoders.ts';
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

const encoder = new PlainTextEncoder((address) => address === ANA);

describe('text encoder', () => {
  test('text encoder writes a message as the room sends it', () => {
    assert.equal(encoder.batch(batch({ text: 'hola' })), '10.0.0.8:5000 dice: hola');
  });

  test('text encoder writes one line per message', () => {
    const lines = encoder.batch(
      batch({ text: 'hola' }, { from: '[::1]:80', text: '' }, { text: 'adiós 🎉' }),
    );
    assert.equal(lines, '10.0.0.8:5000 dice: hola\n[::1]:80 dice: \n10.0.0.8:5000 dice: adiós 🎉');
  });

  test('text encoder writes the header before each line of a message', () => {
    const lines = encoder.batch(batch({ text: 'uno\n10.0.0.9:6000 dice: dos' }));
    assert.equal(lines, '10.0.0.8:5000 dice: uno\n10.0.0.8:5000 dice: 10.0.0.9:6000 dice: dos');
  });

  test('text encoder leaves out messages of its own client', () => {
    assert.equal(
      encoder.batch(batch({ from: ANA, text: 'hola' }, { text: 'qué tal' })),
      '10.0.0.8:5000 dice: qué tal',
    );
  });

  test('text encoder leaves out gaps', () => {
    const gap = { from: '', gap: { since: 1, until: 2 } };
    assert.equal(encoder.batch(batch({ text: 'hola' }, gap)), '10.0.0.8:5000 dice: hola');
  });

  test('text encoder makes no frame of a batch without a line', () => {
    const gap = { from: '', gap: { since: 1, until: 2 } };
    assert.equal(encoder.batch(batch({ from: ANA, text: 'hola' }, gap)), undefined);
  });

  test('text encoder writes text of an unnamed sender without a header', () => {
    assert.equal(encoder.batch(batch({ from: '', text: '<user5> hola' })), '<user5> hola');
  });

  test('text encoder writes private text unchanged', () => {
    assert.equal(encoder.message({ type: 'notice', text: 'Bienvenido\n' }), 'Bienvenido\n');
  });

  test('text encoder writes why a message failed', () => {
    assert.equal(
      encoder.message({ type: 'receipt', id: '1', state: 'failed', reason: 'too-long' }),
      '# not said: too-long',
    );
    assert.equal(
      encoder.message({ type: 'error', code: 'not-text', message: 'frames must be text' }),
      '# frames must be text',
    );
  });

  test('text encoder writes no other message of the protocol', () => {
    const others: ServerMessage[] = [
      { type: 'pong' },
      { type: 'room', state: 'open', you: ANA },
      { type: 'receipt', id: '1', state: 'heard', seq: 1 },
      { type: 'receipt', id: '1', state: 'unconfirmed' },
    ];
    for (const message of others) assert.equal(encoder.message(message), undefined);
  });
});

test('JSON encoder passes the shared frame, and writes each message of the protocol', () => {
  const jsonEncoder = new JsonEncoder();
  const made = batch({ text: 'hola' });
  assert.equal(jsonEncoder.batch(made), made.frame);
  const message: ServerMessage = { type: 'room', state: 'open', you: ANA };
  assert.deepEqual(JSON.parse(jsonEncoder.message(message) ?? ''), message);
});
