/**
 * The gateway's HTTP side: the page, health, metrics, and the door of the WebSocket. Knows nothing of the process.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { RateLimit } from '../common/token-bucket.ts';
import type { Hub } from './hub/hub.ts';
import { clientAddressReader, type TrustProxy } from './lib/client-address.ts';
import type { AdmissionControl } from './limits/admission.ts';
import { type ConnectionLimits, limitConnections } from './limits/connection-limit.ts';
import { handleInOrder } from './limits/pipelining.ts';
import { ByteCounter } from './ops/byte-counter.ts';
import { SUBPROTOCOL } from './protocol.ts';
import type { AccessCode } from './server/access-code.ts';
import {
  checkHost,
  type GuardOptions,
  limitRate,
  loginRoute,
  requireAccess,
  serveTicket,
  serveWebSocket,
  serveWithoutUpgrade,
} from './server/guards.ts';
import { type ClientTimeouts, JsonClient, serveTextClient } from './server/json-client.ts';
import type { OriginPolicy } from './server/origin-policy.ts';
import { type HistoryOptions, historyRoutes } from './server/routes/history.ts';
import { type InvitationOptions, inviteRoute } from './server/routes/invite.ts';
import { createMetrics } from './server/routes/metrics.ts';
import { addSecurityHeaders } from './server/security-headers.ts';
import type { KeyPair } from './server/tls.ts';

export interface AppOptions {
  hub: Hub;
  /** The built page. */
  webRoot: string;
  originPolicy: OriginPolicy;
  accessCode: AccessCode;
  admission: AdmissionControl;
  connectionLimits: ConnectionLimits;
  /** undefined: plain http. */
  tls: KeyPair | undefined;
  /** Longest text of a say, bytes: frames may be about twice that. */
  textBytes: number;
  timeouts: ClientTimeouts;
  /** How fast a browser is read. */
  messageRate: RateLimit;
  /** Which addresses are proxies that tell who is behind them. */
  trustProxy: TrustProxy;
  log: FastifyBaseLogger;
  invitation: InvitationOptions;
  history: Omit<HistoryOptions, 'peerOf' | 'charge'>;
}

/** What JSON adds to a text: the other fields, and escapes (at most one for each byte of readable text). */
const FRAME_OVERHEAD_BYTES = 4 * 1024;

/** Of a request: the one that has a body carries a passphrase. */
const BODY_BYTES = 8 * 1024;

/** Our schemas are used as they are: to prove that they are schemas took a twentieth of each start. */
const SKIP_SCHEMA_VALIDATION = { validateSchema: false };

/** How long a connection may wait for its next request, ms: longer than the 60 s that proxies keep theirs. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Bytes that may wait in a connection for its reader: beyond, a browser gets nothing more until they are gone. By https
 * Node does not ask: 16 KiB, from Node 22 on 64.
 */
const SOCKET_BUFFER_BYTES = 32 * 1024;

/** How often Node looks for requests that take too long, ms. */
const CONNECTION_CHECK_MS = 2_000;

const ONE_YEAR_S = 31_536_000;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { tls, connectionLimits } = options;
  const server = {
    headersTimeout: connectionLimits.requestMs,
    connectionsCheckingInterval: CONNECTION_CHECK_MS,
    highWaterMark: SOCKET_BUFFER_BYTES,
  };
  const app = Fastify({
    // For all that follows the two are the same.
    ...((tls
      ? { https: { ...server, ...tls, handshakeTimeout: connectionLimits.requestMs } }
      : { http: server }) as {
      http: typeof server;
    }),
    loggerInstance: options.log,
    ajv: { customOptions: SKIP_SCHEMA_VALIDATION },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: connectionLimits.requestMs,
    bodyLimit: BODY_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
  });
  handleInOrder(app);
  await addSecurityHeaders(app, tls !== undefined);
  limitConnections(app.server, connectionLimits, options.trustProxy);
  serveHealth(app, options.hub);
  serveByName(app, options);
  return app;
}

/** All but what tells whether it is alive: that may be asked by any name. */
function serveByName(app: FastifyInstance, options: AppOptions): void {
  const { hub, timeouts, messageRate } = options;
  const clientAddressOf = clientAddressReader(options.trustProxy);
  const byteCounter = new ByteCounter();
  const entrance: GuardOptions = {
    ...options,
    clientAddressOf,
    accessLog: hub.accessLog,
    onRefused: (why) => hub.counters.refused(why),
    byteCounter,
    frameBytes: 2 * options.textBytes + FRAME_OVERHEAD_BYTES,
  };
  app.register(async (named) => {
    checkHost(named, entrance);
    serveWithoutUpgrade(named);
    servePage(named, options.webRoot);
    named.register(async (api) => {
      limitRate(api, entrance);
      loginRoute(api, entrance);
      api.register(async (words) => {
        requireAccess(words, entrance);
        serveTicket(words, entrance);
        const charge = (ip: string, requests: number) => options.admission.charge(ip, requests);
        historyRoutes(words, hub.log, { ...options.history, peerOf: clientAddressOf, charge });
        inviteRoute(words, options.invitation, clientAddressOf);
        servePeople(words, hub);
        serveMetrics(words, hub, byteCounter);
      });
    });
  });
  const clientOptions = { timeouts, messageRate };
  serveWebSocket(app, entrance, (line, place) => {
    if (line.socket.protocol === SUBPROTOCOL) new JsonClient(line, place, hub, clientOptions);
    else serveTextClient(line, place, hub, clientOptions);
  });
}

function serveHealth(app: FastifyInstance, room: Hub): void {
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await room.ear.whyNotReady();
    if (reason === undefined) return { ready: true };
    return reply.code(503).send({ ready: false, reason });
  });
}

/** How many are here is the room's business: with an access code, Prometheus needs it too. */
function serveMetrics(app: FastifyInstance, room: Hub, byteCounter: ByteCounter): void {
  const metrics = createMetrics(room, byteCounter);
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

function servePeople(app: FastifyInstance, room: Hub): void {
  app.get('/api/people', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(room.presence.json),
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
