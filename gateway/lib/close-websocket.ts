/**
 * Closes WebSockets, also those whose clients do not answer.
 */
import type { WebSocket } from 'ws';

/** How long a client may take to answer a close frame, ms. */
const CLOSE_TIMEOUT_MS = 1_000;

export function closeWebSocket(socket: WebSocket, code: number, reason: string): void {
  // A paused socket never sees the answer to the close frame.
  if (socket.isPaused) socket.resume();
  socket.close(code, reason);
  terminateLater(socket);
}

/** Ends a connection that is being closed, if its client does not answer in time. */
export function terminateLater(socket: WebSocket): void {
  setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
}
