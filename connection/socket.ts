/** A WebSocket, as Connection needs it. */
export interface Socket {
  send(data: string): void;
  close(): void;
}

export interface SocketListener {
  onOpen(): void;
  onMessage(data: unknown): void;
  onClose(code: number): void;
}

/** Cancels a timer. */
export type Cancel = () => void;

/** Effects of the system, so that tests can replace them. */
export interface ConnectionEffects {
  createSocket(listener: SocketListener): Socket;
  startTimer(ms: number, then: () => void): Cancel;
  /** Monotonic time in milliseconds. */
  now(): number;
  /** A random number in [0, 1). */
  random(): number;
}
