/**
 * A terminal of the room that sends at a given rate.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { message } from './message.ts';

export class TerminalSender {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(t: Cleanup, port: number): Promise<TerminalSender> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    t.after(() => socket.end());
    await once(socket, 'connect');
    socket.on('error', () => {}).resume();
    return new TerminalSender(socket);
  }

  /** Sends that many messages a second, evenly, and returns their number. */
  async talk(perSecond: number, forMs: number): Promise<number> {
    const total = Math.max(1, Math.round((perSecond * forMs) / 1000));
    const began = performance.now();
    for (let said = 0; said < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * perSecond) + 1);
      while (said < due) this.#socket.write(message(said++));
      if (said < total) await sleep(Math.max(0, began + (said / perSecond) * 1000 - performance.now()));
    }
    return total;
  }

  /** Sends as fast as the room accepts. */
  flood(messages: number): void {
    this.#socket.write(Array.from({ length: messages }, (_, seq) => message(seq)).join(''));
  }
}
