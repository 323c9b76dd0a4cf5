/**
 * Runs a room inside the test's own process.
 */

import { networkMatcher } from '../../common/ip.ts';
import { ChatServer, type ChatServerOptions } from '../../tcp-server/chat-server.ts';
import { type Cleanup, DEADLINE_MS, eventually } from '../helpers/eventually.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const OPTIONS: ChatServerOptions = {
  mode: 'broadcast',
  maxClients: 100,
  maxClientsPerAddress: 100,
  maxMessageBytes: 1024,
  maxBacklogBytes: 1024 * 1024,
  slowReaderMs: 2000,
  keyWaitMs: 20,
  maxRateBytes: 1024 * 1024 * 1024,
  keepAliveMs: 30_000,
  closeTimeoutMs: 2000,
  isTrustedProxy: networkMatcher([]),
  proxyTimeoutMs: 2000,
  pageUrl: 'http://:8080',
};

export class TestRoom {
  readonly room: ChatServer;
  readonly port: number;
  readonly gatewayPort: number;
  readonly log: string[];
  readonly #t: Cleanup;

  constructor(t: Cleanup, room: ChatServer, port: number, gatewayPort: number, log: string[]) {
    this.#t = t;
    this.room = room;
    this.port = port;
    this.gatewayPort = gatewayPort;
    this.log = log;
  }

  /** Resolves when the room has accepted the client, which receives every message from here on. */
  async enter(host?: string): Promise<TcpClient> {
    const client = await enter(this.#t, this.port, host);
    await this.logs(`Conexión establecida con ${pythonAddress(client)}`);
    return client;
  }

  /** Only connects, because behind a proxy the header is still to come. */
  async connect(): Promise<TcpClient> {
    return await enter(this.#t, this.port);
  }

  /** Connects to the port for gateways, where a header must come first. */
  async connectAsGateway(): Promise<TcpClient> {
    return await enter(this.#t, this.gatewayPort);
  }

  async logs(line: string, within = DEADLINE_MS): Promise<void> {
    await eventually(
      () => this.log.includes(line),
      () => `no "${line}" in the log: ${this.log.slice(-3).join('\n').slice(-300)}`,
      within,
    );
  }
}

export async function openRoom(
  t: Cleanup,
  options: Partial<ChatServerOptions> = {},
  host = '127.0.0.1',
): Promise<TestRoom> {
  const log: string[] = [];
  const room = new ChatServer({ ...OPTIONS, ...options }, (lines) => log.push(...lines.split('\n')));
  const { port } = await room.listen(host, 0);
  const { port: gatewayPort } = await room.listenForGateways(host, 0);
  t.after(() => room.close());
  return new TestRoom(t, room, port, gatewayPort, log);
}

/** `('127.0.0.1', 4000)` */
export function pythonAddress({ address }: TcpClient): string {
  const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return `('${ip}', ${port})`;
}

/** Removes the headers of these senders from a text that was received. */
export function withoutHeaders(received: string, ...senders: TcpClient[]): string {
  return senders.reduce((text, { address }) => text.replaceAll(`${address} dice: `, ''), received);
}
