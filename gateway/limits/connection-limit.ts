/**
 * TCP connections to the gateway, those that have not said a word yet included.
 */
import type { Server, Socket } from 'node:net';
import { isLoopback } from '../../common/ip.ts';
import type { TrustProxy } from '../lib/client-address.ts';
import { ConnectionCounter } from './admission.ts';

export interface ConnectionLimits {
  /** At once. */
  total: number;
  /** The same of one address, which may be a whole school's; of a trusted proxy there is no limit. */
  perAddress: number;
  /** How long a request may take to arrive, ms. */
  requestMs: number;
}

export function limitConnections(
  server: Server,
  { total, perAddress }: ConnectionLimits,
  trustProxy: TrustProxy,
): void {
  const heads = new ConnectionCounter();
  server.maxConnections = total;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: ip = '' } = socket;
    if (isLoopback(ip) || trustProxy(ip, 0)) return;
    if (heads.of(ip) >= perAddress) {
      socket.destroy();
      return;
    }
    heads.add(ip);
    socket.on('close', () => heads.remove(ip));
  });
}
