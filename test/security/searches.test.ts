/**
 * Searches: they share the gateway with everything else, in bounded number, for a bounded time.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import { TimeSlices } from '../../gateway/lib/time-slices.ts';
import { QUERY_COMPILER } from '../../gateway/server/query-rules.ts';
import { type HistoryOptions, historyRoutes } from '../../gateway/server/routes/history.ts';
import type { Transcript } from '../../gateway/transcript/transcript.ts';
import type { SearchResult, TranscriptQuery } from '../../gateway/transcript/transcript-search.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from './connect.ts';

const NEVER_MS = 600_000;

/** A log in which a search finds nothing, and does not end before it may. */
class SlowLog {
  readonly head = 1;
  readonly tail = 1;
  readonly epoch = 'slow';
  readonly search = this;
  searching = 0;
  slices = 0;
  mayEnd = false;

  async find(_words: string, _range: TranscriptQuery, slice: () => Promise<void>): Promise<SearchResult> {
    this.searching++;
    try {
      do {
        await slice();
        this.slices++;
      } while (!this.mayEnd);
    } finally {
      this.searching--;
    }
    return { messages: [], more: false, isComplete: true };
  }
}

async function serve(t: TestContext, options: Partial<HistoryOptions> = {}) {
  const app = Fastify({
    forceCloseConnections: true,
    schemaController: { compilersFactory: QUERY_COMPILER },
  });
  const log = new SlowLog();
  const charged: number[] = [];
  historyRoutes(app, log as unknown as Transcript, {
    clientAddressOf: ({ headers }) => ({ ip: String(headers['x-from'] ?? '203.0.113.1'), port: 0 }),
    slices: new TimeSlices(),
    searches: { total: 2_000, perAddress: 2_000 },
    searchTimeoutMs: NEVER_MS,
    charge: (_ip, cost) => charged.push(cost),
    revision: () => 0,
    ...options,
  });
  app.get('/healthz', async () => ({ slices: log.slices }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: false });
  t.after(async () => {
    log.mayEnd = true;
    agent.destroy();
    await app.close();
  });
  const { port } = app.server.address() as AddressInfo;
  /** Sends a search; the status of its answer, once it is there. */
  const search = (from = '203.0.113.1') => {
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/api/messages?q=a',
      agent,
      headers: { 'x-from': from },
    });
    const status = new Promise<number>((resolve) => {
      asked.on('response', (answer) => resolve(answer.resume().statusCode ?? 0));
      asked.on('error', () => resolve(0));
    });
    asked.end();
    return { status, leave: () => asked.destroy() };
  };
  const areSearching = (count: number) =>
    eventually(
      () => log.searching === count,
      () => `${log.searching} searches run, not ${count}`,
    );
  return { log, port, charged, search, areSearching };
}

test('a thousand searches that wait keep no other request waiting', async (t) => {
  const { log, port, search, areSearching } = await serve(t);
  const searches = Array.from({ length: 1_000 }, () => search());
  await areSearching(1_000);
  const before = log.slices;
  const { text } = await ask({ port }, '/healthz');
  const during = (JSON.parse(text) as { slices: number }).slices - before;
  // One slice each time that the event loop looks for requests: a round of all would be a thousand.
  assert.ok(during < 100, `${during} slices of searches came first`);
  log.mayEnd = true;
  const statuses = await Promise.all(searches.map(({ status }) => status));
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test('searches at the same time are limited in total and per address', async (t) => {
  const { log, search, areSearching } = await serve(t, { searches: { total: 3, perAddress: 2 } });
  const first = [search(), search()];
  await areSearching(2);
  assert.equal(await search().status, 429);
  const third = search('203.0.113.2');
  await areSearching(3);
  assert.equal(await search('203.0.113.3').status, 429);
  log.mayEnd = true;
  for (const { status } of [...first, third]) assert.equal(await status, 200);
  assert.equal(await search().status, 200);
});

test('a search that takes too long is ended, and so is one whose client has gone', async (t) => {
  const slow = await serve(t, { searchTimeoutMs: 100 });
  assert.equal(await slow.search().status, 503);
  assert.equal(slow.log.searching, 0);
  const patient = await serve(t);
  const { leave } = patient.search();
  await patient.areSearching(1);
  leave();
  await patient.areSearching(0);
});

test('a search is charged for the work beyond its price', async (t) => {
  const { log, charged, search } = await serve(t);
  const { find: quick } = log;
  log.mayEnd = true;
  assert.equal(await search().status, 200);
  log.find = async (words, range, slice) => {
    await slice();
    const end = performance.now() + 100;
    while (performance.now() < end);
    await slice();
    return await quick.call(log, words, range, slice);
  };
  assert.equal(await search().status, 200);
  const [cheap = -1, dear = -1] = charged;
  assert.ok(cheap >= 0 && dear >= 100 - 20, `${charged}`);
});
