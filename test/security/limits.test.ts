/**
 * Limits of number, rate, size and time, each at its edge.
 */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { formatAddress, networkMatcher } from '../../common/ip.ts';
import { TokenBucket } from '../../common/token-bucket.ts';
import { AdmissionControl } from '../../gateway/limits/admission.ts';
import { limitConnections } from '../../gateway/limits/connection-limit.ts';
import { TokenBucketPerAddress } from '../../gateway/limits/token-bucket-per-address.ts';
import { CLOSE } from '../../gateway/protocol.ts';
import { header } from '../../tcp-server/wire.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway, type Tab } from '../helpers/gateway.ts';
import { ask, comeIn, knock, roomAndGateway, shared } from './connect.ts';

/** A gateway with the default limits, and one with a low message rate. */
const everyday = shared();
const slow = shared({ MESSAGE_BURST: '5', MESSAGE_RATE: '10' });

/** Tests use many addresses. */
const BEHIND = { TRUSTED_PROXIES: '127.0.0.1' };

const RECEIVED = 'tertulia_received_bytes_total';

/** Much more than the gateway reads of a client that it closes. */
const FLOOD_BYTES = 7 * 1024 * 1024;

/** The TCP socket below, because the library makes whole frames only. */
function rawSocketOf({ socket }: Tab): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

function from(ip: string) {
  return { headers: { 'x-forwarded-for': ip } };
}

/** The close code of a WebSocket that is refused after its handshake. */
async function refusal(t: TestContext, gateway: { port: number }, options = {}): Promise<number> {
  const { tab } = await knock(t, gateway, options);
  return (await tab.isClosed()).code;
}

async function open(port: number, words = '') {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(words);
  return socket;
}

test('sender above MESSAGE_RATE is read slower, loses nothing, and delays no one', async (t) => {
  const { gateway } = await roomAndGateway(t, { MESSAGE_BURST: '5', MESSAGE_RATE: '5' });
  const [fast, other] = [await comeIn(t, gateway), await comeIn(t, gateway)];
  const began = performance.now();
  const ids = Array.from({ length: 14 }, (_, i) => fast.say(`n.º ${i}`));
  await other.receivesReceipt(other.say('yo no'), 'heard');
  const otherTook = performance.now() - began;
  for (const id of ids) await fast.receivesReceipt(id, 'heard');
  // Frames of one read are processed together, so the last one is sent when all others were counted.
  ids.push(fast.say('n.º 14'));
  await fast.receivesReceipt(ids[14] ?? '', 'heard');
  // Five of the 15 frames before the last, the hello included, arrive at once.
  assert.ok(performance.now() - began >= 1_700, `${performance.now() - began} ms`);
  assert.ok(otherTook < performance.now() - began);
  assert.equal(
    fast.texts.filter((text) => text.startsWith('n.º')).join(),
    ids.map((_, i) => `n.º ${i}`).join(),
  );
});

test('rate limit counts pings as frames, and invalid frames too', async (t) => {
  const { gateway } = slow;
  const tab = await comeIn(t, gateway);
  const began = performance.now();
  for (let i = 0; i < 10; i++) tab.socket.ping();
  for (let i = 0; i < 10; i++) tab.socket.send('{');
  await eventually(
    () => tab.errors.length > 0,
    () => 'no answer',
  );
  // The first message may be read together with the last frames.
  for (const text of ['casi', 'al fin']) await tab.receivesReceipt(tab.say(text), 'heard');
  assert.ok(performance.now() - began >= 1_500, `${performance.now() - began} ms`);
});

test('rate limit counts a frame over 1024 bytes as more', async (t) => {
  const { gateway } = slow;
  const tab = await comeIn(t, gateway);
  const began = performance.now();
  await tab.receivesReceipt(tab.say('x'.repeat(20 * 1024)), 'heard');
  await tab.receivesReceipt(tab.say('al fin'), 'heard');
  assert.ok(performance.now() - began >= 1_500, `${performance.now() - began} ms`);
});

test('token bucket gives a burst, then one token per step, and refills after a rest', () => {
  const allowance = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
  assert.deepEqual(
    [0, 0, 0, 0, 499, 500, 501, 1_000].map((now) => allowance.take(now)),
    [true, true, true, false, false, true, false, true],
  );
  assert.equal(allowance.waitMs(1_000), 500);
  const rested = [2_500, 2_500, 2_500, 2_500].map((now) => allowance.take(now));
  assert.deepEqual(rested, [true, true, true, false]);
});

test('token bucket in debt refills to zero first', () => {
  const allowance = new TokenBucket({ burst: 1, perSecond: 1 }, 0);
  allowance.charge(4, 0);
  assert.equal(allowance.waitMs(0), 4_000);
  assert.deepEqual(
    [3_999, 4_000].map((now) => allowance.take(now)),
    [false, true],
  );
});

test('token bucket ignores a clock that is set back', () => {
  const allowance = new TokenBucket({ burst: 1, perSecond: 1 }, 10_000);
  assert.deepEqual(
    [10_000, 5_000, 5_999, 6_000].map((now) => allowance.take(now)),
    [true, false, false, true],
  );
});

test('addresses are remembered in bounded memory', () => {
  const allowances = new TokenBucketPerAddress({ burst: 2, perSecond: 1 });
  for (let i = 0; i < 60_000; i++) allowances.of(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0).take(0);
  assert.ok(allowances.size <= 50_000, `${allowances.size}`);
});

test('address has at most MAX_SESSIONS_PER_ADDRESS WebSockets, and others join', async (t) => {
  const { gateway } = await roomAndGateway(t, { ...BEHIND, MAX_SESSIONS_PER_ADDRESS: '2' });
  const first = await comeIn(t, gateway, from('203.0.113.1'));
  await comeIn(t, gateway, from('203.0.113.1'));
  assert.equal(await refusal(t, gateway, from('203.0.113.1')), CLOSE.crowded);
  await comeIn(t, gateway, from('203.0.113.2'));
  first.socket.close();
  await first.isClosed();
  const again = async (): Promise<Tab | undefined> => {
    const { tab } = await knock(t, gateway, from('203.0.113.1'));
    tab.send({ type: 'hello' });
    await eventually(
      () => tab.welcome || tab.closed,
      () => 'neither',
    );
    return tab.welcome && tab;
  };
  await eventually(again, () => 'its place stayed taken');
});

test('loopback has no limit per address, because it may be a proxy', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    MAX_SESSIONS_PER_ADDRESS: '1',
    MAX_SOCKETS_PER_ADDRESS: '1',
  });
  for (let i = 0; i < 5; i++) await comeIn(t, gateway);
});

test('address joins at JOIN_RATE_PER_ADDRESS after its burst, and others join', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    ...BEHIND,
    MAX_SESSIONS_PER_ADDRESS: '3',
    JOIN_RATE_PER_ADDRESS: '0.01',
  });
  for (let i = 0; i < 3; i++) (await comeIn(t, gateway, from('203.0.113.1'))).socket.terminate();
  await eventually(
    async () => (await refusal(t, gateway, from('203.0.113.1'))) === CLOSE.full,
    () => 'a fourth came in',
  );
  await comeIn(t, gateway, from('203.0.113.2'));
});

test('all addresses together join at JOIN_RATE after a burst of MAX_SESSIONS', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    MAX_SESSIONS: '3',
    JOIN_RATE: '0.01',
    RELOAD_RESUME_MS: '0',
    SESSION_RESUME_MS: '0',
  });
  for (let i = 0; i < 3; i++) await comeIn(t, gateway);
  assert.equal(await refusal(t, gateway), CLOSE.full);
  assert.equal(await gateway.metric('tertulia_refused_total{reason="rate"}'), 1);
});

test('address requests at REQUEST_RATE_PER_ADDRESS after its burst, and others do not wait', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    ...BEHIND,
    REQUEST_BURST_PER_ADDRESS: '3',
    REQUEST_RATE_PER_ADDRESS: '0.01',
  });
  const asks = (path: string, ip = '203.0.113.1') => ask(gateway, path, from(ip).headers);
  for (const path of ['/api/messages', '/api/people', '/api/invite'])
    assert.equal((await asks(path)).status, 200, path);
  for (const path of ['/api/messages', '/metrics', '/%61pi/people']) {
    const { status, headers } = await asks(path);
    assert.equal(status, 429, path);
    assert.match(headers['retry-after'] ?? '', /^([1-9]\d?|100)$/);
  }
  assert.equal(await gateway.metric('tertulia_refused_total{reason="requests"}'), 3);
  for (const path of ['/', '/healthz']) assert.equal((await asks(path)).status, 200, path);
  for (const ip of ['203.0.113.2', '127.0.0.1']) assert.equal((await asks('/api/messages', ip)).status, 200);
});

test('client over the request rate is given the exact time to wait', (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  t.mock.method(performance, 'now', () => Date.now());
  const limits = { perAddress: 1, joinsPerAddress: 1, joins: 1, pending: 1, sessions: 1 };
  const crowd = new AdmissionControl({ ...limits, requests: { burst: 2, perSecond: 2 } });
  const asks = () => crowd.tryRequest('203.0.113.1');
  assert.deepEqual([asks(), asks(), asks(), asks()], [0, 0, 500, 500]);
  t.mock.timers.tick(400);
  assert.equal(asks(), 100);
  t.mock.timers.tick(100);
  assert.deepEqual([asks(), asks()], [0, 500]);
  t.mock.timers.tick(500);
  assert.deepEqual([crowd.tryRequest('203.0.113.1', 3), asks()], [0, 1500]);
});

test('search counts as 20 requests, a download as 100', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    ...BEHIND,
    REQUEST_BURST_PER_ADDRESS: '121',
    REQUEST_RATE_PER_ADDRESS: '0.01',
  });
  const paths = ['/api/messages?q=hola', '/api/transcript', '/api/messages', '/api/messages'];
  const statuses: number[] = [];
  for (const path of paths) statuses.push((await ask(gateway, path, from('203.0.113.1').headers)).status);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
});

test('MAX_PENDING WebSockets may be silent at once, and a hello makes room', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_PENDING: '2' });
  const { tab: first } = await knock(t, gateway);
  await knock(t, gateway);
  assert.equal(await refusal(t, gateway), CLOSE.full);
  first.send({ type: 'hello' });
  await eventually(
    () => first.welcome,
    () => 'no welcome',
  );
  await comeIn(t, gateway);
});

test('MAX_SOCKETS connections are open at once, silent ones included', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_SOCKETS: '3', REQUEST_TIMEOUT_MS: '60000' });
  await eventually(
    async () => (await ask(gateway, '/healthz')).status === 200,
    () => 'does not answer',
  );
  const sockets = [await open(gateway.port), await open(gateway.port), await open(gateway.port)];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const fourth = await open(gateway.port);
  fourth.resume();
  await eventually(
    () => fourth.destroyed,
    () => 'a fourth is open',
  );
  sockets[0]?.destroy();
  await eventually(
    async () => (await ask(gateway, '/healthz').catch(() => undefined))?.status === 200,
    () => 'a place that was left is not given again',
  );
});

test('MAX_SOCKETS_PER_ADDRESS limits an address, but no proxy and not loopback', () => {
  const server = new EventEmitter() as Server;
  limitConnections(server, { total: 100, perAddress: 2, requestMs: 1 }, networkMatcher(['10.0.0.1']));
  const comes = (remoteAddress: string) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, isOpen: true, destroy: () => {} });
    socket.destroy = () => {
      socket.isOpen = false;
    };
    server.emit('connection', socket);
    return socket;
  };
  const [first, , third] = [comes('203.0.113.1'), comes('203.0.113.1'), comes('203.0.113.1')];
  assert.equal(third?.isOpen, false);
  assert.equal(comes('203.0.113.2').isOpen, true);
  for (const ip of ['10.0.0.1', '127.0.0.1']) {
    assert.deepEqual(
      [comes(ip), comes(ip), comes(ip)].map(({ isOpen }) => isOpen),
      [true, true, true],
    );
  }
  first?.emit('close');
  assert.equal(comes('203.0.113.1').isOpen, true);
});

test('request that does not begin or end is cut after REQUEST_TIMEOUT_MS', async (t) => {
  const { gateway } = await roomAndGateway(t, { REQUEST_TIMEOUT_MS: '500' });
  const half = [
    '',
    'G',
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n',
    'POST /api/enter HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{',
  ];
  const sockets = await Promise.all(half.map((words) => open(gateway.port, words)));
  for (const socket of sockets) socket.resume();
  await eventually(
    () => sockets.every(({ destroyed }) => destroyed),
    () => `${sockets.filter(({ destroyed }) => !destroyed).length} are still open`,
  );
});

/** A room that reads, and repeats nothing until it is released. */
async function heldRoom(t: TestContext) {
  const clients = new Map<Socket, string>();
  const lines: string[] = [];
  let held: (() => void)[] | undefined = [];
  const server = createServer((client) => {
    clients.set(client, formatAddress(client.remoteAddress ?? '', client.remotePort ?? 0));
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
    client.on('data', (bytes) => {
      lines.push(String(bytes));
      const repeat = (): void => {
        for (const other of clients.keys()) {
          if (other !== client) other.write(`${header(clients.get(client) ?? '')}${bytes}`);
        }
      };
      if (held) held.push(repeat);
      else repeat();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => {
    for (const client of clients.keys()) client.destroy();
    server.close();
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    release(): void {
      for (const repeat of held?.splice(0) ?? []) repeat();
      held = undefined;
    },
  };
}

const QUEUED = 'tertulia_queued_bytes';
const HALF_KIB = 'x'.repeat(512);
/** No time-out sends anything without an answer. */
const PATIENT = { RECEIPT_TIMEOUT_MS: '600000' };

test('browser with MAX_QUEUED_BYTES_PER_SESSION waiting is read later, and loses nothing', async (t) => {
  const room = await heldRoom(t);
  const gateway = await startGateway(t, room.port, { ...PATIENT, MAX_QUEUED_BYTES_PER_SESSION: '1024' });
  const [fast, other] = [await comeIn(t, gateway), await comeIn(t, gateway)];
  const ids = [fast.say(HALF_KIB), fast.say(HALF_KIB)];
  await gateway.metricReaches(QUEUED, 512);
  ids.push(fast.say(HALF_KIB));
  await gateway.metricReaches(QUEUED, 1024);
  ids.push(fast.say(HALF_KIB));
  // Two messages of another browser, of which the second waits. Everything sent before them has arrived.
  const others = [other.say('a'), other.say('b')];
  await gateway.metricReaches(QUEUED, 1025);
  room.release();
  for (const id of ids) await fast.receivesReceipt(id, 'heard');
  for (const id of others) await other.receivesReceipt(id, 'heard');
  await gateway.metricReaches(QUEUED, 0);
});

test('browser is read at MAX_QUEUED_BYTES only while none of its own wait', async (t) => {
  const room = await heldRoom(t);
  const gateway = await startGateway(t, room.port, { ...PATIENT, MAX_QUEUED_BYTES: '1024' });
  const [ana, berta, carla] = [await comeIn(t, gateway), await comeIn(t, gateway), await comeIn(t, gateway)];
  const said = [ana, ana].map((tab) => [tab, tab.say(HALF_KIB)] as const);
  await gateway.metricReaches(QUEUED, 512);
  said.push(...[berta, berta].map((tab) => [tab, tab.say(HALF_KIB)] as const));
  await gateway.metricReaches(QUEUED, 1024);
  said.push([berta, berta.say('no se lee')]);
  said.push([carla, carla.say('va a la sala')]);
  await eventually(
    () => room.lines.includes('va a la sala\n'),
    () => 'a browser with an empty queue is not read',
  );
  said.push([carla, carla.say('dos')]);
  await gateway.metricReaches(QUEUED, 1027);
  said.push([carla, carla.say('no se lee')]);
  said.push([ana, ana.say('tres')]);
  await gateway.metricReaches(QUEUED, 1031);
  room.release();
  for (const [tab, id] of said) await tab.receivesReceipt(id, 'heard');
  await gateway.metricReaches(QUEUED, 0);
});

test('browser that is gone leaves no waiting bytes', async (t) => {
  const room = await heldRoom(t);
  const lingers = { SESSION_RESUME_MS: '0', RELOAD_RESUME_MS: '0' };
  const gateway = await startGateway(t, room.port, { RECEIPT_TIMEOUT_MS: '10', ...lingers });
  const tab = await comeIn(t, gateway);
  for (let i = 0; i < 3; i++) tab.say('x'.repeat(2000));
  await gateway.metricReaches(QUEUED, 6_000 - 1_023);
  tab.vanish();
  await gateway.metricReaches(QUEUED, 0);
});

test('message in 64 frames is accepted, and one in 65 closes that WebSocket alone', async (t) => {
  const { gateway } = everyday;
  const [tab, other] = [await comeIn(t, gateway), await comeIn(t, gateway)];
  const inFrames = (text: string, count: number) => {
    const json = JSON.stringify({ type: 'say', id: text, text }).padEnd(count);
    for (let i = 0; i < count - 1; i++) tab.socket.send(json[i] ?? '', { fin: false });
    tab.socket.send(json.slice(count - 1), { fin: true });
  };
  inFrames('en 64', 64);
  await tab.receivesReceipt('en 64', 'heard');
  inFrames('en 65', 65);
  assert.equal((await tab.isClosed()).code, 1008);
  await other.receivesReceipt(other.say('nadie lo nota'), 'heard');
});

/** A fragment of one letter, and a message of 1000, both masked with zeros. */
const FRAGMENT = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]);
const MESSAGE = Buffer.from([
  0x81,
  0xfe,
  1000 >> 8,
  1000 & 0xff,
  0,
  0,
  0,
  0,
  ...new Array<number>(1000).fill(0x61),
]);

/** Opens a WebSocket and sends a frame over and over, whatever the gateway does. Returns how many bytes it reads. */
async function bytesOfFlood(gateway: Gateway, open: () => Promise<Tab>, frame: Buffer): Promise<number> {
  const before = await gateway.metric(RECEIVED);
  const tab = await open();
  rawSocketOf(tab).write(Buffer.alloc(FLOOD_BYTES, frame));
  await tab.isClosed();
  return (await gateway.metric(RECEIVED)) - before;
}

test('client that floods after its close for an error, a refusal or a leave is not read any more', async (t) => {
  const refused = { headers: { origin: 'http://evil.example' } };
  const leaving = async () => {
    const tab = await comeIn(t, slow.gateway);
    tab.send({ type: 'leave' });
    return tab;
  };
  const bytes = [
    await bytesOfFlood(everyday.gateway, () => comeIn(t, everyday.gateway), FRAGMENT),
    await bytesOfFlood(
      everyday.gateway,
      async () => (await knock(t, everyday.gateway, refused)).tab,
      MESSAGE,
    ),
    await bytesOfFlood(slow.gateway, leaving, MESSAGE),
  ];
  for (const read of bytes) assert.ok(read < FLOOD_BYTES / 4, `${bytes} bytes were read`);
});

test('frame that arrives byte by byte closes its WebSocket after some thousand pieces', async (t) => {
  const { gateway } = everyday;
  const tab = await comeIn(t, gateway);
  const raw = rawSocketOf(tab).setNoDelay();
  // A masked text frame of 60,000 bytes.
  raw.write(Buffer.from([0x81, 0xfe, 60_000 >> 8, 60_000 & 0xff, 0, 0, 0, 0]));
  for (let i = 0; i < 59_999 && !tab.closed; i++) {
    raw.write('x');
    await new Promise(setImmediate);
  }
  assert.equal((await tab.isClosed()).code, 1008);
});

test('frame of the largest text passes, and one byte more closes that WebSocket alone', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_TEXT_BYTES: '1000' });
  const [tab, other] = [await comeIn(t, gateway), await comeIn(t, gateway)];
  const most = 2 * 1000 + 4 * 1024;
  tab.socket.send('x'.repeat(most));
  await eventually(
    () => tab.errors.length === 1,
    () => 'no answer',
  );
  tab.socket.send('x'.repeat(most + 1));
  assert.equal((await tab.isClosed()).code, 1009);
  await other.receivesReceipt(other.say('nadie lo nota'), 'heard');
});

test('broken frame of a plain-text client in a full room harms no one', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_SESSIONS: '1' });
  const tab = await comeIn(t, gateway);
  const handshake = [
    'GET /ws HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  const socket = await open(gateway.port, `${handshake.join('\r\n')}\r\n\r\n`);
  // A frame without a mask, which is forbidden for browsers.
  socket.write(Buffer.from([0x81, 0x01, 0x78]));
  let answer = '';
  socket.setEncoding('latin1').on('data', (part) => {
    answer += part;
  });
  await once(socket, 'close');
  assert.match(answer, /the room is full/);
  await tab.receivesReceipt(tab.say('nadie lo nota'), 'heard');
});

test('compression is never accepted: a small frame can not become a large one', async (t) => {
  const { gateway } = everyday;
  const { tab } = await knock(t, gateway, {
    headers: { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' },
  });
  assert.equal(tab.socket.extensions, '');
});

test("request with large headers, or a body over a passphrase's size, is refused", async () => {
  const { gateway } = everyday;
  assert.equal((await ask(gateway, '/', { 'x-large': 'x'.repeat(20_000) })).status, 431);
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ code: 'x'.repeat(9_000) });
  assert.equal((await ask(gateway, '/api/enter', json, { method: 'POST', body })).status, 413);
});
