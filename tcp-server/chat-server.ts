/**
 * Accepts, counts, refuses and closes the connections of the room.
 *
 *     connection --PROXY header, if its address or port requires one--> client --FIN, slow, request of a browser--> closing
 *          +--full, too many of one address, no header--> refused
 *
 * Relay sends the messages of a client to all others:
 *
 *     127.0.0.1:4000 --"hola"--> room --"127.0.0.1:4000 dice: hola"--> all other clients
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { formatAddress, isLoopback, unmapIPv4 } from '../common/ip.ts';
import type { Endpoint } from '../common/proxy-protocol.ts';
import { answerRequest, TLS_ALERT } from './http-answer.ts';
import { Opening } from './opening.ts';
import { awaitProxyHeader } from './proxy-handshake.ts';
import { type Client, Relay, type RelayOptions } from './relay.ts';

/** The settings of config.ts, which has their reasons and defaults. */
export interface ChatServerOptions extends RelayOptions {
  maxClients: number;
  maxClientsPerAddress: number;
  keepAliveMs: number;
  closeTimeoutMs: number;
  isTrustedProxy: (ip: string) => boolean;
  proxyTimeoutMs: number;
  pageUrl: string;
}

/** The longest time that a line of the log waits for more lines. A person who follows the log sees no delay. */
export const LOG_EVERY_MS = 20;

/** Messages to clients that are refused. */
const FULL = 'La sala está llena. Inténtalo más tarde.\n';
const CROWDED = 'Ya hay demasiadas conexiones desde tu dirección.\n';
const UNANNOUNCED = 'Desde esta dirección se entra con el protocolo PROXY.\n';
const NOT_A_GATEWAY = 'Este puerto es solo para pasarelas.\n';

/** Marks the connections of gateways in the log, so that terminals can be told apart. */
const FROM_GATEWAY = ' por una pasarela';

export class ChatServer {
  readonly #options: ChatServerOptions;
  readonly #writeLog: (lines: string) => void;
  readonly #servers: Server[] = [];
  readonly #relay: Relay;
  readonly #clients = new Set<Client>();
  readonly #clientsPerIp = new Map<string, number>();
  /** Connections of proxies that have not sent their header yet. */
  readonly #unannounced = new Set<Socket>();
  /** Sockets that have left the room and are closing. */
  readonly #closing = new Set<Socket>();
  #logLines: string[] = [];

  constructor(options: ChatServerOptions, log: (lines: string) => void) {
    this.#options = options;
    this.#writeLog = log;
    this.#relay = new Relay(options, {
      onLine: (client, line) => this.#onLine(client, line),
      onEnd: (client) => this.#onEnd(client),
      onOverflow: (client, waitingBytes) => this.#onOverflow(client, waitingBytes),
    });
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    return await this.#listen(host, port, (socket, from) => {
      if (this.#options.isTrustedProxy(from.ip)) void this.#awaitAnnouncement(socket, from);
      else this.#admit(socket, from, true);
    });
  }

  /** Opens a second port, where every connection must begin with a PROXY header of a gateway. */
  async listenForGateways(host: string, port: number): Promise<AddressInfo> {
    return await this.#listen(host, port, (socket, from) => {
      const isTrusted = isLoopback(unmapIPv4(from.ip)) || this.#options.isTrustedProxy(from.ip);
      if (isTrusted) void this.#awaitAnnouncement(socket, from, FROM_GATEWAY);
      else this.#refuse(socket, from, 'No es una pasarela', NOT_A_GATEWAY);
    });
  }

  async #listen(
    host: string,
    port: number,
    onConnection: (socket: Socket, from: Endpoint) => void,
  ): Promise<AddressInfo> {
    const { keepAliveMs, maxClients } = this.#options;
    // allowHalfOpen: a client that has sent its FIN may still read.
    const server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
      (socket) => this.#onConnection(socket, onConnection),
    );
    // After a restart all clients may connect at once. The system shortens the queue to its own limit.
    server.listen({ host, port, backlog: maxClients });
    await once(server, 'listening');
    server.on('error', (error) => this.#log(`No se pudo aceptar una conexión: ${error.message}`));
    this.#servers.push(server);
    return server.address() as AddressInfo;
  }

  /** Accepts no more connections, sends everybody a FIN, and waits for theirs for a limited time. */
  async close(): Promise<void> {
    const closed = Promise.all(this.#servers.map((server) => once(server, 'close')));
    for (const server of this.#servers) server.close();
    this.#relay.takeTurn();
    for (const client of this.#clients) {
      this.#relay.finish(client);
      this.#closeGracefully(client.socket);
    }
    for (const socket of this.#unannounced) this.#closeGracefully(socket);
    this.#clients.clear();
    this.#unannounced.clear();
    const deadline = setTimeout(() => {
      for (const socket of this.#closing) socket.destroy();
    }, this.#options.closeTimeoutMs);
    await closed;
    clearTimeout(deadline);
  }

  #onConnection(socket: Socket, accept: (socket: Socket, from: Endpoint) => void): void {
    socket.on('error', () => {}); // 'close' follows
    const { remoteAddress: ip, remotePort: port } = socket;
    if (ip === undefined || port === undefined)
      socket.destroy(); // the client has disconnected already
    else if (this.#isFull) this.#refuse(socket, { ip, port }, 'Sala llena', FULL);
    else accept(socket, { ip, port });
  }

  /** A proxy must always send a header, because a header that is optional can be forged by its client. */
  async #awaitAnnouncement(socket: Socket, proxy: Endpoint, logNote = ''): Promise<void> {
    this.#unannounced.add(socket);
    const handshake = await awaitProxyHeader(socket, this.#options.proxyTimeoutMs);
    if (!this.#unannounced.delete(socket)) return; // the room has closed
    switch (handshake.kind) {
      case 'ended':
        socket.end();
        break;
      case 'invalid':
        this.#refuse(socket, proxy, `Sin cabecera PROXY válida (${handshake.reason})`, UNANNOUNCED);
        break;
      case 'announced': {
        const { ip, port } = handshake.from ?? proxy;
        // Port 0 means that the proxy does not know it. No parser of a room takes `10.0.0.7:0` for an address.
        this.#admit(socket, { ip, port: port || proxy.port }, handshake.wantsBroadcasts, logNote);
        socket.resume();
        break;
      }
    }
  }

  get #isFull(): boolean {
    return this.#clients.size + this.#unannounced.size >= this.#options.maxClients;
  }

  #admit(socket: Socket, from: Endpoint, wantsBroadcasts: boolean, logNote = ''): void {
    const count = this.#clientsPerIp.get(unmapIPv4(from.ip)) ?? 0;
    if (count < this.#options.maxClientsPerAddress) this.#addClient(socket, from, wantsBroadcasts, logNote);
    else this.#refuse(socket, from, 'Demasiadas conexiones', CROWDED);
  }

  #addClient(socket: Socket, from: Endpoint, wantsBroadcasts: boolean, logNote: string): void {
    const ip = unmapIPv4(from.ip);
    const client = this.#relay.add({
      socket,
      ip,
      name: pythonName(from),
      address: formatAddress(from.ip, from.port),
      wantsBroadcasts,
    });
    this.#log(`Conexión establecida con ${client.name}${logNote}`);
    this.#clients.add(client);
    this.#clientsPerIp.set(ip, (this.#clientsPerIp.get(ip) ?? 0) + 1);
    const opening = new Opening({
      onText: (bytes) => this.#relay.push(client, bytes),
      onRequest: (protocol, request) => this.#onRequest(client, protocol, request),
    });
    socket.on('data', (chunk) => {
      // A socket that is closing is read to its end.
      if (this.#clients.has(client)) opening.push(chunk);
    });
    socket.on('end', () => {
      opening.end();
      this.#relay.end(client);
    });
    socket.on('close', () => {
      opening.cancel();
      this.#removeClient(client, `Conexión cerrada por ${client.name}`);
    });
  }

  #onLine(client: Client, line: string): void {
    const label = this.#options.mode === 'broadcast' ? 'Recibido de' : 'Servidor recibió de';
    this.#log(`${label} ${client.name}: ${line.replace(/(?:\r\n|\r|\n)$/, '')}`);
  }

  #onEnd(client: Client): void {
    this.#relay.finish(client);
    this.#removeClient(client, `Conexión cerrada por ${client.name}`);
    this.#closeGracefully(client.socket);
  }

  #onOverflow(client: Client, waitingBytes: number): void {
    this.#removeClient(
      client,
      `Conexión cerrada con ${client.name}: no lee, ${waitingBytes} bytes en espera`,
    );
    client.socket.destroy();
  }

  /** The request is not relayed, because it holds the cookies of a browser. */
  #onRequest(client: Client, protocol: 'http' | 'tls', request: Buffer): void {
    const { socket } = client;
    const { localAddress = '', localPort = 0 } = socket;
    const reason = protocol === 'http' ? 'pide una página web' : 'habla TLS';
    this.#removeClient(client, `Conexión cerrada con ${client.name}: ${reason}`);
    const ownHost = formatAddress(localAddress, localPort).replace(/:\d+$/, '');
    socket.write(
      protocol === 'tls'
        ? TLS_ALERT
        : answerRequest(request.toString('latin1'), this.#options.pageUrl, ownHost),
    );
    this.#closeWithinTimeout(socket);
  }

  #removeClient(client: Client, logLine: string): void {
    if (!this.#clients.delete(client)) return;
    this.#relay.remove(client);
    this.#log(logLine);
    const left = (this.#clientsPerIp.get(client.ip) ?? 1) - 1;
    if (left > 0) this.#clientsPerIp.set(client.ip, left);
    else this.#clientsPerIp.delete(client.ip);
  }

  #refuse(socket: Socket, from: Endpoint, reason: string, message: string): void {
    this.#log(`${reason}: no entra ${pythonName(from)}`);
    socket.write(message);
    this.#closeWithinTimeout(socket);
  }

  /** Cuts the connection after the timeout even if its client goes on sending. */
  #closeWithinTimeout(socket: Socket): void {
    this.#closeGracefully(socket);
    setTimeout(() => socket.destroy(), this.#options.closeTimeoutMs).unref();
  }

  /**
   * Sends a FIN after the bytes that still wait, and discards what the client sends until its FIN. Closing with
   * unread bytes would be a reset, which discards what the client has not read yet.
   */
  #closeGracefully(socket: Socket): void {
    this.#closing.add(socket);
    socket.once('close', () => this.#closing.delete(socket));
    socket.setTimeout(this.#options.closeTimeoutMs, () => socket.destroy());
    socket.resume();
    socket.end();
  }

  /** Batches lines, because in a busy room a write per line costs more than sending the line to ten clients. */
  #log(line: string): void {
    if (this.#logLines.push(line) === 1) setTimeout(() => this.#flushLog(), LOG_EVERY_MS);
  }

  #flushLog(): void {
    this.#writeLog(this.#logLines.join('\n'));
    this.#logLines = [];
  }
}

/** `('127.0.0.1', 4000)`, as Python writes an address in its log. */
function pythonName({ ip, port }: Endpoint): string {
  return `('${unmapIPv4(ip)}', ${port})`;
}
