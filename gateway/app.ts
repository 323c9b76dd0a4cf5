/**
 * The gateway's HTTP side: the page, health, metrics, and the door of the WebSocket. Knows nothing of the process.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { converseInJson, converseInText, type Patience } from './conversation.ts';
import { serveHistory } from './history.ts';
import { type InvitationOptions, serveInvitation } from './invitation.ts';
import { createMetrics } from './metrics.ts';
import { type Peer, peerReader, type Trust } from './peer.ts';
import { CLOSE, SUBPROTOCOL } from './protocol.ts';
import type { Room } from './room.ts';
import { Traffic } from './traffic.ts';

export interface AppOptions {
  room: Room;
  /** The built page. */
  webRoot: string;
  /** Origins besides the own host that may connect. */
  allowedOrigins: string[];
  /** Longest text of a say, bytes: frames may be about twice that. */
  textBytes: number;
  patience: Patience;
  /** Which addresses are proxies that tell who is behind them. */
  trust: Trust;
  log: FastifyBaseLogger;
  invitation: InvitationOptions;
}

/** What JSON adds to a text: the other fields, and escapes (at most one for each byte of readable text). */
const FRAME_OVERHEAD_BYTES = 4 * 1024;

const STATUS = { path: '404 Not Found', origin: '403 Forbidden' };

const ONE_YEAR_S = 31_536_000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.log,
    trustProxy: options.trust,
    logController: new LogController({ disableRequestLogging: true }),
  });
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Older browsers do not take 'self' for the WebSocket's scheme.
        connectSrc: ["'self'", 'ws:', 'wss:'],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // Plain http at a LAN address is a first-class way to use it: none of these can be obeyed there.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false,
  });
  const traffic = new Traffic();
  serveHealth(app, options.room, traffic);
  serveHistory(app, options.room.log);
  serveInvitation(app, options.invitation);
  servePeople(app, options.room);
  servePage(app, options.webRoot);
  serveWebSocket(app, options, traffic);
  return app;
}

function serveHealth(app: FastifyInstance, room: Room, traffic: Traffic): void {
  const metrics = createMetrics(room, traffic);
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    if (await room.ready()) return { ready: true };
    return reply.code(503).send({ ready: false, reason: 'the room does not answer' });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

function servePeople(app: FastifyInstance, room: Room): void {
  app.get('/api/people', async (_request, reply) =>
    reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(room.people.json),
  );
}

function servePage(app: FastifyInstance, webRoot: string): void {
  if (!existsSync(join(webRoot, 'index.html'))) {
    app.log.warn('the page is not built: npm run build');
    app.get('/', async (_request, reply) =>
      reply.code(503).send({ message: 'The page is not built: npm run build' }),
    );
    return;
  }
  app.register(fastifyStatic, {
    root: webRoot,
    cacheControl: false,
    setHeaders(reply, path) {
      // Names in assets/ carry a hash of what is in them.
      const hashed = path.startsWith(join(webRoot, 'assets'));
      reply.header('cache-control', hashed ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache');
    },
  });
}

function serveWebSocket(app: FastifyInstance, options: AppOptions, traffic: Traffic): void {
  const { room, patience } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 2 * options.textBytes + FRAME_OVERHEAD_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const peerOf = peerReader(options.trust);
  const welcome = (socket: WebSocket, peer: Peer): void => {
    if (room.full) {
      room.counters.refused('full');
      socket.close(CLOSE.full, 'the room is full');
    } else if (socket.protocol === SUBPROTOCOL) converseInJson(socket, peer, room, patience);
    else converseInText(socket, peer, room);
  };
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    traffic.follow(request.socket);
    const refusal = whyRefused(request, options.allowedOrigins);
    if (refusal) {
      room.counters.refused(refusal);
      socket.end(`HTTP/1.1 ${STATUS[refusal]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    } else sockets.handleUpgrade(request, socket, head, (opened) => welcome(opened, peerOf(request)));
  });
}

/** Undefined if this request may open a WebSocket. */
function whyRefused(request: IncomingMessage, allowedOrigins: string[]): keyof typeof STATUS | undefined {
  if (new URL(request.url ?? '/', 'http://gateway').pathname !== '/ws') return 'path';
  const { origin, host } = request.headers;
  // Scripts and terminals send no Origin; a browser always does, and can't be made to lie about it.
  if (origin === undefined || allowedOrigins.includes(origin) || hostOf(origin) === host) return undefined;
  return 'origin';
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
