/**
 * A bare TCP connection into the room.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { formatAddress } from '../../common/ip.ts';
import { type Cleanup, eventually } from './eventually.ts';

export class TcpClient {
  readonly socket: Socket;
  /** `127.0.0.1:4000`, as the room writes it. */
  readonly address: string;
  #chunks: Buffer[] = [];
  #state: 'open' | 'ended' | 'closed' = 'open';

  constructor(socket: Socket) {
    this.socket = socket;
    this.address = formatAddress(socket.localAddress ?? '', socket.localPort ?? 0);
    socket.on('data', (chunk) => this.#chunks.push(chunk));
    socket.on('end', () => {
      this.#state = 'ended';
    });
    socket.on('close', () => {
      this.#state = 'closed';
    });
    socket.on('error', () => {});
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** All bytes received so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** All text received so far. */
  get received(): string {
    return this.bytes.toString();
  }

  /** Returns all text received so far and clears it. */
  takeReceived(): string {
    const { received } = this;
    this.#chunks = [];
    return received;
  }

  async receives(text: string, withinMs?: number): Promise<void> {
    const missing = () =>
      `did not receive ${JSON.stringify(text)}, but ${JSON.stringify(tail(this.received))}`;
    await eventually(() => this.bytes.includes(text), missing, withinMs);
  }

  async receivesBytes(count: number, withinMs?: number): Promise<void> {
    const length = () => this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    await eventually(
      () => length() >= count,
      () => `received ${length()} bytes, not ${count}`,
      withinMs,
    );
  }

  stopReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  /** Sends FIN, and reads until the other side closes. */
  async leave(): Promise<void> {
    this.socket.end();
    await this.isEnded();
  }

  /** Waits until the other side has closed. */
  async isEnded(): Promise<void> {
    await eventually(
      () => this.#state !== 'open',
      () => `the connection of ${this.address} was not closed`,
    );
  }

  /** Sends RST, as when a process is killed with unread data. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Programs that log each client once it receives messages, by their ports. */
const clientLogs = new Map<number, { readonly output: string }>();

/** Makes `enter` wait for the log of this room: `connect` returns before a server accepts the connection. */
export function logsClients(port: number, program: { readonly output: string }): void {
  clientLogs.set(port, program);
}

export async function enter(t: Cleanup, port: number, host = '127.0.0.1'): Promise<TcpClient> {
  const socket = connect({ port, host, noDelay: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const client = new TcpClient(socket);
  const log = clientLogs.get(port);
  if (log) {
    const { localPort } = socket;
    await eventually(
      () => log.output.includes(`', ${localPort})`),
      () => `the room did not log ${client.address}, but ${tail(log.output)}`,
    );
  }
  return client;
}

/** A server that sends only what the test writes. */
export async function bareServer(
  t: Cleanup,
  options: ServerOpts = {},
): Promise<{ port: number; accepts(): Promise<Socket> }> {
  const server = createServer({ noDelay: true, ...options }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const accepts = async () => {
    const [socket] = (await once(server, 'connection')) as [Socket];
    t.after(() => socket.destroy());
    return socket;
  };
  return { port: portOf(server), accepts };
}

/** Systems assign ports from here on to clients (Linux 32768, others 49152). A server can return to a port below. */
const CLIENT_PORTS_FROM = 32_768;
const FIRST_PORT = 20_000;
/**
 * Each port has its turn for so long, ms. It returns after 21 minutes, because a system keeps the port of a server that
 * closed a connection for up to four, and then only a server with SO_REUSEADDR can have it.
 */
const PORT_TURN_MS = 100;
/** The UDP port of this distance reserves a port for a process, until the process ends. */
const RESERVATION_DISTANCE = 20_000;

/** Returns a port without a server that no client is assigned, and that no other process of the tests gets. */
export async function freePort(): Promise<number> {
  for (let turn = Math.floor(Date.now() / PORT_TURN_MS); ; turn++) {
    const port = FIRST_PORT + (turn % (CLIENT_PORTS_FROM - FIRST_PORT));
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
}

/** Returns false if another process has reserved the port. */
async function reserve(port: number): Promise<boolean> {
  const reservation = createSocket('udp4').unref();
  reservation.bind({ port: port + RESERVATION_DISTANCE, address: '127.0.0.1', exclusive: true });
  return await once(reservation, 'listening').then(
    () => true,
    () => false,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isFree) return false;
  server.close();
  await once(server, 'close');
  return true;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function tail(text: string): string {
  return text.length > 300 ? `... ${text.slice(-300)}` : text;
}
