/**
 * Handles the requests of a connection one after another, and those of all connections one per iteration of the event
 * loop. Node would handle all requests of a packet, and those of all sockets that are readable, before any message.
 *
 *     in hand -> up to 32 waiting -> one more: 429 after their answers, then close; later requests are ignored
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { TimeSlices } from '../lib/time-slices.ts';

/** Requests that may wait behind the one in hand. Browsers and proxies send none, scripts a few. */
const MAX_PIPELINED_REQUESTS = 32;

const RETRY_AFTER_S = 1;

/** The requests of a connection that wait behind the one in hand. */
type Waiting = (() => void)[];

/** Each request waits for one of the `slices`, so that requests leave time to people who talk. */
export function handleInOrder(
  app: FastifyInstance,
  slices: TimeSlices,
  maxWaiting = MAX_PIPELINED_REQUESTS,
): void {
  const busy = new WeakMap<Socket, Waiting>();

  const handle = (socket: Socket, response: NodeJS.EventEmitter, begin: () => void): void => {
    response.once('close', () => handleNext(socket));
    void beginInTurn(socket, begin);
  };

  /** Stands alone, because the listener above would keep `begin` and all of Fastify's objects until the answer is sent. */
  const beginInTurn = async (socket: Socket, begin: () => void): Promise<void> => {
    await slices.next();
    if (!socket.destroyed) begin();
  };

  const handleNext = (socket: Socket): void => {
    const next = socket.destroyed ? undefined : busy.get(socket)?.shift();
    if (next) next();
    else busy.delete(socket);
  };

  app.addHook('onRequest', (request, reply, begin) => {
    const { socket } = request.raw;
    // The packet may hold requests behind the one that closed the connection.
    if (socket.destroyed) return;
    const waiting = busy.get(socket);
    if (!waiting) {
      busy.set(socket, []);
      handle(socket, reply.raw, begin);
    } else if (waiting.length < maxWaiting) {
      waiting.push(() => handle(socket, reply.raw, begin));
    } else {
      ignoreFurtherRequests(socket);
      // Node sends answers in the order of their requests, so the answers in hand come first.
      reply
        .code(429)
        .headers({ connection: 'close', 'retry-after': RETRY_AFTER_S })
        .send({ message: `at most ${maxWaiting} requests may wait in a connection` });
    }
  });
}

/** A field of Node that has no public counterpart. */
interface ParsedSocket extends Socket {
  parser?: { onIncoming(request: IncomingMessage & { upgrade?: boolean }): number } | null;
}

/**
 * Reads and drops further bytes of the client. A request of 27 bytes would take 1.4 KB until the connection closes.
 * Without reading, closing would reset the connection, and answers on their way would be lost.
 */
function ignoreFurtherRequests(socket: ParsedSocket): void {
  socket.removeAllListeners('data').on('data', ignore);
  if (!socket.parser) return;
  // The rest of the current packet is parsed anyway.
  socket.parser.onIncoming = (request) => {
    request.upgrade = false;
    request.resume();
    return 0;
  };
}

function ignore(): void {}
