/**
 * Reasons to refuse a client, and their answers: an HTTP status, or a WebSocket close code that the page explains.
 */
import type { FastifyReply } from 'fastify';
import type { Refusal } from '../ops/counters.ts';
import { CLOSE } from '../protocol.ts';
import type { AccessResult } from './access-code.ts';

/** Refusals after the WebSocket handshake. The others get an HTTP status, or come from the hub. */
export type ClosingRefusal = Exclude<Refusal, 'path' | 'host' | 'full' | 'requests'>;

export const CLOSES: Record<ClosingRefusal, [code: number, reason: string]> = {
  origin: [CLOSE.foreign, 'pages of this origin may not connect: see ALLOWED_HOSTS'],
  code: [CLOSE.locked, 'the access code is needed'],
  'wrong-code': [CLOSE.locked, 'this is not the access code'],
  'hosts-only': [CLOSE.locked, 'this needs the passphrase of a host'],
  tries: [CLOSE.full, 'too many wrong access codes, try again later'],
  rate: [CLOSE.full, 'too many new connections, try again later'],
  pending: [CLOSE.full, 'too many new connections, try again later'],
  address: [CLOSE.crowded, 'too many connections from this address'],
};

const REFUSAL_OF = {
  guest: undefined,
  host: undefined,
  locked: 'code',
  wrong: 'wrong-code',
  'too-many-tries': 'tries',
} as const;

const RETRY_AFTER_S = 60;

export function refusalOfAccess(result: AccessResult, isForHosts = false): ClosingRefusal | undefined {
  return REFUSAL_OF[result] ?? (isForHosts && result !== 'host' ? 'hosts-only' : undefined);
}

/** Answers an HTTP request with the status of the refusal. */
export function refuse(reply: FastifyReply, refusal: ClosingRefusal): FastifyReply {
  const [, message] = CLOSES[refusal];
  switch (refusal) {
    case 'code':
    case 'wrong-code':
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ message: `${message}; send it as Authorization: Bearer CODE` });
    case 'origin':
    case 'hosts-only':
      return reply.code(403).send({ message });
    case 'tries':
    case 'rate':
    case 'pending':
    case 'address':
      return reply.code(429).header('retry-after', RETRY_AFTER_S).send({ message });
  }
}
