import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  KeyGatherer,
  PACKET_MAX_KEYS,
  ROW_MAX_WAITS,
  TYPING_WAIT_MS,
} from '../../tcp-server/key-gatherer.ts';

const WAIT_MS = 300;
const MAX_CHARS = 1024;

/** A gatherer and its clock. */
function gatherer(t: TestContext): { keys: KeyGatherer; clock: { now: number } } {
  const clock = { now: 0 };
  t.mock.method(performance, 'now', () => clock.now);
  return { keys: new KeyGatherer(WAIT_MS, MAX_CHARS), clock };
}

/** Returns the texts that the packets make. */
function send(keys: KeyGatherer, packets: string[]): string[] {
  return packets.map((packet) => keys.push(packet)).filter(Boolean);
}

test('key gatherer passes lines and longer texts at once', (t) => {
  const { keys } = gatherer(t);
  const packets = ['hola\n', 'ok', 'sin salto', '\n', 'a\n', '\r\n', '👍👍'];
  assert.deepEqual(send(keys, packets), packets);
  assert.equal(keys.flushInMs, undefined);
});

test('key gatherer holds a single key for the configured time', (t) => {
  const { keys, clock } = gatherer(t);
  assert.equal(keys.push('👍'), '');
  assert.equal(keys.flushInMs, WAIT_MS);
  clock.now = 100;
  assert.equal(keys.flushInMs, WAIT_MS - 100);
  assert.equal(keys.flush(), '👍');
  assert.equal(keys.flushInMs, undefined);
});

test('key gatherer holds a row of keys for a limited time before a line end', (t) => {
  const { keys, clock } = gatherer(t);
  for (let n = 0; n < ROW_MAX_WAITS * 2; n++) {
    keys.push('a');
    clock.now += WAIT_MS / 2;
  }
  assert.equal(keys.flushInMs, 0);
  assert.equal(keys.flush(), 'a'.repeat(ROW_MAX_WAITS * 2));
});

test('key gatherer makes a line of keys and a line end', (t) => {
  const { keys } = gatherer(t);
  assert.deepEqual(send(keys, [...'hola', '\r\n', ...'adiós', '\r\n']), ['hola\r\n', 'adiós\r\n']);
});

test('key gatherer waits longer for a client known to send keys', (t) => {
  const { keys, clock } = gatherer(t);
  send(keys, ['a', '\r\n', 'b']);
  assert.equal(keys.flushInMs, TYPING_WAIT_MS);
  clock.now = TYPING_WAIT_MS - 1;
  assert.equal(keys.push('c'), '');
  assert.equal(keys.flushInMs, TYPING_WAIT_MS);
  assert.deepEqual(send(keys, ['d\r\ne', 'f\n']), ['bcd\r\n', 'ef\n']);
});

test('key gatherer holds a short text of a client that has sent keys', (t) => {
  const { keys } = gatherer(t);
  send(keys, ['a', '\r\n']);
  assert.equal(keys.push('ok'), '');
  assert.equal(keys.flushInMs, WAIT_MS);
});

test('key gatherer ignores a line end long after a single key', (t) => {
  const { keys } = gatherer(t);
  keys.push('a');
  assert.equal(keys.flush(), 'a');
  assert.deepEqual(send(keys, ['\n', 'sin']), ['\n', 'sin']);
});

test('key gatherer applies erase keys and removes arrow keys', (t) => {
  const { keys } = gatherer(t);
  send(keys, ['a', '\r\n']);
  const line = [...'ñu👍', '\b', '\x7f', '\x1b[D', '\x1bOA', 'a', '\b', '\b', '\b', 'o', 'k', '\r\n'];
  assert.deepEqual(send(keys, line), ['ok\r\n']);
});

test('key gatherer treats a client as sending lines again after a long text', (t) => {
  const { keys } = gatherer(t);
  send(keys, ['a', '\r\n', 'b']);
  assert.equal(keys.push('x'.repeat(PACKET_MAX_KEYS)), '');
  assert.equal(
    keys.push('y'.repeat(PACKET_MAX_KEYS + 1)),
    `b${'x'.repeat(PACKET_MAX_KEYS)}${'y'.repeat(PACKET_MAX_KEYS + 1)}`,
  );
  assert.equal(keys.push('sin salto'), 'sin salto');
});

test('key gatherer limits a line of keys to the longest message', (t) => {
  const { keys } = gatherer(t);
  send(keys, ['a', '\r\n']);
  const sent = send(
    keys,
    Array.from({ length: MAX_CHARS + 1 }, () => 'x'),
  );
  assert.deepEqual(sent, ['x'.repeat(MAX_CHARS)]);
});

test('key gatherer with a wait of 0 gathers nothing', () => {
  const keys = new KeyGatherer(0, MAX_CHARS);
  assert.equal(keys.push('a'), 'a');
  assert.equal(keys.push('\r\n'), '\r\n');
  assert.equal(keys.flushInMs, undefined);
});
