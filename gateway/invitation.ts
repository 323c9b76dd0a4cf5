/**
 * How others come in: where the page and the room are for them. `GET /api/invite` answers it for the page.
 */
import type { FastifyInstance } from 'fastify';
import { inUrl, isLoopback, reachableHosts } from './addresses.ts';
import type { Invitation } from './protocol.ts';

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

export function serveInvitation(app: FastifyInstance, options: InvitationOptions): void {
  const { publicUrl, httpHost, offersLan, asksForCode } = options;
  const room = roomOf(options);
  app.get('/api/invite', async ({ hostname, protocol, socket }, reply): Promise<Invitation> => {
    reply.header('cache-control', 'no-store');
    // Anew each time: a laptop takes another network, the gateway goes on.
    const lan =
      offersLan && publicUrl === '' ? reachableHosts(httpHost).filter((host) => !isLoopback(host)) : [];
    // Who comes by another name comes through a proxy, perhaps from far away: our networks are no business of theirs.
    const isNear = isLoopback(hostname) || lan.map(inUrl).includes(hostname);
    return {
      publicUrl: publicUrl === '' ? null : new URL(publicUrl).origin,
      lanUrls: isNear ? lan.map((host) => `${protocol}://${inUrl(host)}:${socket.localPort}`) : [],
      room,
      asksForCode,
    };
  });
}

/** The room on this machine is where the page is, whatever that is to others. */
function roomOf({ publicRoom, room }: InvitationOptions): Invitation['room'] {
  if (publicRoom === '') return { host: isLoopback(room.host) ? null : room.host, port: room.port };
  const colon = publicRoom.lastIndexOf(':');
  const host = publicRoom.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? null : host, port: Number(publicRoom.slice(colon + 1)) };
}
