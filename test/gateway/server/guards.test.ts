import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Fastify, { type FastifyReply, type LightMyRequestResponse } from 'fastify';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';
import { handleInOrder } from '../../../gateway/limits/pipelining.ts';
import { type GuardOptions, limitRate, REFUSAL_DELAY_MS } from '../../../gateway/server/guards.ts';

/** More than a request of an in-process server takes. */
const ITERATIONS = 100;

/** More than it takes until nothing of a request runs any more. */
const COLLECTIONS = 50;

test('refusal for too many requests waits, so that retries at once cost little', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const app = Fastify();
  t.after(() => app.close());
  let waitMs = 0;
  app.addHook('onRequest', (_request, reply, next) => {
    reply.header('cache-control', 'no-store');
    next();
  });
  limitRate(
    app,
    optionsOf(() => waitMs),
  );
  app.get('/', async () => 'here');
  await app.ready();
  assert.equal((await app.inject('/')).statusCode, 200);

  waitMs = 1_500;
  const answers: LightMyRequestResponse[] = [];
  void app.inject('/').then((answer) => {
    answers.push(answer);
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < ITERATIONS; i++) await nextIteration();
  };
  await settle();
  t.mock.timers.tick(REFUSAL_DELAY_MS - 1);
  await settle();
  assert.equal(answers.length, 0);
  t.mock.timers.tick(1);
  await settle();
  const [refusal] = answers;
  assert.equal(refusal?.statusCode, 429);
  assert.equal(refusal?.headers['retry-after'], '2');
  assert.equal(refusal?.headers['cache-control'], 'no-store');
  assert.deepEqual(refusal?.json(), { message: 'too many requests from this address, try again later' });
});

test('refusal for too many requests that waits holds no object of Fastify', async (t) => {
  setFlagsFromString('--expose-gc');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const collectGarbage = runInNewContext('gc') as () => void;
  const app = Fastify({ forceCloseConnections: true });
  t.after(() => app.close());
  let reply: WeakRef<FastifyReply> | undefined;
  handleInOrder(app, new TimeSlices());
  app.addHook('onRequest', (_request, refused, next) => {
    reply = new WeakRef(refused);
    next();
  });
  limitRate(
    app,
    optionsOf(() => 1_000),
  );
  app.get('/', async () => 'here');
  await app.listen({ host: '127.0.0.1', port: 0 });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  while (reply === undefined) await nextIteration();
  for (let i = 0; i < COLLECTIONS && reply.deref() !== undefined; i++) {
    await nextIteration();
    collectGarbage();
  }
  assert.equal(reply.deref(), undefined);
  t.mock.timers.tick(REFUSAL_DELAY_MS);
  const [answer] = await once(client, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 429 /);
});

function optionsOf(waitMs: () => number): GuardOptions {
  const admission = { tryRequest: waitMs };
  const options = { admission, clientAddressOf: () => ({ ip: '203.0.113.1', port: 0 }), onRefused: () => {} };
  return options as unknown as GuardOptions;
}
