import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import Fastify from 'fastify';
import { type GuardOptions, limitRate, REFUSAL_DELAY_MS } from '../../../gateway/server/guards.ts';

/** More than a request of an in-process server takes. */
const ITERATIONS = 100;

test('refusal for too many requests waits, so that retries at once cost little', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const app = Fastify();
  t.after(() => app.close());
  let waitMs = 0;
  const admission = { tryRequest: () => waitMs };
  const options = { admission, clientAddressOf: () => ({ ip: '203.0.113.1', port: 0 }), onRefused: () => {} };
  limitRate(app, options as unknown as GuardOptions);
  app.get('/', async () => 'here');
  await app.ready();
  assert.equal((await app.inject('/')).statusCode, 200);

  waitMs = 1_500;
  let status: number | undefined;
  void app.inject('/').then(({ statusCode }) => {
    status = statusCode;
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < ITERATIONS; i++) await nextIteration();
  };
  await settle();
  t.mock.timers.tick(REFUSAL_DELAY_MS - 1);
  await settle();
  assert.equal(status, undefined);
  t.mock.timers.tick(1);
  await settle();
  assert.equal(status, 429);
});
