/**
 * The packages of NATS are installed with the gateway, and loaded only in a cluster.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';

test('gateway without a cluster loads no package of NATS', async (t) => {
  const room = await builtRoom(t);
  const coverage = dataDir(t);
  // V8 writes the names of all scripts that it has loaded.
  const { program } = await startGateway(t, room.port, { NODE_V8_COVERAGE: coverage });
  assert.equal((await program.stop()).code, 0);
  const files = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
  const loaded = files.flatMap((text) =>
    (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
  assert.ok(loaded.some((url) => url.endsWith('/dist/gateway/main.js')));
  assert.deepEqual(
    loaded.filter((url) => /@nats-io|cluster\/nats/.test(url)),
    [],
  );
});
