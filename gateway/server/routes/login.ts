/**
 * Exchanges the access code for a token, and the token for tickets.
 *
 *     POST /api/enter {code}  ->  {token}, with host: true for HOST_CODE
 *     POST /api/ticket        ->  {ticket}   opens one download
 */
import type { FastifyInstance } from 'fastify';
import { type AccessCode, CODE_MAX_LENGTH } from '../access-code.ts';
import type { GuardOptions } from '../guards.ts';
import { refusalOfAccess, refuse } from '../refusals.ts';

const BAD_CODE = `the body must be {"code": "..."}, a string of at most ${CODE_MAX_LENGTH} characters`;

/** Deletes the cookie of earlier versions. Browsers send it to the room's port too, where others can guess its code. */
const NO_OLD_COOKIE = 'tertulia=; Path=/; Max-Age=0';

export function loginRoute(
  app: FastifyInstance,
  { originPolicy, accessCode, clientAddressOf, onRefused }: GuardOptions,
): void {
  app.post('/api/enter', async (request, reply) => {
    if (!originPolicy.allowsOrigin(request.headers)) return refuse(reply, 'origin');
    const code = parseCode(request.body);
    if (code === undefined) return reply.code(400).send({ message: BAD_CODE });
    const result = accessCode.try(code, clientAddressOf(request.raw).ip);
    const refusal = refusalOfAccess(result);
    if (refusal) {
      onRefused(refusal);
      return refuse(reply, refusal);
    }
    const isHost = result === 'host';
    const token = accessCode.tokenOf(isHost ? 'host' : 'guest');
    return reply.header('set-cookie', NO_OLD_COOKIE).send({ token, ...(isHost && { host: true }) });
  });
}

export function ticketRoute(app: FastifyInstance, { tickets }: AccessCode): void {
  app.post('/api/ticket', async ({ isHost }) => ({ ticket: tickets.issue(isHost ? 'host' : 'guest') }));
}

/** Checks by hand, because query rules are for texts. */
function parseCode(body: unknown): string | undefined {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === 'string' && code.length <= CODE_MAX_LENGTH ? code : undefined;
}
