import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { sendLine } from '../../../tcp-server/client/send-line.ts';

/** Sends a line, and lists the chunks as they are written and the pauses in ms. */
async function send(line: string): Promise<(string | number)[]> {
  const steps: (string | number)[] = [];
  const socket = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      steps.push(chunk);
      done();
    },
  });
  await sendLine(socket, line, async (ms) => steps.push(ms));
  return steps;
}

test('sendLine ends a line with a newline, and pauses', async () => {
  assert.deepEqual(await send('hola'), ['hola\n', 20]);
});

test('sendLine sends no empty line', async () => {
  assert.deepEqual(await send(''), []);
});

test('sendLine cuts a long line between characters, and pauses for the size of each chunk', async () => {
  const steps = await send(`a${'ñ'.repeat(600)}`);
  assert.deepEqual(steps, [`a${'ñ'.repeat(511)}`, 1023 * 0.1, `${'ñ'.repeat(89)}\n`, 20]);
});

test('sendLine stops when the connection is closed', async () => {
  const written: string[] = [];
  const socket = {
    writable: true,
    write(chunk: string) {
      written.push(chunk);
      socket.writable = false;
      return true;
    },
  };
  await sendLine(socket, 'n'.repeat(2000), async () => {});
  assert.deepEqual(written, ['n'.repeat(1024)]);
});
