/**
 * Handles the requests of a connection one after another. Node parses all that a packet holds and would have them
 * handled at once: a single packet of a client that sends without waiting holds more than a thousand.
 */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Requests that may wait behind the one in hand: browsers and proxies send none, scripts a few. */
const MAX_PIPELINED_REQUESTS = 32;

/** The requests of a connection that wait for their turn; the one in hand is not among them. */
type Waiting = (() => void)[];

export function handleInOrder(app: FastifyInstance, maxWaiting = MAX_PIPELINED_REQUESTS): void {
  const busy = new WeakMap<Socket, Waiting>();

  const handle = (socket: Socket, response: NodeJS.EventEmitter, begin: () => void): void => {
    response.once('close', () => finish(socket));
    begin();
  };

  const finish = (socket: Socket): void => {
    const next = socket.destroyed ? undefined : busy.get(socket)?.shift();
    if (next) next();
    else busy.delete(socket);
  };

  app.addHook('onRequest', (request, reply, begin) => {
    const { socket } = request.raw;
    // What the same packet held behind the request that closed the connection.
    if (socket.destroyed) return;
    const waiting = busy.get(socket);
    if (!waiting) {
      busy.set(socket, []);
      handle(socket, reply.raw, begin);
    } else if (waiting.length < maxWaiting) {
      waiting.push(() => handle(socket, reply.raw, begin));
    } else {
      socket.destroy();
    }
  });
}
