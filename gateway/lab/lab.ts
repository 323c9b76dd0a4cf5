/**
 * The lab: a WebSocket on which a host works with one raw TCP connection into the room, as with netcat.
 *
 *     WebSocket of a host ---- LabCommand ---> LabConnection ---- bytes ---> room
 *                         <--- LabEvent ------               <--- bytes ----
 *
 * It uses neither sessions nor the ear, so it can harm no connection but its own.
 */
import type { ClientConnection } from '../downstream/subscriber.ts';
import type { AccessLog } from '../ops/access-log.ts';
import { CLOSE } from '../protocol.ts';
import { LabConnection } from './lab-connection.ts';
import { LAB_LIMITS, type LabLimits, type LabRoom } from './lab-limits.ts';

export class Lab {
  readonly #room: LabRoom;
  readonly #accessLog: AccessLog;
  readonly #limits: LabLimits;
  readonly #connections = new Set<LabConnection>();

  constructor(room: LabRoom, accessLog: AccessLog, limits = LAB_LIMITS) {
    this.#room = room;
    this.#accessLog = accessLog;
    this.#limits = limits;
  }

  /** Returns false if there are too many connections. Then the WebSocket is closed. */
  open({ socket, peer }: ClientConnection): boolean {
    if (this.#connections.size >= this.#limits.connections) {
      socket.close(CLOSE.full, 'too many connections of the lab');
      return false;
    }
    const connection = new LabConnection(socket, this.#room, this.#limits);
    this.#connections.add(connection);
    this.#accessLog.labOpened(peer);
    void connection.left.then(() => {
      this.#connections.delete(connection);
      this.#accessLog.labClosed(peer, connection.summary);
    });
    return true;
  }

  /** Closes all connections with FIN. Resolves when the room has closed them. */
  async close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.shutDown()));
  }
}
