/**
 * A bad network: a TCP proxy that can cut, stall and refuse connections.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Cleanup, eventually } from './eventually.ts';

/** One connection through the proxy. While it is stalled, it queues every action. */
class ProxiedLink {
  readonly near: Socket;
  readonly far: Socket;
  #held: (() => void)[] | undefined;

  /** `allow` limits the bytes that may pass from the target. */
  constructor(near: Socket, far: Socket, allow: (bytes: number) => number) {
    this.near = near;
    this.far = far;
    this.#pass(near, far, (bytes) => bytes);
    this.#pass(far, near, allow);
  }

  get isOpen(): boolean {
    return !this.near.destroyed || !this.far.destroyed;
  }

  stall(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
  }

  cut(): void {
    this.near.destroy();
    this.far.destroy();
  }

  #pass(from: Socket, to: Socket, allow: (bytes: number) => number): void {
    from.on('data', (chunk) => {
      this.#do(() => {
        to.write(chunk.subarray(0, allow(chunk.length)));
      });
    });
    from.on('end', () => this.#do(() => to.end()));
    from.on('close', (isBroken) => isBroken && this.#do(() => to.destroy()));
    from.on('error', () => {});
  }

  #do(act: () => void): void {
    if (this.#held) this.#held.push(act);
    else act();
  }
}

export class TcpProxy {
  readonly port: number;
  /** Number of refused connections. */
  refused = 0;
  #isOpen = true;
  readonly #target: number;
  readonly #links = new Set<ProxiedLink>();
  /** Bytes that may still pass from the target before the proxy cuts everything. */
  #allowance = Number.POSITIVE_INFINITY;

  constructor(server: Server, port: number, target: number) {
    this.port = port;
    this.#target = target;
    server.on('connection', (socket) => this.#carry(socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Destroys both sides of all connections. */
  cut(): void {
    for (const link of this.#links) link.cut();
  }

  /** Cuts all connections and refuses new ones. */
  close(): void {
    this.#isOpen = false;
    this.cut();
  }

  open(): void {
    this.#isOpen = true;
  }

  /** Stops and queues the bytes of all connections. Sockets stay open, and new connections pass. */
  stall(): void {
    for (const link of this.#links) link.stall();
  }

  /** Delivers the queued bytes. */
  resume(): void {
    for (const link of this.#links) link.resume();
  }

  /** Cuts all connections after that many bytes from the target, and waits for it. */
  async cutAfter(bytes: number): Promise<void> {
    this.#allowance = bytes;
    await eventually(
      () => this.#allowance === Number.POSITIVE_INFINITY,
      () => `${this.#allowance} bytes did not come`,
    );
  }

  #carry(near: Socket): void {
    if (!this.#isOpen) {
      this.refused++;
      near.destroy();
      return;
    }
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const link = new ProxiedLink(near, far, (bytes) => this.#allow(bytes));
    this.#links.add(link);
    for (const socket of [near, far]) {
      socket.on('close', () => link.isOpen || this.#links.delete(link));
    }
  }

  #allow(bytes: number): number {
    const allowed = Math.min(bytes, this.#allowance);
    this.#allowance -= allowed;
    if (allowed === bytes) return bytes;
    this.#allowance = Number.POSITIVE_INFINITY;
    queueMicrotask(() => this.cut());
    return allowed;
  }
}

/** Opens a proxy in front of that port of this machine. */
export async function openProxy(t: Cleanup, target: number): Promise<TcpProxy> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy = new TcpProxy(server, typeof address === 'object' && address ? address.port : 0, target);
  t.after(() => {
    server.close();
    proxy.cut();
  });
  return proxy;
}

/**
 * A proxy in front of a room, which records the bytes that the gateway's ear gets and can cut them anywhere. The ear is
 * the first connection. The room shows the ports of the proxy, so the ear gets those of the gateway in their place.
 */
export class RecordingProxy {
  readonly port: number;
  #ear: Socket | undefined;
  #passed: Buffer = Buffer.alloc(0);
  #held: Buffer = Buffer.alloc(0);
  #isHolding = false;
  /** The gateway's connections by the ports that the room shows. */
  readonly #ports = new Map<number, number>();

  constructor(port: number) {
    this.port = port;
  }

  /** All bytes that the ear was sent. */
  get recorded(): Buffer {
    return this.#passed;
  }

  /** Keeps what the room sends to the ear. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Waits until so many bytes are held. */
  async holds(count: number): Promise<Buffer> {
    await eventually(
      () => this.#held.length >= count,
      () => `the proxy holds ${this.#held.length} bytes, not ${count}`,
    );
    return this.#held;
  }

  /** Sends the ear the next bytes of those held. */
  pass(count: number): void {
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    this.#passed = Buffer.concat([this.#passed, bytes]);
    this.#ear?.write(bytes);
  }

  /** Sends the ear all that is held, and holds no more. */
  release(): void {
    this.#isHolding = false;
    this.pass(this.#held.length);
  }

  carry(near: Socket, target: number): void {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.#ear ??= near;
    const isEar = this.#ear === near;
    far.on('connect', () => this.#ports.set(far.localPort ?? 0, near.remotePort ?? 0));
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => {
      if (!isEar) near.write(chunk);
      else {
        this.#held = Buffer.concat([this.#held, this.#readdress(chunk)]);
        if (!this.#isHolding) this.release();
      }
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
    }
  }

  /** A read holds whole broadcasts, because the room writes each in one call. */
  #readdress(chunk: Buffer): Buffer {
    const text = chunk
      .toString('latin1')
      .replace(/127\.0\.0\.1:(\d+) dice: /g, (header, port) =>
        header.replace(port, `${this.#ports.get(Number(port)) ?? port}`),
      );
    return Buffer.from(text, 'latin1');
  }
}

/** Opens the proxy in front of a room on that port. */
export async function openRecordingProxy(t: Cleanup, target: number): Promise<RecordingProxy> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = new RecordingProxy((server.address() as AddressInfo).port);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    proxy.carry(socket, target);
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return proxy;
}
