/**
 * Serves `GET /api/invite`: the addresses of the page and the room for other people.
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
  /** Addresses from the configuration; empty if not set. */
  publicUrl: string;
  publicRoom: string;
  /** Whether others can reach this machine's addresses. A container's are unreachable. */
  offersLan: boolean;
  /** Address on which the gateway listens. */
  httpHost: string;
  room: { host: string; port: number };
  /** Whether the room has a passphrase. */
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
    // Each request looks again, because a laptop may join another network.
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
 * Returns the host names in the headers. A foreign name means a proxy, perhaps for people outside, who must not see the
 * local addresses. A forged name can only hide addresses.
 */
function namesIn({ headers }: IncomingMessage): string[] {
  const forwarded = [headers['x-forwarded-host'] ?? []].flat().flatMap((names) => names.split(','));
  return [headers.host ?? '', ...forwarded].map((host) => hostnameOf(host.trim()) ?? '');
}

/** Returns host null for a room on this machine, because others reach it by the page's host. */
function roomOf({ publicRoom, room }: InvitationOptions): Invitation['room'] {
  if (publicRoom === '') return { host: isLoopback(room.host) ? null : room.host, port: room.port };
  const colon = publicRoom.lastIndexOf(':');
  const host = publicRoom.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? null : host, port: Number(publicRoom.slice(colon + 1)) };
}
