/**
 * A DATA_DIR that can't be used stops the gateway with one line.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDir, startGateway } from '../../helpers/gateway.ts';
import { start } from '../../helpers/process.ts';
import { builtRoom } from '../../helpers/room.ts';

async function assertRefused(t: Parameters<typeof start>[0], DATA_DIR: string): Promise<void> {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { DATA_DIR, HTTP_PORT: '0' });
  assert.equal((await program.exits()).code, 1);
  const [line = '', ...rest] = program.errors.split('\n');
  assert.ok(line.startsWith(`Could not open the transcript in DATA_DIR=${DATA_DIR}: `), program.errors);
  assert.deepEqual(rest, ['']);
}

test(
  'DATA_DIR below a system folder without sub-folders stops the start with one line',
  {
    skip: !existsSync('/proc/self') && 'there is no /proc here',
  },
  (t) => assertRefused(t, '/proc/tertulia/data'),
);

test('DATA_DIR below a file stops the start with one line', async (t) => {
  const file = join(dataDir(t), 'file');
  writeFileSync(file, '');
  await assertRefused(t, join(file, 'data'));
  await assertRefused(t, file);
});

test('DATA_DIR is created, with the folders above it', async (t) => {
  const DATA_DIR = join(dataDir(t), 'one', 'two');
  const room = await builtRoom(t);
  await startGateway(t, room.port, { DATA_DIR });
  assert.ok(existsSync(join(DATA_DIR, 'transcript.db')));
});
