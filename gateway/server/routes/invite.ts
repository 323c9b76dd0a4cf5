/**
 * How others come in: where the page and the room are for them. `GET /api/invite` answers it for the page.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { isLoopback, isPrivate } from '../../../common/ip.ts';
import type { ClientAddressReader } from '../../lib/client-address.ts';
import { formatUrlHost, reachableHosts } from '../../lib/lan-addresses.ts';
import type { Invitation } from '../../protocol.ts';
import { hostnameOf } from '../origin-policy.ts';

export interface InvitationOptions {
  /** Where the operator says that the page and the room are; empty: not told. */
  publicUrl: string;
  publicRoom: string;
  /** The addresses of this machine are of use to others. A container's are not. */
  offersLan: boolean;
  /** Where the gateway listens. */
  httpHost: string;
  room: { host: string; port: number };
  /** Whether the room has a passphrase; never which. */
  asksForCode: boolean;
}

export function inviteRoute(
  app: FastifyInstance,
  options: InvitationOptions,
  clientAddressOf: ClientAddressReader,
): void {
  const { publicUrl, httpHost, offersLan, asksForCode } = options;
  const room = roomOf(options);
  app.get('/api/invite', async ({ raw }, reply): Promise<Invitation> => {
    reply.header('cache-control', 'no-store');
    // Anew each time: a laptop takes another network, the gateway goes on.
    const lan =
      offersLan && publicUrl === '' ? reachableHosts(httpHost).filter((host) => !isLoopback(host)) : [];
    const isNear =
      isPrivate(clientAddressOf(raw).ip) &&
      namesIn(raw).every((name) => isLoopback(name) || lan.includes(name));
    const scheme = (raw.socket as TLSSocket).encrypted ? 'https' : 'http';
    return {
      publicUrl: publicUrl === '' ? null : new URL(publicUrl).origin,
      lanUrls: isNear ? lan.map((host) => `${scheme}://${formatUrlHost(host)}:${raw.socket.localPort}`) : [],
      room,
      asksForCode,
    };
  });
}

/**
 * Names that the page was opened by, as far as headers say. A name that is not of this machine means a proxy, perhaps
 * for people far away, whose business our networks are not. So anybody may add a name, which takes away and adds nothing.
 */
function namesIn({ headers }: IncomingMessage): string[] {
  const forwarded = [headers['x-forwarded-host'] ?? []].flat().flatMap((names) => names.split(','));
  return [headers.host ?? '', ...forwarded].map((host) => hostnameOf(host.trim()) ?? '');
}

/** The room on this machine is where the page is, whatever that is to others. */
function roomOf({ publicRoom, room }: InvitationOptions): Invitation['room'] {
  if (publicRoom === '') return { host: isLoopback(room.host) ? null : room.host, port: room.port };
  const colon = publicRoom.lastIndexOf(':');
  const host = publicRoom.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? null : host, port: Number(publicRoom.slice(colon + 1)) };
}
