/**
 * The pages that may connect, and the names under which they reach the gateway.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CLOSE } from '../../gateway/protocol.ts';
import { LOOKUP_INTERVAL_MS, LocalNames } from '../../gateway/server/local-names.ts';
import { OriginPolicy } from '../../gateway/server/origin-policy.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, knock, logs, roomAndGateway, shared } from './connect.ts';

const open = shared();

const EVIL = { host: 'evil.example.com' };

describe('own name of the gateway', () => {
  const door = new OriginPolicy({ hosts: ['chat.example.org'], origins: ['https://web.example.org:8443'] });
  const ours = [
    ['an IPv4 address', '192.168.1.20:8080'],
    ['an IPv6 address', '[fd00::1]:8080'],
    ['localhost', 'localhost:8080'],
    ['a name of the local network', 'aula.local:8080'],
    ['a name without a dot', 'aula'],
    ['a name that a router gives', 'raspberrypi.lan:8080'],
    ['a name of a home', 'pc.home'],
    ['a name of a home network', 'pc.home.arpa'],
    ['a name of a company', 'aula.corp'],
    ['a name of an intranet', 'aula.intranet'],
    ['a private name', 'aula.private'],
    ['a name that a Linux gives itself', 'pc.localdomain'],
    ['a name of a cloud', 'aula.internal'],
    ['a name with the dot of the root', 'raspberrypi.lan.'],
    ['a name in ALLOWED_HOSTS, in any case', 'Chat.Example.org:443'],
    ['the name of an origin in ALLOWED_ORIGINS', 'web.example.org'],
  ] as const;
  for (const [kind, host] of ours)
    test(`own name of the gateway is ${kind}`, () => assert.ok(door.allowsHost(host)));

  const others = [
    ['any other name', 'evil.example.com'],
    ['a name that begins with an address', '127.0.0.1.evil.example.com'],
    ['a name that ends in one of ours', 'evil-chat.example.org'],
    ['a name that only contains local', 'local.example.com'],
    ['a name that ends like a local one', 'evil.homelan'],
    ['a name in a domain like a local one', 'x.evil-lan.com'],
    ['a name in a domain that can be bought', 'pc.fritz.box'],
    ['no name', ''],
    ['an invalid name', 'chat.example.org/@evil'],
    ['two names', 'localhost, evil.example.com'],
  ] as const;
  for (const [kind, host] of others)
    test(`own name of the gateway is not ${kind}`, () => assert.ok(!door.allowsHost(host)));
  test('a missing name is no own name of the gateway', () => assert.ok(!door.allowsHost(undefined)));
});

/** A network that has a name for each of its addresses. */
function localNames(names: Record<string, string[]>) {
  const network = { now: 0, names, questions: [] as string[] };
  const local = new LocalNames({
    addresses: () => Object.keys(network.names),
    reverse: async (ip) => {
      network.questions.push(ip);
      return network.names[ip] ?? Promise.reject(new Error('NXDOMAIN'));
    },
    now: () => network.now,
  });
  return { network, door: new OriginPolicy({ hosts: [], origins: [] }, local) };
}

describe('name of the local network', () => {
  test('name of the local network is allowed once the network has confirmed it', async () => {
    const { door } = localNames({ '192.168.178.20': ['PC.fritz.box.', 'aula.example.edu'] });
    assert.equal(door.allowsHost('pc.fritz.box'), false);
    assert.equal(await door.findsHost('pc.fritz.box:8080'), true);
    assert.equal(door.allowsHost('aula.example.edu'), true);
    assert.equal(await door.findsHost('evil.example.com'), false);
    assert.equal(await door.findsHost('fritz.box'), false);
  });

  test('name of the local network belongs to a private address only', async () => {
    const { door, network } = localNames({ '203.0.113.7': ['evil.example.com'], '10.0.0.2': ['aula.edu'] });
    assert.equal(await door.findsHost('evil.example.com'), false);
    assert.deepEqual(network.questions, ['10.0.0.2']);
  });

  test('name of the local network is looked up once a minute, whatever names arrive', async () => {
    const { door, network } = localNames({ '10.0.0.2': ['aula.edu'] });
    for (let i = 0; i < 100; i++) await door.findsHost(`${i}.example.com`);
    await door.findsHost('192.168.1.1');
    await door.findsHost('not a name');
    assert.equal(network.questions.length, 1);
    network.now = LOOKUP_INTERVAL_MS;
    await door.findsHost('evil.example.com');
    assert.equal(network.questions.length, 2);
  });

  test('name of the local network is dropped in another network, or one without names', async () => {
    const { door, network } = localNames({ '10.0.0.2': ['aula.edu'] });
    assert.equal(await door.findsHost('aula.edu'), true);
    network.names = { '192.168.1.5': [] };
    network.now = LOOKUP_INTERVAL_MS;
    await door.findsHost('evil.example.com');
    assert.equal(door.allowsHost('aula.edu'), false);
  });

  test('name of the local network is found by all that arrive during the lookup', async () => {
    const { door } = localNames({ '10.0.0.2': ['aula.edu'] });
    assert.deepEqual(await Promise.all([door.findsHost('aula.edu'), door.findsHost('aula.edu')]), [
      true,
      true,
    ]);
  });
});

describe('page of this gateway', () => {
  const door = new OriginPolicy({ hosts: ['chat.example.org'], origins: ['https://web.example.org'] });
  const rows: [kind: string, expected: boolean, headers: Record<string, string>][] = [
    ['is one of the same host and port', true, { host: 'aula:8080', origin: 'http://aula:8080' }],
    ['is a script, which sends no Origin', true, { host: 'aula:8080' }],
    ['is one in ALLOWED_ORIGINS', true, { host: 'aula:8080', origin: 'https://web.example.org' }],
    ['is one by a name in ALLOWED_HOSTS', true, { host: '10.0.0.2', origin: 'https://chat.example.org' }],
    ['is not one of another port', false, { host: 'aula:8080', origin: 'http://aula:3000' }],
    ['is not one of another host', false, { host: 'aula:8080', origin: 'http://evil.example.com' }],
    ['is not one without a name', false, { host: 'aula:8080', origin: 'null' }],
    ['is not an image or a script in another site', false, { host: 'aula', 'sec-fetch-site': 'cross-site' }],
    ['is not one in another port of this host', false, { host: 'aula', 'sec-fetch-site': 'same-site' }],
    ['is an address typed by a person', true, { host: 'aula', 'sec-fetch-site': 'none' }],
  ];
  for (const [kind, expected, headers] of rows)
    test(`page of this gateway ${kind}`, () => assert.equal(door.allowsOrigin(headers), expected));
});

test('DNS rebinding opens neither page, messages, metrics nor WebSocket', async (t) => {
  const { gateway } = open;
  for (const path of [
    '/',
    '/api/messages',
    '/api/transcript',
    '/%61pi/messages',
    '/metrics',
    '/assets/x.js',
  ]) {
    assert.equal((await ask(gateway, path, EVIL)).status, 421, path);
  }
  const rebound = { ...EVIL, origin: 'http://evil.example.com' };
  assert.equal((await knock(t, gateway, { headers: rebound })).status, 421);
  assert.ok((await gateway.metric('tertulia_refused_total{reason="host"}')) >= 7);
});

test('health is served under any name, because its clients are no browsers', async () => {
  const { gateway } = open;
  assert.equal((await ask(gateway, '/healthz', EVIL)).status, 200);
  assert.equal((await ask(gateway, '/readyz', EVIL)).status, 200);
});

test('page and log name the setting for an own domain, the log once', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const host = { host: 'tertulia.example.net' };
  const { text, headers } = await ask(gateway, '/', host);
  assert.match(text, /ALLOWED_HOSTS=tertulia\.example\.net\n/);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  await ask(gateway, '/', host);
  const { msg, level } = await logs(
    gateway,
    'refused: unknown host name; if it is valid, set ALLOWED_HOSTS=tertulia.example.net',
  );
  assert.equal(level, 40);
  assert.equal(gateway.program.output.split(msg).length, 2);
});

test('name in ALLOWED_HOSTS opens everything', async (t) => {
  const { gateway } = await roomAndGateway(t, { ALLOWED_HOSTS: 'chat.example.org' });
  const headers = { host: 'chat.example.org', origin: 'https://chat.example.org' };
  assert.equal((await ask(gateway, '/', headers)).status, 200);
  assert.equal((await ask(gateway, '/api/messages', headers)).status, 200);
  await comeIn(t, gateway, { headers });
});

test('name of an attacker is repeated to the page only as text', async () => {
  const { gateway } = open;
  const { text, headers } = await ask(gateway, '/', { host: '<script>alert(1)</script>' });
  assert.doesNotMatch(text, /script/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('page of another site reads no messages over HTTP', async () => {
  const { gateway } = open;
  for (const headers of [{ origin: 'http://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }]) {
    for (const path of ['/api/messages', '/api/transcript', '/%61pi/messages']) {
      const { status, text } = await ask(gateway, path, headers);
      assert.equal(status, 403);
      assert.doesNotMatch(text, /epoch/);
    }
  }
});

test('page of another site gets a close code with the reason, and no messages', async (t) => {
  const { gateway, room } = await roomAndGateway(t);
  const terminal = await enter(t, room.port);
  const { tab } = await knock(t, gateway, { headers: { origin: 'http://evil.example.com' } });
  tab.send({ type: 'hello' });
  tab.say('desde fuera');
  assert.equal((await tab.isClosed()).code, CLOSE.foreign);
  assert.equal(tab.welcome, undefined);
  const inside = await comeIn(t, gateway);
  await inside.receivesReceipt(inside.say('desde dentro'), 'heard');
  await terminal.receives('desde dentro');
  assert.doesNotMatch(terminal.received, /desde fuera/);
  await logs(
    gateway,
    'refused: page of another origin; if it is valid, forward Host in the proxy, or list it in ALLOWED_HOSTS',
  );
});

test('no header or query leads the gateway to another room', async (t) => {
  const { gateway, room } = open;
  const terminal = await enter(t, room.port);
  const tab = await comeIn(t, gateway, {
    path: '/ws?host=127.0.0.1&port=1&target=127.0.0.1:1&token=127.0.0.1:1',
    headers: { 'x-forwarded-host': '127.0.0.1:1', 'x-room-port': '1' },
  });
  await tab.receivesReceipt(tab.say('aquí'), 'heard');
  await terminal.receives('aquí');
});

test('WebSocket of a malformed path is refused, and the gateway survives', async (t) => {
  const { gateway } = open;
  for (const path of ['//', '/../ws/', '/%00', '/ws%2f', '/ws/', '/?/ws', '/%77s', '/%']) {
    assert.equal((await knock(t, gateway, { path })).status, 404, path);
  }
  await comeIn(t, gateway);
});

test('robots are excluded, and every answer denies its page unneeded features', async () => {
  const { gateway } = open;
  for (const path of ['/', '/robots.txt', '/api/messages', '/nothing']) {
    const { headers } = await ask(gateway, path);
    assert.match(headers['x-robots-tag']?.toString() ?? '', /noindex/, path);
    assert.match(headers['permissions-policy']?.toString() ?? '', /camera=\(\), .*microphone=\(\)/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['x-frame-options'], 'DENY');
    const policy = headers['content-security-policy']?.toString() ?? '';
    assert.match(policy, /^default-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|wss?:/);
  }
  assert.match((await ask(gateway, '/robots.txt')).text, /^User-agent: \*\nDisallow: \/\n$/);
});
