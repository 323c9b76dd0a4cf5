/**
 * The passphrase of a room: what it protects, and the ways to send it.
 */
import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { CLOSE, SUBPROTOCOL, TOKEN_HEADER, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { AccessCode } from '../../gateway/server/access-code.ts';
import { MAX_TICKETS, TICKET_MS, Tickets } from '../../gateway/server/tickets.ts';
import { start } from '../helpers/process.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, type Knock, knock, roomAndGateway, shared } from './connect.ts';

const CODE = 'ábrete sésamo';
const CODED = { ACCESS_CODE: CODE };
const BEARER = { authorization: `Bearer ${Buffer.from(CODE).toString('latin1')}` };

/** Behind a proxy, so that tests can use many addresses. */
const coded = shared({ ...CODED, TRUSTED_PROXIES: '127.0.0.1' });

async function give(gateway: { port: number }, code: unknown, headers: Record<string, string> = {}) {
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

/** The proof of a page, as it sends it over HTTP. */
async function tokenOf(gateway: { port: number }, code: string = CODE): Promise<Record<string, string>> {
  const { text } = await give(gateway, code);
  return { [TOKEN_HEADER]: JSON.parse(text).token };
}

/** The proof of a page in a WebSocket, where it can set no header. */
function offering(token: Record<string, string>): Knock {
  return { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token[TOKEN_HEADER]}`] };
}

async function isLocked(t: TestContext, gateway: { port: number }, options: Knock): Promise<void> {
  const { tab } = await knock(t, gateway, options);
  tab.send({ type: 'hello' });
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
  assert.equal(tab.welcome, undefined);
}

test('gateway without the code gives neither messages, history, metrics nor a WebSocket', async (t) => {
  const { gateway } = coded;
  for (const path of [
    '/api/messages',
    '/api/transcript',
    '/api/transcript?format=jsonl',
    '/api/days',
    '/metrics',
  ]) {
    const { status, text } = await ask(gateway, path);
    assert.deepEqual([path, status], [path, 401]);
    assert.doesNotMatch(text, /epoch|tertulia_/);
  }
  const { tab } = await knock(t, gateway);
  tab.send({ type: 'hello' });
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
  assert.equal(tab.welcome, undefined);
});

test('plain-text WebSocket without the code sends and receives nothing', async (t) => {
  const { gateway, room } = coded;
  const terminal = await enter(t, room.port);
  const { tab } = await knock(t, gateway, { protocols: [] });
  const frames: string[] = [];
  tab.socket.on('message', (data) => frames.push(String(data)));
  tab.socket.send('sin permiso');
  terminal.send('secreto\n');
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
  assert.deepEqual(frames, []);
  const inside = await comeIn(t, gateway, offering(await tokenOf(gateway)));
  inside.say('con permiso');
  await terminal.receives('con permiso\n');
  assert.doesNotMatch(terminal.received, /sin permiso/);
});

test('page, which asks for the code, and health checks are open', async () => {
  const { gateway } = coded;
  for (const path of ['/', '/healthz', '/readyz', '/favicon.svg']) {
    assert.equal((await ask(gateway, path)).status, 200, path);
  }
});

test('token opens WebSocket and history, and gets tickets for downloads', async (t) => {
  const { gateway } = coded;
  const token = await tokenOf(gateway);
  await comeIn(t, gateway, offering(token));
  assert.equal((await ask(gateway, '/api/messages', token)).status, 200);
  const { text } = await ask(gateway, '/api/ticket', token, { method: 'POST' });
  const { status, headers } = await ask(
    gateway,
    `/api/transcript?ticket=${JSON.parse(text).ticket}&format=jsonl`,
  );
  assert.equal(status, 200);
  assert.match(headers['content-disposition'] ?? '', /tertulia\.jsonl/);
});

test('ticket opens one download and nothing else', async (t) => {
  const { gateway } = coded;
  assert.equal((await ask(gateway, '/api/ticket', {}, { method: 'POST' })).status, 401);
  const { text } = await ask(gateway, '/api/ticket', await tokenOf(gateway), { method: 'POST' });
  const { ticket } = JSON.parse(text);
  for (const path of ['/api/messages', '/metrics', '/api/people', '/api/invite']) {
    assert.equal((await ask(gateway, `${path}?ticket=${ticket}`)).status, 401, path);
  }
  assert.equal((await ask(gateway, `/api/transcript?ticket=${ticket}`, {}, { method: 'HEAD' })).status, 401);
  await isLocked(t, gateway, { path: `/ws?ticket=${ticket}` });
  assert.equal((await ask(gateway, `/api/transcript?ticket=${ticket}`)).status, 200);
  for (const other of [ticket, '', 'x'.repeat(43)]) {
    assert.equal((await ask(gateway, `/api/transcript?ticket=${other}`)).status, 401, other);
  }
});

test('ticket expires after a minute, or as the oldest of MAX_TICKETS', () => {
  const tickets = new Tickets();
  const first = tickets.issue('guest', 0);
  assert.equal(tickets.redeem(first, TICKET_MS), undefined);
  const [oldest = '', second = ''] = Array.from({ length: MAX_TICKETS + 1 }, () => tickets.issue('guest', 1));
  assert.equal(tickets.size, MAX_TICKETS);
  assert.equal(tickets.redeem(oldest, 2), undefined);
  assert.equal(tickets.redeem(second, TICKET_MS), 'guest');
  assert.equal(tickets.redeem(second, TICKET_MS), undefined);
  tickets.issue('guest', TICKET_MS + 1);
  assert.equal(tickets.size, 1);
});

test('cookie opens nothing, and entering clears the cookie of earlier versions', async (t) => {
  const { gateway } = coded;
  const { text, headers } = await give(gateway, CODE, { cookie: 'tertulia=old' });
  assert.equal(headers['set-cookie']?.[0], 'tertulia=; Path=/; Max-Age=0');
  const ofEarlierVersions = scryptSync(CODE, 'tertulia', 32).toString('base64url');
  for (const value of [JSON.parse(text).token, ofEarlierVersions, CODE]) {
    const cookie = { cookie: `tertulia=${encodeURIComponent(value)}` };
    assert.equal((await ask(gateway, '/api/messages', cookie)).status, 401);
    await isLocked(t, gateway, { headers: cookie });
  }
  await isLocked(t, gateway, offering({ [TOKEN_HEADER]: ofEarlierVersions }));
});

test('access code reads no cookie, however many a request has', async () => {
  const { gateway } = coded;
  const cookie = 'tertulia=;'.repeat(1_250);
  assert.equal((await ask(gateway, '/api/messages', { cookie })).status, 401);
  let reads = 0;
  const headers = {
    get cookie() {
      reads++;
      return cookie;
    },
  };
  const access = new AccessCode(CODE);
  assert.equal(access.checkRequest(headers, null, '10.0.0.1'), 'locked');
  assert.equal(access.checkWebSocket(headers, undefined, '10.0.0.1'), 'locked');
  assert.equal(reads, 0);
});

test('token of another code opens nothing and costs no attempt', async (t) => {
  const { gateway } = coded;
  const other = await roomAndGateway(t, { ACCESS_CODE: 'otro' });
  const ofOther = (await tokenOf(other.gateway, 'otro'))[TOKEN_HEADER] ?? '';
  for (const value of ['', CODE.slice(1), ofOther, ofOther.repeat(20)]) {
    const token = { [TOKEN_HEADER]: encodeURIComponent(value) };
    assert.equal((await ask(gateway, '/api/messages', token)).status, 401);
    await isLocked(t, gateway, offering(token));
  }
  const access = new AccessCode(CODE);
  for (let i = 0; i < 100; i++) access.checkRequest({ [TOKEN_HEADER]: ofOther }, null, '10.0.0.1');
  assert.equal(access.try(CODE, '10.0.0.1'), 'guest');
});

test('scripts send the code as a bearer, Prometheus too', async (t) => {
  const { gateway } = coded;
  await comeIn(t, gateway, { headers: BEARER });
  assert.equal((await ask(gateway, '/api/messages', BEARER)).status, 200);
  assert.equal((await ask(gateway, '/metrics', BEARER)).status, 200);
});

test('code in the query of a WebSocket opens it and is in no log', async (t) => {
  const { gateway } = await roomAndGateway(t, { ...CODED, LOG_LEVEL: 'trace' });
  const query = `?code=${encodeURIComponent(CODE)}`;
  await comeIn(t, gateway, { path: `/ws${query}` });
  assert.equal((await ask(gateway, `/api/messages${query}&limit=x`, BEARER)).status, 400);
  const token = await tokenOf(gateway);
  await comeIn(t, gateway, offering(token));
  assert.equal((await ask(gateway, '/api/messages?limit=x', token)).status, 400);
  await give(gateway, { code: CODE });
  // Its output is complete once it has ended.
  await gateway.program.stop();
  const log = gateway.program.output + gateway.program.errors;
  assert.doesNotMatch(log, /s(?:é|%C3%A9)samo/i);
  assert.ok(!log.includes(token[TOKEN_HEADER] ?? ''));
});

test('code in the query of an HTTP request opens nothing and costs no attempt', async () => {
  const { gateway } = coded;
  const here = { 'x-forwarded-for': '203.0.113.40' };
  const answers = new Set<string>();
  for (let i = 0; i < 40; i++) {
    for (const code of [CODE, 'no']) {
      const { status, text } = await ask(gateway, `/api/messages?code=${encodeURIComponent(code)}`, here);
      answers.add(`${status} ${text}`);
    }
  }
  assert.equal(answers.size, 1);
  assert.match([...answers].join(), /^401 .*Authorization: Bearer CODE/);
  assert.equal((await give(gateway, CODE, here)).status, 200);
});

test('plain-text WebSocket with the code sends and receives', async (t) => {
  const { gateway, room } = coded;
  const terminal = await enter(t, room.port);
  const { tab } = await knock(t, gateway, { path: `/ws?code=${encodeURIComponent(CODE)}`, protocols: [] });
  tab.socket.send('con permiso');
  await terminal.receives('con permiso');
});

test('wrong code is refused, however similar', async (t) => {
  const { gateway } = coded;
  for (const code of [
    '',
    'ábrete',
    'abrete sesamo',
    CODE.toUpperCase(),
    'ábrete Sésamo',
    'ábretesésamo',
    'x'.repeat(1_000),
  ]) {
    assert.equal((await give(gateway, code)).status, 401, code);
  }
  await isLocked(t, gateway, { path: '/ws?code=no' });
});

test('code that is no single string is refused, even the right one', async (t) => {
  const { gateway } = coded;
  for (const code of [undefined, null, 1, true, {}, [], [CODE], { 0: CODE }, 'x'.repeat(1_001)]) {
    assert.equal((await give(gateway, code)).status, 400, JSON.stringify(code));
  }
  for (const body of ['', 'null', '[]', `["${CODE}"]`, `"${CODE}"`, '{']) {
    const json = { 'content-type': 'application/json' };
    assert.equal((await ask(gateway, '/api/enter', json, { method: 'POST', body })).status, 400, body);
  }
  const code = `code=${encodeURIComponent(CODE)}`;
  await isLocked(t, gateway, { path: `/ws?${code}&${code}` });
  await isLocked(t, gateway, { path: `/ws?code=no&${code}` });
  await isLocked(t, gateway, { path: `/ws?code[]=${encodeURIComponent(CODE)}` });
});

test('code with composed accents equals the code with decomposed ones', async (t) => {
  const decomposed = await roomAndGateway(t, { ACCESS_CODE: CODE.normalize('NFD') });
  for (const { gateway } of [coded, decomposed]) {
    for (const form of ['NFC', 'NFD'] as const) {
      const code = CODE.normalize(form);
      assert.equal((await give(gateway, code)).status, 200);
      await comeIn(t, gateway, { path: `/ws?code=${encodeURIComponent(code)}` });
      const bearer = `Bearer ${Buffer.from(code).toString('latin1')}`;
      assert.equal((await ask(gateway, '/api/messages', { authorization: bearer })).status, 200);
    }
  }
  assert.deepEqual(await tokenOf(coded.gateway), await tokenOf(decomposed.gateway, CODE));
});

test('code is accepted with the blanks and the capital that phones add', async (t) => {
  const { gateway } = coded;
  for (const code of [`${CODE} `, ` ${CODE}`, 'Ábrete sésamo', 'Ábrete sésamo '.normalize('NFD')]) {
    assert.equal((await give(gateway, code)).status, 200, code);
  }
  const capital = await roomAndGateway(t, { ACCESS_CODE: ' Sésamo ' });
  assert.equal((await give(capital.gateway, 'Sésamo')).status, 200);
  assert.equal((await give(capital.gateway, 'sésamo')).status, 401);
});

test('code of blanks alone stops the start', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { ACCESS_CODE: '  ' });
  assert.equal((await program.exits()).code, 2);
  assert.match(program.errors, /^Bad configuration: ACCESS_CODE=\.\.\.: .*blanks.*\n$/);
});

test('another site can not try codes through a browser', async () => {
  const { gateway } = coded;
  assert.equal((await give(gateway, CODE, { origin: 'http://evil.example.com' })).status, 403);
});

test('address has 30 wrong attempts; then it waits, and other addresses do not', async (t) => {
  const { gateway } = coded;
  const here = { 'x-forwarded-for': '203.0.113.9' };
  for (let i = 0; i < 28; i++) assert.equal((await give(gateway, `${i}`, here)).status, 401);
  assert.equal((await ask(gateway, '/api/messages', { ...here, authorization: 'Bearer no' })).status, 401);
  await isLocked(t, gateway, { path: '/ws?code=no', headers: here });
  const { status, headers } = await give(gateway, CODE, here);
  assert.equal(status, 429);
  assert.ok(Number(headers['retry-after']) > 0);
  assert.equal((await give(gateway, CODE, { 'x-forwarded-for': '203.0.113.10' })).status, 200);
});

test('session stays while another client at its address tries codes', async (t) => {
  const { gateway } = coded;
  const token = await tokenOf(gateway);
  const here = { 'x-forwarded-for': '203.0.113.20' };
  for (let i = 0; i <= 30; i++) await give(gateway, `${i}`, here);
  assert.equal((await give(gateway, CODE, here)).status, 429);
  await comeIn(t, gateway, { ...offering(token), headers: here });
  assert.equal((await ask(gateway, '/api/messages', { ...token, ...here })).status, 200);
});

test('all addresses together have 300 wrong attempts', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 300; i++) assert.equal(access.try('no', `10.0.${i}.1`), 'wrong');
  assert.equal(access.try(CODE, '10.1.1.1'), 'too-many-tries');
});

test('addresses of one IPv6 network share their attempts', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 30; i++) access.try('no', `2001:db8:0:7::${i}`);
  assert.equal(access.try(CODE, '2001:db8:0:7:ffff::1'), 'too-many-tries');
  assert.equal(access.try(CODE, '2001:db8:0:8::1'), 'guest');
});

test('right codes cost no attempt', () => {
  const access = new AccessCode(CODE);
  for (let i = 0; i < 1_000; i++) assert.equal(access.try(CODE, '10.0.0.1'), 'guest');
});

test('gateway without a code asks for none, and its token opens no other gateway', async (t) => {
  const { gateway } = await roomAndGateway(t);
  await comeIn(t, gateway);
  const token = await tokenOf(gateway);
  await comeIn(t, gateway, offering({ [TOKEN_HEADER]: 'x' }));
  assert.equal((await ask(coded.gateway, '/api/messages', token)).status, 401);
});

test('every answer but the files of the page has no-store', async (t) => {
  const { gateway } = coded;
  const evil = { origin: 'http://evil.example.com' };
  const asked: [path: string, headers: OutgoingHttpHeaders, status: number][] = [
    ['/metrics', BEARER, 200],
    ['/api/messages', BEARER, 200],
    ['/api/messages?limit=x', BEARER, 400],
    ['/api/people', BEARER, 200],
    ['/api/invite', BEARER, 200],
    ['/api/transcript', BEARER, 200],
    ['/metrics', {}, 401],
    ['/api/messages', {}, 401],
    ['/api/messages', evil, 403],
    ['/api/nothing', {}, 404],
    ['/', { host: 'evil.example.com' }, 421],
    ['/ws', {}, 426],
    ['/healthz', {}, 200],
    ['/readyz', {}, 200],
  ];
  for (const [path, headers, expected] of asked) {
    const answer = await ask(gateway, path, headers);
    assert.deepEqual([path, answer.status, answer.headers['cache-control']], [path, expected, 'no-store']);
  }
  const { headers } = await give(gateway, CODE);
  assert.equal(headers['cache-control'], 'no-store');
  const hurried = await roomAndGateway(t, {
    TRUSTED_PROXIES: '127.0.0.1',
    REQUEST_BURST_PER_ADDRESS: '1',
    REQUEST_RATE_PER_ADDRESS: '0.001',
  });
  const here = { 'x-forwarded-for': '203.0.113.50' };
  await ask(hurried.gateway, '/api/people', here);
  const late = await ask(hurried.gateway, '/api/people', here);
  assert.deepEqual([late.status, late.headers['cache-control']], [429, 'no-store']);
});

test('refused code that is too long is not printed at the start', async (t) => {
  const code = 'secreto'.repeat(40);
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { ACCESS_CODE: code });
  assert.equal((await program.exits()).code, 2);
  assert.match(program.errors, /^Bad configuration: ACCESS_CODE=\.\.\.: .*200 characters\n$/);
});
