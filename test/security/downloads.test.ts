/**
 * Downloads of the transcript: what they cost ends with the client, and clients that do not read are closed.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import { TimeSlices } from '../../gateway/lib/time-slices.ts';
import { QUERY_COMPILER } from '../../gateway/server/query-rules.ts';
import { transcriptRoute } from '../../gateway/server/routes/download.ts';
import { historyRoutes } from '../../gateway/server/routes/history.ts';
import type { Transcript } from '../../gateway/transcript/transcript.ts';
import type { TranscriptQuery } from '../../gateway/transcript/transcript-search.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from './connect.ts';

const NEVER_MS = 600_000;

/** A log without end, unless it is given one, that notes after which entries it is read. */
class EndlessLog {
  head = Number.MAX_SAFE_INTEGER - 1;
  readonly tail = 1;
  readonly epoch = 'endless';
  readonly readsAfter: number[] = [];

  get reads(): number {
    return this.readsAfter.length;
  }

  find({ after = 0, limit }: TranscriptQuery): string[] {
    this.readsAfter.push(after);
    return Array.from({ length: Math.min(limit, this.head - after) }, (_, i) =>
      JSON.stringify({ seq: after + i + 1, at: 0, from: '10.0.0.7:4000', text: 'x'.repeat(500) }),
    );
  }

  flush(): void {}

  readonly messages = { continuedBetween: () => new Set<number>() };
}

async function serve(
  t: TestContext,
  limits: { total?: number; perAddress?: number; stallTimeoutMs?: number; downloadMinRate?: number },
) {
  const app = Fastify({
    forceCloseConnections: true,
    schemaController: { compilersFactory: QUERY_COMPILER },
  });
  const log = new EndlessLog();
  const { total = 10, perAddress = 10, stallTimeoutMs = NEVER_MS, downloadMinRate = 0 } = limits;
  const clientAddressOf = ({ headers }: IncomingMessage) => ({
    ip: String(headers['x-from'] ?? '203.0.113.1'),
    port: 0,
  });
  const slices = new TimeSlices();
  transcriptRoute(app, log as unknown as Transcript, {
    clientAddressOf,
    slices,
    downloads: { total, perAddress },
    stallTimeoutMs,
    downloadMinRate,
    title: () => '',
  });
  historyRoutes(app, log as unknown as Transcript, {
    clientAddressOf,
    slices,
    searches: { total: 1, perAddress: 1 },
    searchTimeoutMs: NEVER_MS,
    charge: () => {},
    revision: () => 0,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  return { log, app, port: (app.server.address() as AddressInfo).port };
}

/** A client that asks for the file and reads nothing of it. */
async function download(t: TestContext, port: number, from = '203.0.113.1'): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET /api/transcript?format=text HTTP/1.1\r\nHost: localhost\r\nX-From: ${from}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

async function status(port: number, from: string): Promise<number> {
  const client = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}/api/transcript`, {
    headers: { 'x-from': from },
    signal: client.signal,
  });
  client.abort();
  return answer.status;
}

test('HEAD of the transcript and of a search reads nothing of the log', async (t) => {
  const { log, port } = await serve(t, {});
  for (const path of ['/api/transcript?format=jsonl', '/api/messages?q=a']) {
    const { status, text } = await ask({ port }, path, {}, { method: 'HEAD' });
    assert.deepEqual([status, text], [200, ''], path);
  }
  const { headers } = await ask({ port }, '/api/transcript?format=jsonl', {}, { method: 'HEAD' });
  assert.match(headers['content-disposition'] ?? '', /tertulia\.jsonl/);
  assert.equal(log.reads, 0);
});

test('a download is not read ahead of its client, and ends with it', async (t) => {
  const { log, port } = await serve(t, { total: 1 });
  const client = await download(t, port);
  let reads = -1;
  // The buffers of the sockets are full when no more is read.
  await eventually(
    async () => {
      const isStill = reads === log.reads;
      reads = log.reads;
      await status(port, '203.0.113.2');
      return isStill;
    },
    () => `${log.reads} reads for a client that does not read`,
  );
  client.destroy();
  await eventually(
    async () => (await status(port, '203.0.113.1')) === 200,
    () => 'its place is not free again',
  );
});

test('downloads at the same time are limited in total and per address', async (t) => {
  const { port } = await serve(t, { total: 3, perAddress: 2 });
  const first = await download(t, port, '203.0.113.1');
  await download(t, port, '203.0.113.1');
  const { status: refused, headers } = await ask({ port }, '/api/transcript', { 'x-from': '203.0.113.1' });
  assert.equal(refused, 429);
  assert.match(headers['retry-after'] ?? '', /^\d+$/);
  await download(t, port, '127.0.0.1');
  assert.equal(await status(port, '127.0.0.1'), 429);
  first.destroy();
  await eventually(
    async () => (await status(port, '203.0.113.1')) === 200,
    () => 'the place of a client that left is not free again',
  );
});

test('two of many downloads work at a time, so that those that wait keep nothing', async (t) => {
  const { log, app } = await serve(t, {});
  log.head = 1_000;
  const files = Array.from({ length: 10 }, () => app.inject('/api/transcript?format=jsonl'));
  for (const { statusCode } of await Promise.all(files)) assert.equal(statusCode, 200);
  const begun = log.readsAfter.slice(0, log.readsAfter.indexOf(500)).filter((after) => after === 0);
  assert.equal(begun.length, 2);
  assert.equal(log.readsAfter.filter((after) => after === 1_000).length, 10);
});

test('a download that nobody reads is closed after the stall timeout', async (t) => {
  const { port } = await serve(t, { total: 1, stallTimeoutMs: 200 });
  await download(t, port);
  await eventually(
    async () => (await status(port, '203.0.113.2')) === 200,
    () => 'it still has its place',
  );
});

test('a download whose client reads now and then is closed below the minimum rate', async (t) => {
  const { port } = await serve(t, { total: 1, stallTimeoutMs: 500, downloadMinRate: 1e12 });
  const client = await download(t, port);
  // Each read makes room for another write, so the stall timeout alone would never end it.
  const reading = setInterval(() => client.read(), 20);
  t.after(() => clearInterval(reading));
  await eventually(
    async () => (await status(port, '203.0.113.2')) === 200,
    () => 'it still has its place',
  );
});
