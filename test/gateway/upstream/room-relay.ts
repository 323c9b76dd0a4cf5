/**
 * A network between gateway and room that delays, mutes and counts single connections.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { NO_BROADCASTS_TLV } from '../../../tcp-server/wire.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';

export class RelayedConnection {
  /** Drops all bytes from the room, as if the room had lost the connection. */
  isMuted = false;
  /** Drops all bytes to the room. */
  isIgnored = false;
  isOpen = true;
  fromRoom = '';
  #toRoom = '';
  readonly near: Socket;

  constructor(near: Socket, roomPort: number) {
    this.near = near;
    const far = connect({ port: roomPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    far.on('data', (chunk) => {
      if (this.isMuted) return;
      this.fromRoom += chunk;
      if (near.writable) near.write(chunk);
    });
    near.on('data', (chunk) => {
      this.#toRoom += chunk.toString('latin1');
      if (!this.isIgnored && far.writable) far.write(chunk);
    });
    far.on('end', () => near.end());
    near.on('end', () => far.end());
    near.on('close', () => {
      this.isOpen = false;
      far.end();
    });
    for (const socket of [near, far]) socket.on('error', () => {});
    near.resume();
  }

  get isVoice(): boolean {
    return this.#toRoom.includes(NO_BROADCASTS_TLV.value);
  }
}

export class RoomRelay {
  port = 0;
  /** How long each new connection waits before the room learns of it, ms. */
  delayMs = 0;
  readonly #all: RelayedConnection[] = [];

  get connections(): RelayedConnection[] {
    return this.#all.filter(({ isOpen }) => isOpen);
  }

  get voices(): RelayedConnection[] {
    return this.connections.filter(({ isVoice }) => isVoice);
  }

  /** Probes are soon closed, so the ear is the one connection that stays. */
  async ear(): Promise<RelayedConnection> {
    return await eventually(
      () => {
        const [ear, ...others] = this.connections.filter(({ isVoice }) => !isVoice);
        return others.length === 0 ? ear : undefined;
      },
      () => 'there is not exactly one ear',
    );
  }

  async listen(t: Cleanup, roomPort: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (near) => {
      t.after(() => near.destroy());
      setTimeout(() => this.#all.push(new RelayedConnection(near, roomPort)), this.delayMs);
    });
    server.listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }
}

export async function openRoomRelay(t: Cleanup, roomPort: number): Promise<RoomRelay> {
  const relay = new RoomRelay();
  await relay.listen(t, roomPort);
  return relay;
}
