/** Answers that the routes of the transcript share. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audience } from '../../transcript/hidden-messages.ts';

/** Seconds after which a client should retry a refused search or download. */
const RETRY_AFTER_S = 5;

/** Whether the answer holds hidden messages, which only hosts may read. A host's projector does not ask for them. */
export const hiddenParameter = { type: 'boolean', default: false } as const;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Returns how many ordinary requests a request of this route counts as. The default is 1. */
    cost?: (query: Record<string, unknown>) => number;
  }
}

export function audienceOf({ hidden: wantsHidden }: { hidden: boolean }): Audience {
  return wantsHidden ? 'hosts' : 'guests';
}

export function isForHostsOnly({ query, isHost }: FastifyRequest): boolean {
  return (query as { hidden: boolean }).hidden && !isHost;
}

export function refuseHidden(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ message: 'hidden messages are for hosts' });
}

export function refuseAsTooMany(reply: FastifyReply, what: string): FastifyReply {
  return reply
    .code(429)
    .header('retry-after', RETRY_AFTER_S)
    .send({ message: `too many ${what} at the same time, try again later` });
}
