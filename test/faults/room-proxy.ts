/**
 * A network in front of the room in which single connections can be cut.
 *
 *     gateway, terminals --- near ---> proxy --- far ---> room
 *
 * The room names its clients by the addresses it sees, and a gateway knows its voices by theirs. So the proxy
 * replaces the address of each far side by that of its near side in the room's output.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Cleanup } from '../helpers/eventually.ts';

const HOST = '127.0.0.1:';
/** Digits of the ports that systems assign to clients, so that a replacement has the same length. */
const PORT_DIGITS = 5;

/** Time for which a closed connection's port is not taken again, ms: as long as gateways remember a voice that left. */
const KEPT_MS = 31_000;

/** Addresses of one room's clients, which may use several proxies. */
export class Names {
  /** Far port to near port, as digits. */
  readonly #near = new Map<string, string>();
  /** Near ports of open connections, and of those that were closed a moment ago. */
  readonly #taken = new Set<string>();

  /** Returns false if a client of another proxy has this port. The system assigns ports for each proxy alone. */
  take(near: string): boolean {
    if (this.#taken.has(near)) return false;
    this.#taken.add(near);
    return true;
  }

  free(near: string): void {
    setTimeout(() => this.#taken.delete(near), KEPT_MS).unref();
  }

  set(far: string, near: string): void {
    this.#near.set(far, near);
  }

  get(far: string): string | undefined {
    return this.#near.get(far);
  }
}

/** Replaces addresses in bytes that TCP may have cut anywhere. */
export class Renamer {
  readonly #names: Names;
  #held: Buffer = Buffer.alloc(0);

  constructor(names: Names) {
    this.#names = names;
  }

  push(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#held, chunk]);
    for (let at = bytes.indexOf(HOST); at >= 0; at = bytes.indexOf(HOST, at + 1)) {
      const port = at + HOST.length;
      const near = this.#names.get(bytes.toString('latin1', port, port + PORT_DIGITS));
      if (near !== undefined) bytes.write(near, port, 'latin1');
    }
    const end = bytes.length - unfinishedName(bytes);
    this.#held = bytes.subarray(end);
    return bytes.subarray(0, end);
  }
}

/** Number of bytes at the end that may be the beginning of an address. */
function unfinishedName(bytes: Buffer): number {
  for (let length = Math.min(bytes.length, HOST.length + PORT_DIGITS - 1); length > 0; length--) {
    const tail = bytes.toString('latin1', bytes.length - length);
    if (HOST.startsWith(tail) || (tail.startsWith(HOST) && /^\d+$/.test(tail.slice(HOST.length))))
      return length;
  }
  return 0;
}

export class ProxiedConnection {
  /** The address that the room's output shows. */
  readonly address: string;
  hasSpoken = false;
  /** The room receives nothing from this side, as if it had never accepted the connection. */
  isIgnored = false;
  readonly #near: Socket;
  readonly #far: Socket;

  constructor(near: Socket, target: number, names: Names) {
    this.address = `${HOST}${near.remotePort}`;
    this.#near = near;
    this.#far = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const renamer = new Renamer(names);
    this.#far.on('connect', () => names.set(digits(this.#far.localPort), digits(near.remotePort)));
    this.#far.on('data', (chunk) => near.writable && near.write(renamer.push(chunk)));
    this.#far.on('end', () => near.end());
    this.#far.on('close', () => near.destroy());
    near.on('data', (chunk) => {
      this.hasSpoken = true;
      if (this.#far.writable && !this.isIgnored) this.#far.write(chunk);
    });
    near.on('end', () => this.#far.end());
    // The room always receives a FIN, because a reset would block the tutorial's.
    near.on('close', () => this.#far.end());
    for (const socket of [near, this.#far]) socket.on('error', () => {});
  }

  get isOpen(): boolean {
    return !this.#near.destroyed;
  }

  /** Ends the connection for the near side, as if the room had closed it. */
  cut(): void {
    this.#near.resetAndDestroy();
  }

  destroy(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}

function digits(port: number | undefined): string {
  const text = `${port}`;
  if (text.length !== PORT_DIGITS) throw new RangeError(`rename a client: its port ${text} has not 5 digits`);
  return text;
}

export class RoomProxy {
  port = 0;
  readonly #target: number;
  readonly #names: Names;
  readonly #connections = new Set<ProxiedConnection>();
  #server: Server | undefined;

  constructor(target: number, names: Names) {
    this.#target = target;
    this.#names = names;
  }

  get connections(): ProxiedConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** Refuses new connections, as where no room listens. Open ones stay. */
  shut(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#carry(near));
    this.#server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
  }

  destroy(): void {
    this.shut();
    for (const connection of this.#connections) connection.destroy();
  }

  #carry(near: Socket): void {
    const port = `${near.remotePort}`;
    // Two clients with one address could not be told apart. Its gateway connects again.
    if (!this.#names.take(port)) {
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(near, this.#target, this.#names);
    this.#connections.add(connection);
    near.on('close', () => {
      this.#names.free(port);
      this.#connections.delete(connection);
    });
  }
}

/** Proxies with the same names let their clients hear the same addresses. */
export async function openRoomProxy(t: Cleanup, target: number, names = new Names()): Promise<RoomProxy> {
  const proxy = new RoomProxy(target, names);
  await proxy.open();
  t.after(() => proxy.destroy());
  return proxy;
}
