/**
 * Checks of each request before its route runs: host name, request rate, access to the room.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ClientAddressReader } from '../lib/client-address.ts';
import type { AdmissionControl } from '../limits/admission.ts';
import type { AccessLog } from '../ops/access-log.ts';
import type { Refusal } from '../ops/counters.ts';
import type { AccessCode } from './access-code.ts';
import { hostnameOf, type OriginPolicy } from './origin-policy.ts';
import { refusalOfAccess, refuse } from './refusals.ts';

/**
 * How long a refusal for too many requests waits, ms. A connection has one request at a time, so a client that retries
 * at once costs ten refusals a second, not thousands.
 */
export const REFUSAL_DELAY_MS = 100;

const TOO_MANY_REQUESTS = JSON.stringify({
  message: 'too many requests from this address, try again later',
});

export interface GuardOptions {
  originPolicy: OriginPolicy;
  accessCode: AccessCode;
  admission: AdmissionControl;
  clientAddressOf: ClientAddressReader;
  accessLog: AccessLog;
  onRefused: (reason: Refusal) => void;
}

/** Refuses requests to a foreign host name, which an attacker may have pointed here (DNS rebinding). */
export function checkHost(app: FastifyInstance, options: GuardOptions): void {
  app.addHook('onRequest', async ({ raw, headers: { host } }, reply) => {
    if (await options.originPolicy.findsHost(host)) return;
    reportUnknownHost(options, raw);
    return reply.code(421).type('text/plain; charset=utf-8').send(misdirected(host));
  });
}

/** Limits the request rate of an address. Each request is paid for before its work begins. */
export function limitRate(
  app: FastifyInstance,
  { admission, clientAddressOf, onRefused }: GuardOptions,
): void {
  app.addHook('onRequest', (request, reply, next) => {
    const cost = request.routeOptions.config.cost?.(request.query as Record<string, unknown>) ?? 1;
    const waitMs = admission.tryRequest(clientAddressOf(request.raw).ip, cost);
    if (waitMs === 0) return next();
    onRefused('requests');
    // V8 moves waiting objects to its old generation, where garbage costs more. So only the objects of Node wait.
    reply.hijack();
    refuseLater(reply.raw, { ...reply.getHeaders(), 'retry-after': Math.ceil(waitMs / 1000) });
  });
}

function refuseLater(response: ServerResponse, headers: ReturnType<FastifyReply['getHeaders']>): void {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) response.setHeader(name, value);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  setTimeout(() => response.writeHead(429).end(TOO_MANY_REQUESTS), REFUSAL_DELAY_MS);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The request has the proof of a host. */
    isHost: boolean;
  }
}

/** Refuses pages of other origins and clients without the access code. Recognizes hosts. */
export function requireAccess(app: FastifyInstance, options: GuardOptions): void {
  const { accessCode, clientAddressOf } = options;
  app.decorateRequest('isHost', false);
  app.addHook('onRequest', async (request, reply) => {
    const { raw, method, routeOptions } = request;
    const takesTicket = method === 'GET' && routeOptions.url === '/api/transcript';
    const ticket = takesTicket ? urlOf(raw)?.searchParams.get('ticket') : null;
    const check = () => accessCode.checkRequest(raw.headers, ticket ?? null, clientAddressOf(raw).ip);
    const result = refusalOfOrigin(options, raw) ?? check();
    const refusal = result === 'origin' ? result : refusalOfAccess(result);
    request.isHost = result === 'host';
    if (!refusal) return;
    options.onRefused(refusal);
    return refuse(reply, refusal);
  });
}

export function refusalOfOrigin(
  { originPolicy, clientAddressOf, accessLog }: GuardOptions,
  request: IncomingMessage,
): 'origin' | undefined {
  if (originPolicy.allowsOrigin(request.headers)) return undefined;
  accessLog.foreignPage(request.headers.origin, clientAddressOf(request));
  return 'origin';
}

export function reportUnknownHost(
  { accessLog, clientAddressOf, onRefused }: GuardOptions,
  request: IncomingMessage,
): void {
  accessLog.unknownHost(hostnameOf(request.headers.host), clientAddressOf(request));
  onRefused('host');
}

/** Returns undefined if the request has no path, as `OPTIONS *`. */
export function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  return url.startsWith('/') ? new URL(`http://gateway${url}`) : undefined;
}

/** Explains to a person in a browser why the host name was refused. */
function misdirected(host: string | undefined): string {
  const name = hostnameOf(host) ?? 'chat.example.org';
  return [
    `This Tertulia does not know this host name. Its operator can allow it: ALLOWED_HOSTS=${name}`,
    `Esta tertulia no conoce este nombre de máquina. Quien la administra puede permitirlo: ALLOWED_HOSTS=${name}`,
    '',
  ].join('\n');
}
