/**
 * Builds the HTTP server of the gateway: health, the page, the API, metrics and the WebSocket. The process is main.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { RateLimit } from '../common/token-bucket.ts';
import { whyNotInCluster } from './cluster/readiness.ts';
import type { Hub } from './hub/hub.ts';
import type { Lab } from './lab/lab.ts';
import { clientAddressReader, type TrustProxy } from './lib/client-address.ts';
import type { AdmissionControl } from './limits/admission.ts';
import { type ConnectionLimits, dropUnfinished, limitConnections } from './limits/connection-limit.ts';
import { handleInOrder } from './limits/pipelining.ts';
import { ByteCounter } from './ops/byte-counter.ts';
import { LAB_WRITE_MAX_BYTES, type Moderation, SUBPROTOCOL } from './protocol.ts';
import type { AccessCode } from './server/access-code.ts';
import { checkHost, limitRate, requireAccess } from './server/guards.ts';
import { type ClientTimeouts, JsonClient } from './server/json-client.ts';
import type { OriginPolicy } from './server/origin-policy.ts';
import { QUERY_COMPILER } from './server/query-rules.ts';
import { type TranscriptOptions, transcriptRoute } from './server/routes/download.ts';
import { type HistoryOptions, historyRoutes } from './server/routes/history.ts';
import { type InvitationOptions, inviteRoute } from './server/routes/invite.ts';
import { loginRoute, ticketRoute } from './server/routes/login.ts';
import { metricsRoute } from './server/routes/metrics.ts';
import { addSecurityHeaders } from './server/security-headers.ts';
import { serveTextClient } from './server/text-client.ts';
import type { KeyPair } from './server/tls.ts';
import {
  serveWebSockets,
  serveWithoutUpgrade,
  type WebSocketEndpoint,
  type WebSocketOptions,
} from './server/websocket.ts';

export interface AppOptions {
  hub: Hub;
  /** Folder of the built page. */
  webRoot: string;
  originPolicy: OriginPolicy;
  accessCode: AccessCode;
  admission: AdmissionControl;
  connectionLimits: ConnectionLimits;
  /** Undefined without LAB. */
  lab: Lab | undefined;
  /** Certificate and key for https; undefined for plain http. */
  tls: KeyPair | undefined;
  /** Longest text of a message, bytes. Frames may be about twice as long. */
  textBytes: number;
  timeouts: ClientTimeouts;
  /** Frames that are read from one browser. */
  messageRate: RateLimit;
  /** Matches the addresses of proxies whose `X-Forwarded-For` is trusted. */
  trustProxy: TrustProxy;
  log: FastifyBaseLogger;
  invitation: InvitationOptions;
  history: Omit<HistoryOptions, 'clientAddressOf' | 'slices' | 'charge' | 'revision'>;
  downloads: Omit<TranscriptOptions, 'clientAddressOf' | 'slices' | 'title'>;
}

/** Room for the other JSON fields of a message. Escapes at most double readable text. */
const FRAME_OVERHEAD_BYTES = 4 * 1024;

/** Longest body of a request. The only request with a body carries a passphrase. */
const BODY_BYTES = 8 * 1024;

/** How long a connection may wait for its next request. Proxies close theirs after 60 s, which must come first. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Bytes that may wait in a connection. Beyond this a browser receives nothing until the bytes are sent. For https Node
 * ignores this: its limit is 16 KiB, and 64 KiB since Node 22.
 */
const SOCKET_BUFFER_BYTES = 32 * 1024;

/** Thirty pages that scroll back at full speed take a smaller share while people talk. */
const REQUESTS = { share: 0.5, workMs: 1 };

/** Interval at which Node looks for requests that take too long. */
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
    // The types of the two servers differ, but the code below uses what they share.
    ...((tls
      ? { https: { ...server, ...tls, handshakeTimeout: connectionLimits.requestMs } }
      : { http: server }) as {
      http: typeof server;
    }),
    loggerInstance: options.log,
    schemaController: { compilersFactory: QUERY_COMPILER },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: connectionLimits.requestMs,
    bodyLimit: BODY_BYTES,
    logController: new LogController({ disableRequestLogging: true }),
  });
  handleInOrder(app, options.hub.slices.withPace(REQUESTS));
  addSecurityHeaders(app, tls !== undefined);
  dropUnfinished(app.server);
  limitConnections(app.server, connectionLimits, options.trustProxy);
  serveHealth(app, options.hub);
  serveByName(app, options);
  return app;
}

/** Serves everything but health checks, which any host name may request. */
function serveByName(app: FastifyInstance, options: AppOptions): void {
  const { hub, timeouts, messageRate } = options;
  const clientAddressOf = clientAddressReader(options.trustProxy);
  const byteCounter = new ByteCounter();
  const guardOptions: WebSocketOptions = {
    ...options,
    clientAddressOf,
    accessLog: hub.accessLog,
    onRefused: (reason) => hub.counters.refused(reason),
    byteCounter,
  };
  app.register(async (named) => {
    checkHost(named, guardOptions);
    serveWithoutUpgrade(named);
    servePage(named, options.webRoot);
    named.register(async (api) => {
      limitRate(api, guardOptions);
      loginRoute(api, guardOptions);
      api.register(async (room) => {
        requireAccess(room, guardOptions);
        ticketRoute(room, options.accessCode);
        const charge = (ip: string, requests: number) => options.admission.charge(ip, requests);
        const { slices } = hub;
        historyRoutes(room, hub.log, {
          ...options.history,
          clientAddressOf,
          slices,
          charge,
          revision: () => hub.moderation.state.revision,
        });
        const title = () => hub.moderation.state.title;
        transcriptRoute(room, hub.log, { ...options.downloads, clientAddressOf, slices, title });
        inviteRoute(room, options.invitation, clientAddressOf);
        peopleRoute(room, hub);
        moderationRoute(room, hub);
        // Prometheus needs the access code too, because the number of people is for people with the code.
        metricsRoute(room, hub, byteCounter);
      });
    });
  });
  const clientOptions = { timeouts, messageRate };
  const room: WebSocketEndpoint = {
    path: '/ws',
    frameBytes: 2 * options.textBytes + FRAME_OVERHEAD_BYTES,
    onClient(connection, admission) {
      if (connection.socket.protocol === SUBPROTOCOL)
        new JsonClient(connection, admission, hub, clientOptions);
      else serveTextClient(connection, admission, hub, clientOptions);
    },
  };
  serveWebSockets(app, guardOptions, [room, ...(options.lab ? [labEndpoint(app, options.lab, hub)] : [])]);
}

function labEndpoint(app: FastifyInstance, lab: Lab, hub: Hub): WebSocketEndpoint {
  app.addHook('preClose', () => lab.close());
  return {
    path: '/ws/lab',
    isForHosts: true,
    // A byte is two hexadecimal digits.
    frameBytes: 2 * LAB_WRITE_MAX_BYTES + FRAME_OVERHEAD_BYTES,
    onClient(connection, admission) {
      admission.settle();
      if (!lab.open(connection)) hub.counters.refused('full');
    },
  };
}

function serveHealth(app: FastifyInstance, hub: Hub): void {
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reason = (hub.cluster && whyNotInCluster(hub.cluster)) ?? (await hub.ear.whyNotReady());
    if (reason === undefined) return { ready: true };
    return reply.code(503).send({ ready: false, reason });
  });
}

function peopleRoute(app: FastifyInstance, hub: Hub): void {
  app.get('/api/people', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(hub.presence.json),
  );
}

/** The projector reads this when the `revision` of its messages changes. */
function moderationRoute(app: FastifyInstance, hub: Hub): void {
  app.get('/api/moderation', async (): Promise<Moderation> => {
    const { type, ...moderation } = hub.moderation.state;
    return moderation;
  });
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
      // File names in assets/ contain a hash of the content.
      const hashed = path.startsWith(join(webRoot, 'assets'));
      reply.header('cache-control', hashed ? `public, max-age=${ONE_YEAR_S}, immutable` : 'no-cache');
    },
  });
}
