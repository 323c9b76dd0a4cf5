/**
 * Expensive requests. Each is paid for before its work begins, and none delays other connections.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify from 'fastify';
import { TimeSlices } from '../../gateway/lib/time-slices.ts';
import { handleInOrder } from '../../gateway/limits/pipelining.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, roomAndGateway } from './connect.ts';

/** More iterations of the event loop than a request takes. */
const TURNS = 50;

const BEHIND = { TRUSTED_PROXIES: '127.0.0.1' };

function get(path: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** A client that sends requests without waiting for answers. */
class Pipeline {
  readonly socket: Socket;
  received = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text) => {
      this.received += text;
    });
    socket.on('error', () => {});
  }

  static async to(t: TestContext, port: number): Promise<Pipeline> {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new Pipeline(socket);
  }

  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  }

  /** The names in the bodies of countingServer's answers. */
  get names(): (string | undefined)[] {
    return [...this.received.matchAll(/<(\d+)>/g)].map(([, name]) => name);
  }

  async hasAnswers(count: number): Promise<void> {
    await eventually(
      () => this.statuses.length >= count,
      () => `${this.statuses.length} answers of ${count}`,
    );
  }

  async isClosed(): Promise<void> {
    await eventually(
      () => this.socket.destroyed,
      () => 'the connection is open',
    );
  }
}

/** An HTTP server that counts the requests it parses, and those it handles, in total and at the same time. */
async function countingServer(t: TestContext, maxWaiting: number, slices = new TimeSlices()) {
  const app = Fastify({ forceCloseConnections: true });
  const counts = {
    ...{ requests: 0, handled: 0, atOnce: 0, most: 0, port: 0 },
    bytesRead: () => 0,
    onHandled: (): unknown => undefined,
    /** Keeps every request in hand until the returned function is called. */
    hold(): () => void {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
  };
  let held: Promise<void> = Promise.resolve();
  app.server.on('request', () => counts.requests++);
  app.server.on('connection', (socket: Socket) => {
    counts.bytesRead = () => socket.bytesRead;
  });
  handleInOrder(app, slices, maxWaiting);
  app.get('/:name', async (request) => {
    counts.handled++;
    counts.onHandled();
    counts.most = Math.max(counts.most, ++counts.atOnce);
    await held;
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    counts.atOnce--;
    return `<${(request.params as { name: string }).name}>`;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  counts.port = (app.server.address() as AddressInfo).port;
  return counts;
}

test('requests of one connection are handled one at a time and answered in order', async (t) => {
  const server = await countingServer(t, 20);
  const client = await Pipeline.to(t, server.port);
  const names = Array.from({ length: 21 }, (_, i) => `${i}`);
  client.socket.write(names.map((name) => get(`/${name}`)).join(''));
  await client.hasAnswers(21);
  assert.equal(server.most, 1);
  assert.deepEqual(client.names, names);
  client.socket.write(get('/more'));
  await client.hasAnswers(22);
});

test('request beyond the pipelining limit gets 429 after the earlier answers, then the end', async (t) => {
  const server = await countingServer(t, 20);
  const [client, other] = [await Pipeline.to(t, server.port), await Pipeline.to(t, server.port)];
  const names = Array.from({ length: 21 }, (_, i) => `${i}`);
  client.socket.write([...names, 'excess', 'ignored'].map((name) => get(`/${name}`)).join(''));
  await client.isClosed();
  assert.deepEqual(client.statuses, [...Array<number>(21).fill(200), 429]);
  assert.deepEqual(client.names, names);
  assert.match(client.received, /HTTP\/1\.1 429 [\s\S]*connection: close[\s\S]*at most 20 requests/);
  assert.equal(server.handled, 21);
  other.socket.write(get('/y'));
  await other.hasAnswers(1);
});

test('connection beyond the pipelining limit loses no answer and holds no further request', async (t) => {
  const server = await countingServer(t, 20);
  const client = await Pipeline.to(t, server.port);
  const answersMayGo = server.hold();
  client.socket.write(get('/x').repeat(5_000));
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
  client.socket.write(get('/x', upgrade) + post('/x', 'y'.repeat(50_000)) + get('/x').repeat(5_000));
  await eventually(
    () => server.bytesRead() === client.socket.bytesWritten,
    () => `${server.bytesRead()} bytes were read of ${client.socket.bytesWritten}`,
  );
  assert.equal(server.requests, 22);
  answersMayGo();
  await client.isClosed();
  assert.deepEqual(client.statuses, [...Array<number>(21).fill(200), 429]);
});

test('requests leave half of the time to messages while people talk', async (t) => {
  const slices = new TimeSlices();
  const server = await countingServer(t, 20, slices.withPace({ share: 0.5, workMs: 1 }));
  slices.onMessage();
  // A clock that moves only during a request, so each request takes a ms and the next one waits as long.
  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  server.onHandled = () => now++;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const client = await Pipeline.to(t, server.port);
  client.socket.write(get('/x').repeat(3));
  for (let handled = 1; handled <= 3; handled++) {
    while (server.handled < handled) await nextTurn();
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    assert.equal(server.handled, handled, 'messages pass meanwhile');
    now++;
    t.mock.timers.tick(1);
  }
});

test('requests that wait in a connection are dropped when the client has gone', async (t) => {
  const server = await countingServer(t, 20);
  const client = await Pipeline.to(t, server.port);
  const answerMayGo = server.hold();
  client.socket.write(get('/x').repeat(21));
  await eventually(
    () => server.handled === 1,
    () => `${server.handled} requests were handled`,
  );
  client.socket.resetAndDestroy();
  answerMayGo();
  const other = await Pipeline.to(t, server.port);
  other.socket.write(get('/y'));
  await other.hasAnswers(1);
  assert.ok(server.handled < 20, `${server.handled} requests were handled`);
});

test('requests in one packet are refused once the rate limit is spent, searches by their price', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    ...BEHIND,
    REQUEST_BURST_PER_ADDRESS: '41',
    REQUEST_RATE_PER_ADDRESS: '0.01',
  });
  const client = await Pipeline.to(t, gateway.port);
  client.socket.write(get('/api/messages?q=a', { 'x-forwarded-for': '203.0.113.1' }).repeat(10));
  await client.hasAnswers(10);
  assert.deepEqual(client.statuses, [200, 200, 200, ...Array<number>(7).fill(429)]);
});

test('a thousand searches in one packet close their connection after 33 answers and a 429', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const client = await Pipeline.to(t, gateway.port);
  client.socket.write(get('/api/messages?q=a').repeat(1_000));
  await client.isClosed();
  assert.deepEqual(client.statuses, [...Array<number>(33).fill(200), 429]);
  assert.equal((await ask(gateway, '/healthz')).status, 200);
});
