/**
 * A browser that opens the port of the room. Its request, cookies included, must not reach others.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { DEADLINE_MS } from '../helpers/eventually.ts';
import { openRoom, pythonAddress } from '../tcp-server/chat-server-fixture.ts';

const COOKIE = 'tertulia=secret';
const REQUEST = `GET /?code=secret HTTP/1.1\r\nHost: 192.168.1.20:12345\r\nCookie: ${COOKIE}\r\nAccept: text/html\r\n\r\n`;

test('room refuses a browser, names the page in both languages, and repeats nothing', async (t) => {
  const room = await openRoom(t);
  const [eva, luis] = [await room.enter(), await room.enter()];
  for (const accept of ['text/html', '*/*']) {
    const answer = await fetch(`http://127.0.0.1:${room.port}/?code=secret`, {
      headers: { cookie: COOKIE, accept },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const body = await answer.text();
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('content-type')?.startsWith('text/html'), accept === 'text/html');
    assert.match(body, /La página del chat está en .*http:\/\/127\.0\.0\.1:8080/);
    assert.match(body, /The page of the chat is at .*http:\/\/127\.0\.0\.1:8080/);
    assert.ok(!body.includes('secret'));
  }
  luis.send('fin\n');
  await eva.receives('fin\n');
  assert.equal(eva.received, `${luis.address} dice: fin\n`);
  assert.ok(!room.log.join('\n').includes('secret'), room.log.join('\n'));
});

test('room refuses a request that arrives byte by byte before it sends its headers', async (t) => {
  const room = await openRoom(t);
  const [eva, luis, slow] = [await room.enter(), await room.enter(), await room.enter()];
  for (const byte of Buffer.from(REQUEST)) slow.send(Uint8Array.of(byte));
  await slow.isEnded();
  assert.match(slow.received, /^HTTP\/1\.1 400 /);
  await room.logs(`Conexión cerrada con ${pythonAddress(slow)}: pide una página web`);
  luis.send('fin\n');
  await eva.receives('fin\n');
  assert.ok(!eva.received.includes('secret'), eva.received);
});

test('request that stalls for longer than the room waits is refused at its end', async (t) => {
  const room = await openRoom(t);
  const [eva, slow] = [await room.enter(), await room.enter()];
  slow.send(REQUEST.slice(0, 5));
  await eva.receives(`${slow.address} dice: GET /`);
  slow.send(REQUEST.slice(5));
  await slow.isEnded();
  assert.match(slow.received, /^HTTP\/1\.1 400 /);
  assert.equal(eva.received, `${slow.address} dice: GET /`);
});

test('room refuses TLS with an alert, and repeats nothing', async (t) => {
  const room = await openRoom(t);
  const [eva, luis] = [await room.enter(), await room.enter()];
  const browser = connect({ port: room.port, host: '127.0.0.1', servername: 'localhost' });
  const [error] = (await once(browser, 'error', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [
    NodeJS.ErrnoException,
  ];
  assert.match(`${error.code}`, /SSL.*ALERT/i);
  luis.send('fin\n');
  await eva.receives('fin\n');
  assert.equal(eva.received, `${luis.address} dice: fin\n`);
});

test('page is named by a host that can not leave its link', async (t) => {
  const room = await openRoom(t);
  for (const host of ['"><script>alert(1)</script>', 'a b', '']) {
    const browser = await room.enter();
    browser.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`);
    await browser.isEnded();
    assert.match(browser.received, /href="http:\/\/127\.0\.0\.1:8080"/);
    assert.ok(!browser.received.includes('script>'));
  }
});

test('room without a page URL says so, and its answer to HEAD has no body', async (t) => {
  const room = await openRoom(t, { pageUrl: '' });
  const body = await (
    await fetch(`http://127.0.0.1:${room.port}/`, { signal: AbortSignal.timeout(DEADLINE_MS) })
  ).text();
  assert.match(body, /en otro puerto\.\n.*on another port\.\n$/);
  const head = await fetch(`http://127.0.0.1:${room.port}/`, {
    method: 'HEAD',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  assert.deepEqual([head.status, await head.text()], [400, '']);
});

test('messages that resemble HTTP are messages, in whatever pieces they arrive', async (t) => {
  const messages = [
    ['GET me a beer\r\n'],
    ['GET / HTTP/1.1\n'],
    ['GE', 'T the book\n'],
    ['GET / ', 'HTTP es un protocolo\r\n'],
    ['hola\r\n', 'GET / HTTP/1.1\r\n'],
    ['GET'],
    ['GET /'],
  ];
  for (const pieces of messages) {
    const room = await openRoom(t);
    const [ana, eva] = [await room.enter(), await room.enter()];
    for (const piece of pieces) ana.send(piece);
    const whole = pieces.join('');
    await eva.receives(whole.slice(-3));
    assert.equal(eva.received.replaceAll(`${ana.address} dice: `, ''), whole);
  }
});
