/**
 * Opens WebSockets on the paths of its endpoints, `/ws` and `/ws/lab`, or refuses them.
 *
 *     wrong path or host ------------------> HTTP status, no handshake
 *     origin, access code or limits --------> handshake, then a close code that the page explains
 *     else ---------------------------------> handshake, then a client
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientConnection } from '../downstream/subscriber.ts';
import { terminateLater } from '../lib/close-websocket.ts';
import { Admission } from '../limits/admission.ts';
import type { ByteCounter } from '../ops/byte-counter.ts';
import { SUBPROTOCOL } from '../protocol.ts';
import type { AccessResult } from './access-code.ts';
import { type GuardOptions, refusalOfOrigin, reportUnknownHost, urlOf } from './guards.ts';
import { CLOSES, refusalOfAccess } from './refusals.ts';

export interface WebSocketOptions extends GuardOptions {
  byteCounter: ByteCounter;
}

/** A path with WebSockets. */
export interface WebSocketEndpoint {
  path: string;
  /** Longest frame, bytes. */
  frameBytes: number;
  /** Others are refused. */
  isForHosts?: boolean;
  onClient: (connection: ClientConnection, admission: Admission) => void;
}

/** Frames of a message, and reads of a frame: more than any browser or network makes of one. */
const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 1024;

/** Bytes read of a client after a close frame: more than its answer and what was on the way. */
const READ_AFTER_CLOSE_BYTES = 64 * 1024;

export function serveWebSockets(
  app: FastifyInstance,
  options: WebSocketOptions,
  endpoints: WebSocketEndpoint[],
): void {
  const handlers = new Map(endpoints.map((endpoint) => [endpoint.path, upgradeHandler(options, endpoint)]));
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', ignore);
    options.byteCounter.follow(request.socket);
    const handle = handlers.get(urlOf(request)?.pathname ?? '');
    if (!handle) options.onRefused('path');
    const status = handle ? hostErrorOf(options, request) : '404 Not Found';
    if (status) rejectUpgrade(socket, status);
    else handle?.(request, socket, head);
  });
}

function upgradeHandler(
  options: WebSocketOptions,
  { frameBytes, isForHosts = false, onClient }: WebSocketEndpoint,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const onOpen = (socket: WebSocket, stream: Duplex, request: IncomingMessage): void => {
    // A frame too large, bad UTF-8, a reset: a close follows each error. Any later listener could miss an error.
    socket.on('error', () => endReading(socket, stream));
    const peer = options.clientAddressOf(request);
    const access = accessOf(options, request);
    const refusal = access === 'origin' ? access : refusalOfAccess(access, isForHosts);
    const admission = refusal ?? options.admission.admit(peer.ip);
    if (admission instanceof Admission) {
      socket.on('close', () => admission.leave());
      onClient({ socket, stream, peer, isHost: access === 'host' }, admission);
    } else {
      options.onRefused(admission);
      socket.close(...CLOSES[admission]);
      endReading(socket, stream);
    }
  };
  return (request, socket, head) =>
    server.handleUpgrade(request, socket, head, (opened) => onOpen(opened, socket, request));
}

/** Answers a request that lost its `Upgrade` header in a proxy. The page requests `/ws` to report this. */
export function serveWithoutUpgrade(app: FastifyInstance): void {
  const message = 'this is a WebSocket; a proxy in front must forward the headers Upgrade and Connection';
  app.get('/ws', async (_request, reply) =>
    reply.code(426).headers({ upgrade: 'websocket', connection: 'Upgrade' }).send({ message }),
  );
}

/** Returns a status line, or undefined if the host name is one of this gateway. */
function hostErrorOf(options: WebSocketOptions, request: IncomingMessage): string | undefined {
  const { host } = request.headers;
  if (options.originPolicy.allowsHost(host)) return undefined;
  // An upgrade cannot wait for the answer of the network. The next one profits from it.
  void options.originPolicy.findsHost(host);
  reportUnknownHost(options, request);
  return '421 Misdirected Request';
}

function accessOf(options: WebSocketOptions, request: IncomingMessage): AccessResult | 'origin' {
  const { accessCode, clientAddressOf } = options;
  const query = urlOf(request)?.searchParams;
  return (
    refusalOfOrigin(options, request) ??
    accessCode.checkWebSocket(request.headers, query, clientAddressOf(request).ip)
  );
}

/** Destroys the socket after the answer, because its end is never seen if the client sends more that is not read. */
function rejectUpgrade(socket: Duplex, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * Reads little more of a client that is being closed. ws would read and drop all that it sends, and each 64 MB read make
 * V8 collect its whole heap.
 */
function endReading(socket: WebSocket, stream: Duplex): void {
  let bytes = 0;
  stream.on('data', ({ length }: Buffer) => {
    bytes += length;
    if (bytes > READ_AFTER_CLOSE_BYTES) stream.pause();
  });
  terminateLater(socket);
}

/** Stands outside of the handlers, because a closure would keep the request in memory as long as the socket. */
function ignore(): void {}
