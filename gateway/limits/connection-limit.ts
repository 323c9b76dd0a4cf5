/**
 * Limits the TCP connections to the gateway, including idle ones.
 */
import type { Server, Socket } from 'node:net';
import { isLoopback } from '../../common/ip.ts';
import type { TrustProxy } from '../lib/client-address.ts';
import { ConnectionCounter } from './admission.ts';

/** Node's code of a request whose connection ends within it. */
const UNFINISHED_REQUEST = 'HPE_INVALID_EOF_STATE';

export interface ConnectionLimits {
  /** Connections at the same time. */
  total: number;
  /** Connections of one address, except trusted proxies. A whole school may share an address. */
  perAddress: number;
  /** Longest time for a request to arrive. */
  requestMs: number;
}

/**
 * Closes a connection that ends within a request. Fastify would write an answer that nobody reads, and collect a stack.
 * That is half of the cost when two thousand end at once.
 */
export function dropUnfinished(server: Server): void {
  // Before Fastify, which leaves a closed socket alone.
  server.prependListener('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === UNFINISHED_REQUEST) socket.destroy();
  });
}

export function limitConnections(
  server: Server,
  { total, perAddress }: ConnectionLimits,
  trustProxy: TrustProxy,
): void {
  const connections = new ConnectionCounter();
  server.maxConnections = total;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: ip = '' } = socket;
    if (isLoopback(ip) || trustProxy(ip, 0)) return;
    if (connections.of(ip) >= perAddress) {
      socket.destroy();
      return;
    }
    connections.add(ip);
    socket.on('close', () => connections.remove(ip));
  });
}
