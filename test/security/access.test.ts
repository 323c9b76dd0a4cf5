/**
 * The room's passphrase: what it closes, and the ways to give it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessCode } from '../../gateway/access.ts';
import { CLOSE } from '../../gateway/protocol.ts';
import type { Gateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, knock, roomAndGateway, shared } from './knock.ts';

const CODE = 'ábrete sésamo';
const CODED = { ACCESS_CODE: CODE };
const BEARER = { authorization: `Bearer ${Buffer.from(CODE).toString('latin1')}` };

/** Behind a proxy, so that tests can come from many addresses. */
const coded = shared({ ...CODED, TRUSTED_PROXIES: '127.0.0.1' });

async function give(gateway: Gateway, code: unknown, headers: Record<string, string> = {}) {
  return await ask(
    gateway,
    '/api/enter',
    { 'content-type': 'application/json', ...headers },
    {
      method: 'POST',
      body: JSON.stringify({ code }),
    },
  );
}

/** What a browser sends back of a Set-Cookie. */
async function cookieOf(gateway: Gateway): Promise<{ cookie: string }> {
  const { headers } = await give(gateway, CODE);
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

test('without the code neither words, history, figures nor WebSocket are open', async (t) => {
  const { gateway } = coded;
  for (const path of ['/api/messages', '/api/transcript', '/api/transcript?format=jsonl', '/metrics']) {
    const { status, text } = await ask(gateway, path);
    assert.deepEqual([path, status], [path, 401]);
    assert.doesNotMatch(text, /epoch|tertulia_/);
  }
  const { tab } = await knock(t, gateway);
  tab.send({ type: 'hello' });
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
  assert.equal(tab.welcome, undefined);
});

test('without the code a plain-text WebSocket says and hears nothing', async (t) => {
  const { gateway, room } = coded;
  const terminal = await enter(t, room.port);
  const { tab } = await knock(t, gateway, { protocols: [] });
  const frames: string[] = [];
  tab.socket.on('message', (data) => frames.push(String(data)));
  tab.socket.send('sin permiso');
  terminal.say('secreto\n');
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
  assert.deepEqual(frames, []);
  assert.equal(terminal.heard, '');
});

test('the page, which asks for the code, and health are open', async () => {
  const { gateway } = coded;
  for (const path of ['/', '/healthz', '/readyz', '/favicon.svg']) {
    assert.equal((await ask(gateway, path)).status, 200, path);
  }
});

test('the cookie that the code brings opens WebSocket, history and downloads', async (t) => {
  const { gateway } = coded;
  const headers = await cookieOf(gateway);
  await comeIn(t, gateway, { headers });
  assert.equal((await ask(gateway, '/api/messages', headers)).status, 200);
  assert.equal((await ask(gateway, '/api/transcript', headers)).status, 200);
});

test('the cookie is hidden from scripts and other sites, and does not hold the code', async () => {
  const { gateway } = coded;
  const { status, headers } = await give(gateway, CODE);
  const [cookie = ''] = headers['set-cookie'] ?? [];
  assert.equal(status, 204);
  assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
  assert.doesNotMatch(decodeURIComponent(cookie), /sésamo/);
});

test('over https, directly or at a trusted proxy, the cookie goes over nothing else', async () => {
  const { gateway } = coded;
  const { headers } = await give(gateway, CODE, { 'x-forwarded-proto': 'https' });
  assert.match(headers['set-cookie']?.[0] ?? '', /; Secure$/);
});

test('a cookie that was made up, or made of another code, opens nothing', async (t) => {
  const { gateway } = coded;
  const other = await roomAndGateway(t, { ACCESS_CODE: 'otro' });
  const { headers } = await give(other.gateway, 'otro');
  for (const cookie of [
    'tertulia=',
    'tertulia',
    `tertulia=${CODE.slice(1)}`,
    headers['set-cookie']?.[0] ?? '',
  ]) {
    assert.equal((await ask(gateway, '/api/messages', { cookie: cookie.split(';')[0] ?? '' })).status, 401);
  }
});

test('scripts give the code as a bearer, also Prometheus', async (t) => {
  const { gateway } = coded;
  await comeIn(t, gateway, { headers: BEARER });
  assert.equal((await ask(gateway, '/api/messages', BEARER)).status, 200);
  assert.equal((await ask(gateway, '/metrics', BEARER)).status, 200);
});

test('scripts give the code in the query, which is in no log', async (t) => {
  const { gateway } = await roomAndGateway(t, { ...CODED, LOG_LEVEL: 'trace' });
  const query = `?code=${encodeURIComponent(CODE)}`;
  await comeIn(t, gateway, { path: `/ws${query}` });
  assert.equal((await ask(gateway, `/api/transcript${query}`)).status, 200);
  assert.equal((await ask(gateway, `/api/messages${query}&limit=x`)).status, 400);
  assert.equal((await give(gateway, CODE)).status, 204);
  await give(gateway, { code: CODE });
  assert.doesNotMatch(gateway.program.output + gateway.program.errors, /s(?:é|%C3%A9)samo/i);
});

test('a plain-text WebSocket with the code talks', async (t) => {
  const { gateway, room } = coded;
  const terminal = await enter(t, room.port);
  const { tab } = await knock(t, gateway, { path: `/ws?code=${encodeURIComponent(CODE)}`, protocols: [] });
  tab.socket.send('con permiso');
  await terminal.hears('con permiso');
});

test('a wrong code is refused, however near', async (t) => {
  const { gateway } = coded;
  for (const code of ['', 'ábrete', `${CODE} `, CODE.toUpperCase(), 'x'.repeat(1_000)]) {
    assert.equal((await give(gateway, code)).status, 401, code);
  }
  for (const code of [undefined, {}, [], 'x'.repeat(1_001)]) {
    assert.equal((await give(gateway, code)).status, 400, String(code));
  }
  const { tab } = await knock(t, gateway, { path: '/ws?code=no' });
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
});

test('another site can not give the code from a browser', async () => {
  const { gateway } = coded;
  assert.equal((await give(gateway, CODE, { origin: 'http://evil.example.com' })).status, 403);
});

test('an address has 30 wrong tries at once; then the right code waits too, and other addresses do not', async () => {
  const { gateway } = coded;
  const here = { 'x-forwarded-for': '203.0.113.9' };
  for (let i = 0; i < 29; i++) assert.equal((await give(gateway, `${i}`, here)).status, 401);
  assert.equal((await ask(gateway, '/api/messages?code=no', here)).status, 401);
  const { status, headers } = await give(gateway, CODE, here);
  assert.equal(status, 429);
  assert.ok(Number(headers['retry-after']) > 0);
  assert.equal((await give(gateway, CODE, { 'x-forwarded-for': '203.0.113.10' })).status, 204);
});

test('who is in stays in while somebody at the same address tries codes', async (t) => {
  const { gateway } = coded;
  const headers = await cookieOf(gateway);
  const here = { 'x-forwarded-for': '203.0.113.20' };
  for (let i = 0; i <= 30; i++) await give(gateway, `${i}`, here);
  assert.equal((await give(gateway, CODE, here)).status, 429);
  await comeIn(t, gateway, { headers: { ...headers, ...here } });
});

test('all addresses together have 300 wrong tries at once', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 300; i++) assert.equal(access.try('no', `10.0.${i}.1`), 'wrong');
  assert.equal(access.try(CODE, '10.1.1.1'), 'too-many-tries');
});

test('addresses of one IPv6 network are one in the tries', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 30; i++) access.try('no', `2001:db8:0:7::${i}`);
  assert.equal(access.try(CODE, '2001:db8:0:7:ffff::1'), 'too-many-tries');
  assert.equal(access.try(CODE, '2001:db8:0:8::1'), 'open');
});

test('right codes cost no try', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 1_000; i++) assert.equal(access.try(CODE, '10.0.0.1'), 'open');
});

test('a code that is not set is not asked for, and the cookie of no code opens no other', async (t) => {
  const { gateway } = await roomAndGateway(t);
  await comeIn(t, gateway);
  const headers = await cookieOf(gateway);
  assert.equal((await ask(coded.gateway, '/api/messages', headers)).status, 401);
});

test('a code that is too long is not printed by the start that refuses it', async (t) => {
  const code = 'secreto'.repeat(40);
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { ACCESS_CODE: code });
  assert.equal((await program.exits()).code, 2);
  assert.match(program.errors, /^Bad configuration: ACCESS_CODE=\.\.\.: .*200 characters\n$/);
});
