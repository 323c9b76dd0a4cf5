/**
 * A network in front of the room of which single connections can be cut.
 *
 *     gateway, terminals --- near ---> proxy --- far ---> room
 *
 * The room names everybody by the address it sees, and a gateway knows its own voices by theirs. So in what the
 * room says the address of each far side is replaced with that of its near side: nobody notices the proxy.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Cleanup } from '../helpers/eventually.ts';

const HOST = '127.0.0.1:';
/** Ports that systems give to clients have as many digits: what replaces one is as long. */
const PORT_DIGITS = 5;

/** Far port -> near port, as digits. */
type Names = Map<string, string>;

/** Replaces names in bytes that TCP may have cut anywhere. */
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

/** How many bytes at the end may be the beginning of a name. */
function unfinishedName(bytes: Buffer): number {
  for (let length = Math.min(bytes.length, HOST.length + PORT_DIGITS - 1); length > 0; length--) {
    const tail = bytes.toString('latin1', bytes.length - length);
    if (HOST.startsWith(tail) || (tail.startsWith(HOST) && /^\d+$/.test(tail.slice(HOST.length))))
      return length;
  }
  return 0;
}

export class ProxiedConnection {
  /** As the room's words name it. */
  readonly address: string;
  hasSpoken = false;
  /** The room gets nothing of what this side says, as if it had never accepted it. */
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
    // The room is told gently, whatever became of the near side: a reset would freeze the tutorial's.
    near.on('close', () => this.#far.end());
    for (const socket of [near, this.#far]) socket.on('error', () => {});
  }

  get isOpen(): boolean {
    return !this.#near.destroyed;
  }

  /** For whoever is near, the room's side is gone. */
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
  readonly #names: Names = new Map();
  readonly #connections = new Set<ProxiedConnection>();
  #server: Server | undefined;

  constructor(target: number) {
    this.#target = target;
  }

  get connections(): ProxiedConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** Everybody knocks in vain, as where no room listens. Those who are in stay. */
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
    const connection = new ProxiedConnection(near, this.#target, this.#names);
    this.#connections.add(connection);
    near.on('close', () => this.#connections.delete(connection));
  }
}

export async function openRoomProxy(t: Cleanup, target: number): Promise<RoomProxy> {
  const proxy = new RoomProxy(target);
  await proxy.open();
  t.after(() => proxy.destroy());
  return proxy;
}
