/**
 * TCP connections to the gateway, those that have not said a word yet included.
 */
import type { Server, Socket } from 'node:net';
import type { Trust } from '../lib/client-address.ts';
import { isLoopback } from '../lib/ip.ts';
import { Headcount } from './admission.ts';

export interface SocketLimits {
  /** At once. */
  total: number;
  /** The same of one address, which may be a whole school's; of a trusted proxy there is no limit. */
  perAddress: number;
  /** How long a request may take to arrive, ms. */
  requestMs: number;
}

export function limitSockets(server: Server, { total, perAddress }: SocketLimits, trust: Trust): void {
  const heads = new Headcount();
  server.maxConnections = total;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: ip = '' } = socket;
    if (isLoopback(ip) || trust(ip, 0)) return;
    if (heads.of(ip) >= perAddress) {
      socket.destroy();
      return;
    }
    heads.add(ip);
    socket.on('close', () => heads.remove(ip));
  });
}
