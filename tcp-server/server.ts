/**
 * The room: what a client says, every other client hears.
 *
 *     127.0.0.1:4000 --"hola"--> room --"127.0.0.1:4000 dice: hola"--> everybody else
 */
import { once } from 'node:events';
import { type AddressInfo, type BlockList, createServer, type Server, type Socket } from 'node:net';
import { announcement } from './announced.ts';
import { Debt } from './debt.ts';
import { holds } from './networks.ts';
import type { Origin } from './proxy-protocol.ts';
import { formatAddress, header, plainIp } from './wire.ts';
import { Words } from './words.ts';

/** Repeat to the others; send back; acknowledge. */
export type Mode = 'broadcast' | 'echo' | 'ack';

/** Reasons, units and defaults: config.ts. */
export interface RoomOptions {
  mode: Mode;
  maxClients: number;
  maxClientsPerAddress: number;
  maxMessage: number;
  maxBacklog: number;
  maxRate: number;
  keepAlive: number;
  closeTimeout: number;
  trustedProxies: BlockList;
  proxyTimeout: number;
}

/** So many may flood at once: a reader gets no more than so many times `maxRate`, however many speak. */
const FLOODS_MAX = 4;

/** Longest a line of the log waits for more: who reads it along sees no delay. */
export const LOG_EVERY_MS = 20;

/** What who can't come in is told. */
const FULL = 'La sala está llena. Inténtalo más tarde.\n';
const CROWDED = 'Ya hay demasiadas conexiones desde tu dirección.\n';
const UNANNOUNCED = 'Desde esta dirección se entra con el protocolo PROXY.\n';

interface Client {
  readonly socket: Socket;
  /** `('127.0.0.1', 4000)`, as Python writes an address in its log. */
  readonly name: string;
  /** Goes before every line of this client. */
  readonly prefix: string;
  readonly words: Words;
  readonly ip: string;
  readonly debt: Debt;
}

interface Said {
  readonly sender: Client;
  readonly bytes: Buffer;
}

export class Room {
  readonly #options: RoomOptions;
  readonly #writeLog: (lines: string) => void;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  /** How many of them are at each IP address. */
  readonly #crowds = new Map<string, number>();
  /** Of all together, in broadcasts. */
  readonly #debt: Debt;
  /** Connections of proxies that have not said yet for whom. */
  readonly #unannounced = new Set<Socket>();
  /** Waits for the end of this turn of the event loop, in the order that all will hear. */
  #said: Said[] = [];
  /** Of the log, not written yet. */
  #lines: string[] = [];
  /** Out of the room, but with bytes on their way. */
  readonly #leaving = new Set<Socket>();

  constructor(options: RoomOptions, log: (line: string) => void) {
    this.#options = options;
    this.#writeLog = log;
    this.#debt = new Debt(FLOODS_MAX * options.maxRate);
    // allowHalfOpen: a client's FIN means "I have said all", not "I have heard all".
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: options.keepAlive },
      (socket) => this.#handleClient(socket),
    );
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    // The whole room may knock at once, after a restart; the system shortens the queue to what it can.
    this.#server.listen({ host, port, backlog: this.#options.maxClients });
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#log(`No se pudo aceptar una conexión: ${error.message}`));
    return this.#server.address() as AddressInfo;
  }

  /** No newcomers, a FIN to everybody, and a bounded wait for theirs. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#flush();
    for (const { socket } of this.#clients) this.#hangUp(socket);
    for (const socket of this.#unannounced) this.#hangUp(socket);
    this.#clients.clear();
    this.#unannounced.clear();
    const deadline = setTimeout(() => {
      for (const socket of this.#leaving) socket.destroy();
    }, this.#options.closeTimeout);
    await closed;
    clearTimeout(deadline);
  }

  #handleClient(socket: Socket): void {
    socket.on('error', () => {}); // 'close' follows, and is all we need
    const { remoteAddress: ip, remotePort: port } = socket;
    if (ip === undefined || port === undefined)
      socket.destroy(); // gone before we could look
    else if (this.#full) this.#turnAway(this.#introduce(socket, { ip, port }), 'Sala llena', FULL);
    else if (holds(this.#options.trustedProxies, ip)) void this.#handleProxy(socket, { ip, port });
    else this.#welcome(this.#introduce(socket, { ip, port }));
  }

  /** From there every connection must be announced: a header that may be left out can be made up by a client. */
  async #handleProxy(socket: Socket, own: Origin): Promise<void> {
    this.#unannounced.add(socket);
    const announced = await announcement(socket, this.#options.proxyTimeout);
    if (!this.#unannounced.delete(socket)) return; // the room has closed
    if (announced.kind === 'nothing') socket.end();
    else if (announced.kind === 'bad') {
      const why = `Sin cabecera PROXY válida (${announced.why})`;
      this.#turnAway(this.#introduce(socket, own), why, UNANNOUNCED);
    } else {
      const { ip, port } = announced.from ?? own;
      // Port 0 means that the proxy does not know: no parser of a room takes `10.0.0.7:0` for an address.
      this.#welcome(this.#introduce(socket, { ip, port: port || own.port }));
      socket.resume();
    }
  }

  get #full(): boolean {
    return this.#clients.size + this.#unannounced.size >= this.#options.maxClients;
  }

  /** One address may not take the whole room. */
  #welcome(client: Client): void {
    const here = this.#crowds.get(client.ip) ?? 0;
    if (here < this.#options.maxClientsPerAddress) this.#addClient(client);
    else this.#turnAway(client, 'Demasiadas conexiones', CROWDED);
  }

  #addClient(client: Client): void {
    const { socket, words } = client;
    this.#log(`Conexión establecida con ${client.name}`);
    this.#clients.add(client);
    this.#crowds.set(client.ip, (this.#crowds.get(client.ip) ?? 0) + 1);
    socket.on('data', (chunk) => this.#relay(client, words.take(chunk)));
    socket.on('end', () => {
      this.#relay(client, words.end());
      this.#removeClient(client, `Conexión cerrada por ${client.name}`);
      this.#hangUp(socket);
    });
    socket.on('close', () => this.#removeClient(client, `Conexión cerrada por ${client.name}`));
  }

  #introduce(socket: Socket, { ip, port }: Origin): Client {
    const client: Client = {
      socket,
      name: `('${plainIp(ip)}', ${port})`,
      prefix: this.#prefix(formatAddress(ip, port)),
      words: new Words(this.#options.maxMessage, (answer) => this.#answerTelnet(client, answer)),
      ip: plainIp(ip),
      debt: new Debt(this.#options.maxRate),
    };
    return client;
  }

  #answerTelnet(client: Client, answer: Buffer): void {
    if (this.#clients.has(client)) this.#send(client, answer); // nothing follows a FIN
  }

  #prefix(address: string): string {
    switch (this.#options.mode) {
      case 'broadcast':
        return header(address);
      case 'echo':
        return 'Eco del servidor: ';
      case 'ack':
        return 'Mensaje recibido por el servidor (hilo): ';
    }
  }

  /** Every line under a prefix of its own: nobody writes a line in another's name, nor in the log. */
  #relay(sender: Client, lines: string[]): void {
    if (lines.length === 0 || !this.#clients.has(sender)) return;

    const bytes = Buffer.from(sender.prefix + lines.join(sender.prefix));
    if (this.#options.mode === 'broadcast') this.#broadcast(bytes, sender);
    else this.#send(sender, bytes);
    this.#pace(sender, bytes.length);

    const heard = this.#options.mode === 'broadcast' ? 'Recibido de' : 'Servidor recibió de';
    for (const line of lines) this.#log(`${heard} ${sender.name}: ${line.replace(/(?:\r\n|\r|\n)$/, '')}`);
  }

  /** Gathered: in a room that talks, a write for each line would cost more than the line's way to ten clients. */
  #log(line: string): void {
    if (this.#lines.push(line) === 1) setTimeout(() => this.#writeLines(), LOG_EVERY_MS);
  }

  #writeLines(): void {
    this.#writeLog(this.#lines.join('\n'));
    this.#lines = [];
  }

  #broadcast(bytes: Buffer, sender: Client): void {
    if (this.#said.push({ sender, bytes }) === 1) setImmediate(() => this.#flush());
  }

  /**
   * What was said in one turn of the event loop goes out in one write for each client. Writes are what
   * a full room costs: so the more speak at once, the fewer writes a message needs.
   */
  #flush(): void {
    const said = this.#said;
    this.#said = [];
    // A list: few speak in one turn, and looking each client up in a set takes longer.
    const speakers = said.map(({ sender }) => sender);
    const all = join(said);
    const byOthers = (client: Client): Buffer => join(said.filter(({ sender }) => sender !== client));
    for (const client of this.#clients) {
      this.#send(client, speakers.includes(client) ? byOthers(client) : all);
    }
  }

  /** The bound is looked at before the write: what comes at once, however long, drops nobody who reads. */
  #send(client: Client, bytes: Buffer): void {
    if (bytes.length === 0) return;
    const waiting = client.socket.writableLength;
    if (waiting <= this.#options.maxBacklog) {
      client.socket.write(bytes);
      return;
    }
    this.#removeClient(client, `Conexión cerrada con ${client.name}: no lee, ${waiting} bytes en espera`);
    client.socket.destroy();
  }

  /** Who says more than `maxRate` is read later, and so is who speaks while many do: TCP makes them wait, nothing is lost. */
  #pace(client: Client, bytes: number): void {
    const together = this.#options.mode === 'broadcast' ? this.#debt.add(bytes) : 0;
    const wait = Math.max(client.debt.add(bytes), together);
    if (wait === 0) return;

    client.socket.pause();
    setTimeout(() => client.socket.resume(), wait).unref();
  }

  #removeClient(client: Client, why: string): void {
    if (!this.#clients.delete(client)) return;
    this.#log(why);
    const left = (this.#crowds.get(client.ip) ?? 1) - 1;
    if (left > 0) this.#crowds.set(client.ip, left);
    else this.#crowds.delete(client.ip);
  }

  #turnAway({ socket, name }: Client, why: string, words: string): void {
    this.#log(`${why}: no entra ${name}`);
    socket.write(words);
    this.#hangUp(socket);
    // It may go on talking, so that it never stands still.
    setTimeout(() => socket.destroy(), this.#options.closeTimeout).unref();
  }

  /**
   * Our FIN, after what is still on its way. Until theirs we read on, to no one's ear:
   * closing with unread data would be a reset, and a reset takes our last words with it.
   */
  #hangUp(socket: Socket): void {
    this.#leaving.add(socket);
    socket.once('close', () => this.#leaving.delete(socket));
    socket.setTimeout(this.#options.closeTimeout, () => socket.destroy());
    socket.resume();
    socket.end();
  }
}

function join(said: Said[]): Buffer {
  return Buffer.concat(said.map(({ bytes }) => bytes));
}
