import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineRefused } from '../../gateway/cluster/engine.ts';
import { openEngine, serversIn } from '../../gateway/cluster/open-engine.ts';

test('scheme before the first server holds for those that have none', () => {
  const lists = ['nats://a,b:4223, c', 'a,b', 'tls://a,nats://b', 'nats://a'];
  assert.deepEqual(lists.map(serversIn), [
    ['nats://a', 'nats://b:4223', 'nats://c'],
    ['a', 'b'],
    ['tls://a', 'nats://b'],
    ['nats://a'],
  ]);
});

test('missing file of credentials is refused in one line that names its setting', async () => {
  const settings = {
    CLUSTER: 'nats://127.0.0.1',
    CLUSTER_NAME: 'tests',
    CLUSTER_TOKEN: '',
    CLUSTER_CREDENTIALS: '/nowhere/tertulia.creds',
    CLUSTER_CA: '',
    CLUSTER_ALLOW_OLD: false,
  };
  const log = { info: () => {}, warn: () => {} };
  await assert.rejects(
    openEngine(settings, { maxAgeMs: 1000, maxBytes: 1000 }, log, AbortSignal.timeout(1000)),
    (error: Error) =>
      error instanceof EngineRefused &&
      /^Bad configuration: CLUSTER_CREDENTIALS=\/nowhere\/tertulia\.creds: ENOENT/.test(error.message),
  );
});
