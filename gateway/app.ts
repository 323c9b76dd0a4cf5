/**
 * The gateway's HTTP side: the page, health, metrics, and the door of the WebSocket. Knows nothing of the process.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Room } from './hub/hub.ts';
import { peerReader, type Trust } from './lib/client-address.ts';
import type { Crowd } from './limits/admission.ts';
import { limitSockets, type SocketLimits } from './limits/connection-limit.ts';
import { handleInOrder } from './limits/pipelining.ts';
import type { Pace } from './limits/token-bucket.ts';
import { Traffic } from './ops/byte-counter.ts';
import { SUBPROTOCOL } from './protocol.ts';
import type { AccessCode } from './server/access-code.ts';
import {
  type EntranceOptions,
  guardHost,
  guardPace,
  guardWords,
  serveEnter,
  serveTicket,
  serveWebSocket,
  serveWithoutUpgrade,
} from './server/guards.ts';
import { converseInText, JsonConversation, type Patience } from './server/json-client.ts';
import type { Door } from './server/origin-policy.ts';
import { type HistoryOptions, serveHistory } from './server/routes/history.ts';
import { type InvitationOptions, serveInvitation } from './server/routes/invite.ts';
import { createMetrics } from './server/routes/metrics.ts';
import { protectPages } from './server/security-headers.ts';
import type { KeyPair } from './server/tls.ts';

export interface AppOptions {
  room: Room;
  /** The built page. */
  webRoot: string;
  door: Door;
  accessCode: AccessCode;
  crowd: Crowd;
  sockets: SocketLimits;
  /** undefined: plain http. */
  tls: KeyPair | undefined;
  /** Longest text of a say, bytes: frames may be about twice that. */
  textBytes: number;
  patience: Patience;
  /** How fast a browser is read. */
  pace: Pace;
  /** Which addresses are proxies that tell who is behind them. */
  trust: Trust;
  log: FastifyBaseLogger;
  invitation: InvitationOptions;
  history: Omit<HistoryOptions, 'peerOf' | 'charge'>;
}

/** What JSON adds to a text: the other fields, and escapes (at most one for each byte of readable text). */
const FRAME_OVERHEAD_BYTES = 4 * 1024;

/** Of a request: the one that has a body carries a passphrase. */
const BODY_BYTES = 8 * 1024;

/** Our schemas are used as they are: to prove that they are schemas took a twentieth of each start. */
const AS_WRITTEN = { validateSchema: false };

/** How long a connection may wait for its next request, ms: longer than the 60 s that proxies keep theirs. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Bytes that may wait in a connection for its reader: beyond, a browser gets nothing more until they are gone. By https
 * Node does not ask: 16 KiB, from Node 22 on 64.
 */
const SOCKET_BYTES = 32 * 1024;

/** How often Node looks for requests that take too long, ms. */
const CHECK_EVERY_MS = 2_000;

const ONE_YEAR_S = 31_536_000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { tls, sockets } = options;
  const server = {
    headersTimeout: sockets.requestMs,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    highWaterMark: SOCKET_BYTES,
  };
  const app = Fastify({
    // For all that follows the two are the same.
    ...((tls ? { https: { ...server, ...tls, handshakeTimeout: sockets.requestMs } } : { http: server }) as {
      http: typeof server;
    }),
    loggerInstance: options.log,
    ajv: { customOptions: AS_WRITTEN },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: sockets.requestMs,
    bodyLimit: BODY_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
  });
  handleInOrder(app);
  await protectPages(app, tls !== undefined);
  limitSockets(app.server, sockets, options.trust);
  serveHealth(app, options.room);
  serveNamed(app, options);
  return app;
}

/** All but what tells whether it is alive: that may be asked by any name. */
function serveNamed(app: FastifyInstance, options: AppOptions): void {
  const { room, patience, pace } = options;
  const peerOf = peerReader(options.trust);
  const traffic = new Traffic();
  const entrance: EntranceOptions = {
    ...options,
    peerOf,
    journal: room.journal,
    refused: (why) => room.counters.refused(why),
    traffic,
    frameBytes: 2 * options.textBytes + FRAME_OVERHEAD_BYTES,
  };
  app.register(async (named) => {
    guardHost(named, entrance);
    serveWithoutUpgrade(named);
    servePage(named, options.webRoot);
    named.register(async (api) => {
      guardPace(api, entrance);
      serveEnter(api, entrance);
      api.register(async (words) => {
        guardWords(words, entrance);
        serveTicket(words, entrance);
        const charge = (ip: string, requests: number) => options.crowd.charge(ip, requests);
        serveHistory(words, room.log, { ...options.history, peerOf, charge });
        serveInvitation(words, options.invitation, peerOf);
        servePeople(words, room);
        serveMetrics(words, room, traffic);
      });
    });
  });
  const terms = { patience, pace };
  serveWebSocket(app, entrance, (line, guest) => {
    if (line.socket.protocol === SUBPROTOCOL) new JsonConversation(line, guest, room, terms);
    else converseInText(line, guest, room, terms);
  });
}

function serveHealth(app: FastifyInstance, room: Room): void {
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await room.whyNotReady();
    if (reason === undefined) return { ready: true };
    return reply.code(503).send({ ready: false, reason });
  });
}

/** How many are here is the room's business: with an access code, Prometheus needs it too. */
function serveMetrics(app: FastifyInstance, room: Room, traffic: Traffic): void {
  const metrics = createMetrics(room, traffic);
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

function servePeople(app: FastifyInstance, room: Room): void {
  app.get('/api/people', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(room.people.json),
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
    preCompressed: true,
    setHeaders(reply, path) {
      // Names in assets/ carry a hash of what is in them.
      const hashed = path.startsWith(join(webRoot, 'assets'));
      reply.header('cache-control', hashed ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache');
    },
  });
}
