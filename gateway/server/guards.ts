/**
 * The way in: each HTTP request and each WebSocket is let in here, or told why not.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientConnection } from '../downstream/subscriber.ts';
import type { ClientAddressReader } from '../lib/client-address.ts';
import { Admission, type AdmissionControl } from '../limits/admission.ts';
import type { AccessLog } from '../ops/access-log.ts';
import type { ByteCounter } from '../ops/byte-counter.ts';
import type { Refusal } from '../ops/counters.ts';
import { CLOSE, SUBPROTOCOL } from '../protocol.ts';
import { type AccessCode, type AccessResult, CODE_MAX_LENGTH } from './access-code.ts';
import { hostnameOf, type OriginPolicy } from './origin-policy.ts';

export interface GuardOptions {
  originPolicy: OriginPolicy;
  accessCode: AccessCode;
  admission: AdmissionControl;
  clientAddressOf: ClientAddressReader;
  accessLog: AccessLog;
  onRefused: (why: Refusal) => void;
  byteCounter: ByteCounter;
  /** Longest frame, bytes. */
  frameBytes: number;
}

/** A message may come in so many frames, and a frame in so many reads: more than any browser or network makes of one. */
const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 1024;

/** How long a refused browser may take to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 1_000;

type Closing = Exclude<Refusal, 'path' | 'host' | 'full' | 'requests'>;

/** How a WebSocket is refused. Those who come through a page learn it from the code, so that it can tell. */
const CLOSES: Record<Closing, [code: number, reason: string]> = {
  origin: [CLOSE.foreign, 'pages of this origin may not connect: see ALLOWED_HOSTS'],
  code: [CLOSE.locked, 'the access code is needed'],
  'wrong-code': [CLOSE.locked, 'this is not the access code'],
  tries: [CLOSE.full, 'too many wrong access codes, come back later'],
  rate: [CLOSE.full, 'too many are coming at once, come back later'],
  pending: [CLOSE.full, 'too many are coming at once, come back later'],
  address: [CLOSE.crowded, 'too many connections from this address'],
};

const REFUSAL_OF = {
  open: undefined,
  locked: 'code',
  wrong: 'wrong-code',
  'too-many-tries': 'tries',
} as const;

const BAD_CODE = `the body must be {"code": "..."}, a string of at most ${CODE_MAX_LENGTH} characters`;

/** Clears what earlier versions set. Browsers send it to the room's port too, and the code can be guessed from it. */
const NO_OLD_COOKIE = 'tertulia=; Path=/; Max-Age=0';

/** Requests by a name that is not ours get nothing: it may be an attacker's, made to point here. */
export function checkHost(app: FastifyInstance, entrance: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    if (await entrance.originPolicy.findsHost(request.headers.host)) return;
    reportUnknownHost(entrance, request.raw);
    return reply.code(421).type('text/plain; charset=utf-8').send(misdirected(request.headers.host));
  });
}

/** Limits the request rate of an address. Each request is paid for before its work begins. */
export function limitRate(
  app: FastifyInstance,
  { admission, clientAddressOf, onRefused }: GuardOptions,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const cost = request.routeOptions.config.cost?.(request.query as Record<string, unknown>) ?? 1;
    const wait = admission.tryRequest(clientAddressOf(request.raw).ip, cost);
    if (wait === 0) return;
    onRefused('requests');
    return reply
      .code(429)
      .header('retry-after', Math.ceil(wait / 1000))
      .send({ message: 'too many requests from this address, come back later' });
  });
}

/** What tells words is for our own pages, and for who has the code. */
export function requireAccess(app: FastifyInstance, entrance: GuardOptions): void {
  const { accessCode, clientAddressOf } = entrance;
  app.addHook('onRequest', async ({ raw, method, routeOptions }, reply) => {
    const takesTicket = method === 'GET' && routeOptions.url === '/api/transcript';
    const ticket = takesTicket ? urlOf(raw)?.searchParams.get('ticket') : null;
    const refusal =
      whyForeign(entrance, raw) ??
      refusalOfAccess(accessCode.checkRequest(raw.headers, ticket ?? null, clientAddressOf(raw).ip));
    if (!refusal) return;
    entrance.onRefused(refusal);
    return refuse(reply, refusal);
  });
}

/** `POST /api/enter {code}`: a page gets the token that opens the rest. */
export function loginRoute(app: FastifyInstance, entrance: GuardOptions): void {
  const { originPolicy, accessCode, clientAddressOf, onRefused } = entrance;
  app.post('/api/enter', async (request, reply) => {
    if (!originPolicy.allowsOrigin(request.headers)) return refuse(reply, 'origin');
    const code = codeIn(request.body);
    if (code === undefined) return reply.code(400).send({ message: BAD_CODE });
    const refusal = refusalOfAccess(accessCode.try(code, clientAddressOf(request.raw).ip));
    if (!refusal) return reply.header('set-cookie', NO_OLD_COOKIE).send({ token: accessCode.token });
    onRefused(refusal);
    return refuse(reply, refusal);
  });
}

/** `POST /api/ticket`: a page that is in gets a ticket for one download. */
export function serveTicket(app: FastifyInstance, { accessCode }: GuardOptions): void {
  app.post('/api/ticket', async () => ({ ticket: accessCode.tickets.issue() }));
}

/** Not by a schema, which would take the text out of an array. */
function codeIn(body: unknown): string | undefined {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === 'string' && code.length <= CODE_MAX_LENGTH ? code : undefined;
}

export function serveWebSocket(
  app: FastifyInstance,
  entrance: GuardOptions,
  converse: (line: ClientConnection, place: Admission) => void,
): void {
  const { admission, clientAddressOf } = entrance;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: entrance.frameBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const welcome = (socket: WebSocket, stream: Duplex, request: IncomingMessage): void => {
    // Too large a frame, bad UTF-8, a reset: each ends it, and its close follows. Set before anything else may happen to it.
    socket.on('error', ignore);
    const peer = clientAddressOf(request);
    const place = refusalOf(entrance, request) ?? admission.admit(peer.ip);
    if (place instanceof Admission) {
      socket.on('close', () => place.leave());
      converse({ socket, stream, peer }, place);
    } else {
      entrance.onRefused(place);
      refuseWebSocket(socket, place);
    }
  };
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', ignore);
    entrance.byteCounter.follow(request.socket);
    const status = upgradeErrorOf(entrance, request);
    if (status) rejectUpgrade(socket, status);
    else sockets.handleUpgrade(request, socket, head, (opened) => welcome(opened, socket, request));
  });
}

/** What is left of an opening WebSocket behind a proxy that drops `Upgrade`. A page asks for it, to say so. */
export function serveWithoutUpgrade(app: FastifyInstance): void {
  const message = 'a WebSocket; a proxy before it must hand on the headers Upgrade and Connection';
  app.get('/ws', async (_request, reply) =>
    reply.code(426).headers({ upgrade: 'websocket', connection: 'Upgrade' }).send({ message }),
  );
}

/** Nobody reads what may come behind such a request: its end would never be seen, and the socket kept for ever. */
function rejectUpgrade(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** With a code that a page can explain. */
function refuseWebSocket(socket: WebSocket, refusal: Closing): void {
  const [code, reason] = CLOSES[refusal];
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
}

/** A status line, or undefined if this request may open a WebSocket. */
function upgradeErrorOf(entrance: GuardOptions, request: IncomingMessage): string | undefined {
  if (urlOf(request)?.pathname !== '/ws') {
    entrance.onRefused('path');
    return '404 Not Found';
  }
  if (entrance.originPolicy.allowsHost(request.headers.host)) return undefined;
  reportUnknownHost(entrance, request);
  return '421 Misdirected Request';
}

function refusalOf(entrance: GuardOptions, request: IncomingMessage): Closing | undefined {
  const { accessCode, clientAddressOf } = entrance;
  const query = urlOf(request)?.searchParams;
  return (
    whyForeign(entrance, request) ??
    refusalOfAccess(accessCode.checkWebSocket(request.headers, query, clientAddressOf(request).ip))
  );
}

function whyForeign(
  { originPolicy, clientAddressOf, accessLog }: GuardOptions,
  request: IncomingMessage,
): Closing | undefined {
  if (originPolicy.allowsOrigin(request.headers)) return undefined;
  accessLog.foreignPage(request.headers.origin, clientAddressOf(request));
  return 'origin';
}

function refusalOfAccess(entry: AccessResult): Closing | undefined {
  return REFUSAL_OF[entry];
}

function reportUnknownHost(
  { originPolicy, accessLog, clientAddressOf, onRefused }: GuardOptions,
  request: IncomingMessage,
): void {
  // For the next WebSocket: this one can't wait for the own network's answer.
  void originPolicy.findsHost(request.headers.host);
  accessLog.unknownHost(hostnameOf(request.headers.host), clientAddressOf(request));
  onRefused('host');
}

function refuse(reply: FastifyReply, refusal: Closing): FastifyReply {
  const [, message] = CLOSES[refusal];
  switch (refusal) {
    case 'code':
    case 'wrong-code':
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ message: `${message}; give it as Authorization: Bearer CODE` });
    case 'origin':
      return reply.code(403).send({ message });
    default:
      return reply.code(429).header('retry-after', '60').send({ message });
  }
}

/** What a person sees whose own name for the gateway it does not know. */
function misdirected(host: string | undefined): string {
  const name = hostnameOf(host) ?? 'chat.example.org';
  return [
    `This Tertulia does not know itself by this name. Who runs it can allow it: ALLOWED_HOSTS=${name}`,
    `Esta tertulia no se conoce por este nombre. Quien la lleva puede permitirlo: ALLOWED_HOSTS=${name}`,
    '',
  ].join('\n');
}

/** Undefined where a request names no path. */
function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  return url.startsWith('/') ? new URL(`http://gateway${url}`) : undefined;
}

/** Written where it is used, it would keep all that its place knows, the request among it, as long as the socket. */
function ignore(): void {}
