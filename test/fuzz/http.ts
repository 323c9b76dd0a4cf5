/**
 * Requests at every path, right and wrong, many in one connection.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import fc from 'fast-check';
import type { Cleanup } from '../helpers/eventually.ts';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { Footprint, firstOf, LITTLE_MEMORY, type Subject } from './fuzz.ts';
import { hostileText } from './inputs.ts';
import { goesOn, isAsBefore, OPEN_DOOR } from './websocket.ts';

/** Requests in one connection. */
const PIPELINED = 50;

/** A path that does not exist, whose answer is the last. */
const LAST = '/the-last-of-these';

const PATHS = [
  '/',
  '/api/messages',
  '/api/people',
  '/api/days',
  '/api/invite',
  '/healthz',
  '/metrics',
  '/index.html',
  '/assets/',
  '/assets/../../package.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/favicon.svg',
  '/ws',
  '/robots.txt',
  '//',
  '/%',
  '/%00',
  '/api/messages/',
];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE'];

const query = fc.dictionary(
  fc.constantFrom('before', 'after', 'limit', 'q', 'format', 'zone', 'x'),
  fc.oneof(
    fc.integer().map(String),
    fc.constantFrom('', '0', '-1', '1e3', '9'.repeat(30), 'NaN', '"', '*', 'a OR b*'),
    hostileText,
  ),
  { maxKeys: 3 },
);

const header = fc.tuple(
  fc.constantFrom(
    'Accept-Encoding',
    'Range',
    'If-None-Match',
    'X-Forwarded-For',
    'Cookie',
    'Origin',
    'Content-Type',
    'X-Y',
    'Upgrade',
    'Expect',
  ),
  fc.oneof(
    fc.constantFrom(
      'gzip, br',
      'bytes=0-0',
      'bytes=5-1',
      '*',
      '10.0.0.7',
      'null',
      'application/json',
      'websocket',
      '100-continue',
    ),
    fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
  ),
);

interface Input {
  bytes: Buffer;
  /** Malformed requests, after which the connection can not be read. */
  isMalformed: boolean;
}

const request = fc
  .record({
    method: fc.constantFrom(...METHODS),
    path: fc.constantFrom(...PATHS),
    query,
    headers: fc.array(header, { maxLength: 4 }),
    body: fc.option(hostileText),
  })
  .map(({ method, path, query: fields, headers, body }) => {
    const search = new URLSearchParams(fields).toString();
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    const bytes = Buffer.from(body ?? '');
    if (body !== null) lines.push(`Content-Length: ${bytes.length}`);
    const head = [`${method} ${path}${search && `?${search}`} HTTP/1.1`, 'Host: 127.0.0.1', ...lines].join(
      '\r\n',
    );
    return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
  });

const malformed = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 80 })
    .map((bytes) => Buffer.concat([bytes, Buffer.from('\r\n\r\n')])),
  fc
    .constantFrom(
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 1\r\n\r\n',
      'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET //:0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    .map(Buffer.from),
);

export async function http(t: Cleanup): Promise<Subject<Input>> {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { ...OPEN_DOOR, ...LITTLE_MEMORY });
  const witness = await openTab(t, gateway);
  await witness.receivesReceipt(witness.say('hola, que se pueda buscar'), 'heard');
  const footprint = new Footprint(gateway.program.child.pid);
  return {
    inputs: fc.oneof(
      { weight: 40, arbitrary: request.map((bytes) => ({ bytes, isMalformed: false })) },
      { weight: 1, arbitrary: malformed.map((bytes) => ({ bytes, isMalformed: true })) },
    ),
    async take(batch) {
      await Promise.all(pipelines(batch).map((inputs) => ask(gateway.port, inputs)));
      await goesOn(gateway, witness);
    },
    async rests() {
      await isAsBefore(footprint);
    },
  };
}

/** Each malformed request is the last of its connection. */
function pipelines(inputs: Input[]): Input[][] {
  const all: Input[][] = [[]];
  for (const input of inputs) {
    all.at(-1)?.push(input);
    if (input.isMalformed || all.at(-1)?.length === PIPELINED) all.push([]);
  }
  return all;
}

/** Sends the requests. After a body that the gateway refuses it continues in another connection. */
async function ask(port: number, inputs: Input[]): Promise<void> {
  const requests = inputs.filter(({ isMalformed }) => !isMalformed).map(({ bytes }) => bytes);
  const malformed = inputs.find(({ isMalformed }) => isMalformed)?.bytes ?? Buffer.alloc(0);
  for (let done = 0; done <= requests.length; ) {
    const answered = await converse(port, requests.slice(done), malformed);
    assert.ok(answered > 0, `no answer to ${requests[done]?.toString('latin1')}`);
    done += answered;
  }
}

/** Sends everything in one connection. Returns the number of answers up to that of LAST. */
async function converse(port: number, requests: Buffer[], malformed: Buffer): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1' });
  let answers = '';
  socket.setEncoding('latin1').on('data', (part) => {
    answers += part;
    // An earlier end would cost the answers before it, as leaving does.
    if (answers.includes(LAST, answers.length - part.length - LAST.length)) socket.end(malformed);
  });
  socket.on('error', () => {});
  socket.write(Buffer.concat([...requests, Buffer.from(`GET ${LAST} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)]));
  if (!socket.closed) await firstOf(socket, 'close');
  const [fault] = /HTTP\/1\.1 50[0-24-9][\s\S]{0,300}/.exec(answers) ?? [];
  assert.equal(fault, undefined);
  return answers.match(/HTTP\/1\.1 [2-5]\d\d /g)?.length ?? 0;
}
