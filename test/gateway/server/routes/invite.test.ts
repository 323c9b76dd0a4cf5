/**
 * Where others find the page and the room, for those who ask from near and from far.
 */
import assert from 'node:assert/strict';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { lanAddresses } from '../../../../gateway/lib/lan-addresses.ts';
import type { Invitation } from '../../../../gateway/protocol.ts';
import { type Gateway, launchGateway } from '../../../helpers/gateway.ts';
import { start } from '../../../helpers/process.ts';

const ROOM_PORT = 12_345;

/** The invitation for a page that was opened at that host. */
async function asked(gateway: Gateway, host: string, headers: OutgoingHttpHeaders = {}): Promise<Invitation> {
  return await new Promise((resolve, reject) => {
    request({ port: gateway.port, path: '/api/invite', headers: { host, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end();
  });
}

/** No room is needed to tell where it is. */
async function gatewayWith(t: TestContext, env: Record<string, string>): Promise<Gateway> {
  return await launchGateway(t, ROOM_PORT, env);
}

const [lan] = lanAddresses();
const withoutLan = lan === undefined && 'this machine is in no network';

test('client on the machine or in its network gets the addresses there', {
  skip: withoutLan,
}, async (t) => {
  const gateway = await gatewayWith(t, { HTTP_HOST: '0.0.0.0' });
  const urls = lanAddresses().map((host) => `http://${host}:${gateway.port}`);
  for (const host of ['localhost', '127.0.0.1', lan ?? '']) {
    const { lanUrls, publicUrl, room } = await asked(gateway, `${host}:${gateway.port}`);
    assert.deepEqual(lanUrls, urls);
    assert.equal(publicUrl, null);
    assert.deepEqual(room, { host: null, port: ROOM_PORT });
  }
});

test('LAN addresses are given by address and name to near clients only', {
  skip: withoutLan,
}, async (t) => {
  const gateway = await gatewayWith(t, { HTTP_HOST: '0.0.0.0', TRUSTED_PROXIES: '127.0.0.1' });
  const lanUrls = async (headers: OutgoingHttpHeaders, host = 'localhost') =>
    (await asked(gateway, host, headers)).lanUrls;
  assert.notDeepEqual(await lanUrls({}), []);
  assert.notDeepEqual(
    await lanUrls({ 'x-forwarded-for': '192.168.1.7', 'x-forwarded-host': 'localhost:80' }),
    [],
  );
  for (const headers of [
    { 'x-forwarded-for': '203.0.113.7' },
    { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'localhost' },
    { 'x-forwarded-for': '2001:db8::7', 'x-forwarded-host': lan ?? '' },
    { 'x-forwarded-host': 'chat.example.org' },
    { 'x-forwarded-host': 'chat.example.org, localhost' },
    { 'x-forwarded-host': 'localhost, chat.example.org' },
    { 'x-forwarded-host': '' },
  ]) {
    assert.deepEqual(await lanUrls(headers), [], JSON.stringify(headers));
  }
  assert.deepEqual(await lanUrls({ 'x-forwarded-host': 'localhost' }, 'aula.local'), []);
});

test('X-Forwarded-Proto of anybody does not change the addresses', { skip: withoutLan }, async (t) => {
  const gateway = await gatewayWith(t, { HTTP_HOST: '0.0.0.0', TRUSTED_PROXIES: '127.0.0.1' });
  const { lanUrls } = await asked(gateway, 'localhost', { 'x-forwarded-proto': 'https' });
  assert.equal(lanUrls[0], `http://${lan}:${gateway.port}`);
});

test('a gateway that listens on this machine alone, or in a container, offers no addresses', async (t) => {
  const alone = await gatewayWith(t, { HTTP_HOST: '127.0.0.1' });
  assert.deepEqual((await asked(alone, 'localhost')).lanUrls, []);
  const contained = await gatewayWith(t, { HTTP_HOST: '0.0.0.0', INVITE_LAN: 'false' });
  assert.deepEqual((await asked(contained, 'localhost')).lanUrls, []);
});

test("operator's settings come before detected addresses", async (t) => {
  const gateway = await gatewayWith(t, {
    HTTP_HOST: '0.0.0.0',
    PUBLIC_URL: 'https://chat.example.org/',
    PUBLIC_ROOM: 'tcp.example.org:4000',
  });
  assert.deepEqual(await asked(gateway, 'localhost'), {
    publicUrl: 'https://chat.example.org',
    lanUrls: [],
    room: { host: 'tcp.example.org', port: 4000 },
    asksForCode: false,
  });
});

test('the room is on the host of the page, on another machine, or where the operator says', async (t) => {
  const rooms: [Record<string, string>, Invitation['room']][] = [
    [{ ROOM_HOST: 'localhost' }, { host: null, port: ROOM_PORT }],
    [{ ROOM_HOST: '192.0.2.7' }, { host: '192.0.2.7', port: ROOM_PORT }],
    [
      { ROOM_HOST: 'tcp-server', PUBLIC_ROOM: ':4000' },
      { host: null, port: 4000 },
    ],
    [{ PUBLIC_ROOM: '[2001:db8::1]:4000' }, { host: '2001:db8::1', port: 4000 }],
  ];
  for (const [env, room] of rooms) {
    assert.deepEqual((await asked(await gatewayWith(t, env), 'localhost')).room, room);
  }
});

test('a public address that is none stops the start', async (t) => {
  for (const [name, value] of [
    ['PUBLIC_URL', 'chat.example.org'],
    ['PUBLIC_URL', 'https://chat.example.org/tertulia'],
    ['PUBLIC_ROOM', 'chat.example.org'],
    ['PUBLIC_ROOM', '2001:db8::1:4000x'],
  ] as const) {
    const program = await start(t, process.execPath, ['dist/gateway/main.js'], { [name]: value });
    assert.equal((await program.exits()).code, 2);
    assert.ok(program.errors.startsWith(`Bad configuration: ${name}=${value}: `), program.errors);
  }
});
