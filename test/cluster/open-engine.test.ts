import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineRefused } from '../../gateway/cluster/engine.ts';
import { openEngine, serversIn } from '../../gateway/cluster/open-engine.ts';
import { DEADLINE_MS } from '../helpers/eventually.ts';
import { dataDir } from '../helpers/gateway.ts';

test('scheme before the first server holds for those that have none', () => {
  const lists = ['nats://a,b:4223, c', 'a,b', 'tls://a,nats://b', 'nats://a'];
  assert.deepEqual(lists.map(serversIn), [
    ['nats://a', 'nats://b:4223', 'nats://c'],
    ['a', 'b'],
    ['tls://a', 'nats://b'],
    ['nats://a'],
  ]);
});

test('files of credentials and authority that cannot be used are refused in one line', async (t) => {
  const garbage = join(dataDir(t), 'garbage');
  writeFileSync(garbage, 'garbage');
  const refusals = [
    ['CLUSTER_CREDENTIALS', '/nowhere/tertulia.creds', /: ENOENT/],
    ['CLUSTER_CREDENTIALS', garbage, /: has no BEGIN NATS USER JWT$/],
    ['CLUSTER_CA', garbage, /: .*no start line$/],
  ] as const;
  for (const [name, path, reason] of refusals) {
    const settings = {
      CLUSTER: 'nats://127.0.0.1',
      CLUSTER_NAME: 'tests',
      CLUSTER_TOKEN: '',
      CLUSTER_CREDENTIALS: '',
      CLUSTER_CA: '',
      CLUSTER_ALLOW_OLD: false,
      [name]: path,
    };
    const log = { info: () => {}, warn: () => {} };
    await assert.rejects(
      openEngine(settings, { maxAgeMs: 1000, maxBytes: 1000 }, log, AbortSignal.timeout(DEADLINE_MS)),
      (error: Error) =>
        error instanceof EngineRefused &&
        error.message.startsWith(`Bad configuration: ${name}=${path}`) &&
        reason.test(error.message),
    );
  }
});
