/**
 * Counts bytes to and from browsers on the wire.
 */
import type { Socket } from 'node:net';

export class ByteCounter {
  readonly #open = new Set<Socket>();
  #sent = 0;
  #received = 0;

  follow(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => {
      this.#open.delete(socket);
      this.#sent += socket.bytesWritten;
      this.#received += socket.bytesRead;
    });
  }

  get sent(): number {
    return [...this.#open].reduce((sum, socket) => sum + socket.bytesWritten, this.#sent);
  }

  get received(): number {
    return [...this.#open].reduce((sum, socket) => sum + socket.bytesRead, this.#received);
  }
}
