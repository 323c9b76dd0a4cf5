/**
 * The room: what a client says, every other client hears.
 *
 *     127.0.0.1:4000 --"hola"--> room --"127.0.0.1:4000 dice: hola"--> everybody else
 */
import { once } from 'node:events';
import { type AddressInfo, type BlockList, createServer, type Server, type Socket } from 'node:net';
import { FanOut, type Message, type Reader } from './fan-out.ts';
import { answerRequest, TLS_ALERT } from './http-answer.ts';
import { contains } from './ip-networks.ts';
import { LeakyBucket } from './leaky-bucket.ts';
import { LineDecoder, type Lines } from './line-decoder.ts';
import { awaitProxyHeader } from './proxy-handshake.ts';
import type { Origin } from './proxy-protocol.ts';
import { sniffProtocol } from './sniff-protocol.ts';
import { TurnQueue } from './turn-queue.ts';
import { formatAddress, header, unmapIPv4 } from './wire.ts';

/** Repeat to the others; send back; acknowledge. */
export type Mode = 'broadcast' | 'echo' | 'ack';

/** Reasons, units and defaults: config.ts. */
export interface ChatServerOptions {
  mode: Mode;
  maxClients: number;
  maxClientsPerAddress: number;
  maxMessage: number;
  maxBacklog: number;
  slowReaderMs: number;
  keyWaitMs: number;
  maxRate: number;
  keepAlive: number;
  closeTimeout: number;
  trustedProxies: BlockList;
  proxyTimeout: number;
  pageUrl: string;
}

/** So many may flood at once: a reader gets no more than so many times `maxRate`, however many speak. */
const FLOODS_MAX = 4;

/** What one client makes of the broadcasts of a turn, headers included: then the next client has its turn. */
const SLICE_BYTES = 16 * 1024;

/** What a turn of the event loop broadcasts at most, and a reader has waiting because of it. */
const TURN_MAX_BYTES = 128 * 1024;

/** Of TCP_MAX_BACKLOG_BYTES, where that is small. */
const TURN_SHARE = 1 / 8;

/** How often held text is looked at while no reader reads on. */
const HELD_CHECK_MS = 50;

const LF = 0x0a;
const CR = 0x0d;

/**
 * How long the beginning of a request line waits for its rest. A browser sends the line in one piece, and a person
 * whose message looks like it notices no delay.
 */
const REQUEST_LINE_WAIT_MS = 300;

/** Longest a line of the log waits for more: who reads it along sees no delay. */
export const LOG_EVERY_MS = 20;

/** What who can't come in is told. */
const FULL = 'La sala está llena. Inténtalo más tarde.\n';
const CROWDED = 'Ya hay demasiadas conexiones desde tu dirección.\n';
const UNANNOUNCED = 'Desde esta dirección se entra con el protocolo PROXY.\n';

interface Client extends Reader {
  /** `('127.0.0.1', 4000)`, as Python writes an address in its log. */
  readonly name: string;
  /** Goes before every line of this client. */
  readonly prefix: string;
  readonly words: LineDecoder;
  readonly ip: string;
  readonly debt: LeakyBucket;
  /**
   *     reading --bytes, FIN--> queued --its turn--> reading
   *                               ^                     | more than its rate
   *                               +------- resting <----+
   */
  state: 'reading' | 'queued' | 'resting';
  /** The first bytes, while they may become a request of another protocol; how many of them were sent on. */
  opening: { bytes: Buffer; sent: number; timer: NodeJS.Timeout | undefined } | undefined;
  /** Fires when keys have waited long enough for the next. */
  keyTimer: NodeJS.Timeout | undefined;
  /** Bytes from the socket that have not had their turn. */
  unread: Buffer | undefined;
  hasEnded: boolean;
}

export class ChatServer {
  readonly #options: ChatServerOptions;
  readonly #writeLog: (lines: string) => void;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  /** How many of them are at each IP address. */
  readonly #connectionsPerIp = new Map<string, number>();
  /** Of all together, in broadcasts. */
  readonly #debt: LeakyBucket;
  /** Connections of proxies that have not said yet for whom. */
  readonly #unannounced = new Set<Socket>();
  readonly #fanOut: FanOut;
  readonly #turnBytes: number;
  readonly #queue = new TurnQueue<Client>();
  #isTurnScheduled = false;
  #check: NodeJS.Timeout | undefined;
  /** Of this turn of the event loop, in the order that all will hear. */
  #messages: Message[] = [];
  /** Of the log, not written yet. */
  #lines: string[] = [];
  /** Out of the room, but with bytes on their way. */
  readonly #leaving = new Set<Socket>();

  constructor(options: ChatServerOptions, log: (line: string) => void) {
    this.#options = options;
    this.#writeLog = log;
    this.#debt = new LeakyBucket(FLOODS_MAX * options.maxRate);
    this.#turnBytes = Math.min(TURN_MAX_BYTES, options.maxBacklog * TURN_SHARE);
    this.#fanOut = new FanOut({
      maxBacklogBytes: options.maxBacklog,
      slowReaderMs: options.slowReaderMs,
      onOverflow: (reader, waiting) => this.#drop(reader as Client, waiting),
      onProgress: () => this.#scheduleTurn(),
    });
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
    this.#takeTurn();
    for (const client of this.#clients) {
      this.#fanOut.finish(client);
      this.#closeGracefully(client.socket);
    }
    for (const socket of this.#unannounced) this.#closeGracefully(socket);
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
    else if (this.#full) this.#refuse(this.#introduce(socket, { ip, port }), 'Sala llena', FULL);
    else if (contains(this.#options.trustedProxies, ip)) void this.#handleProxy(socket, { ip, port });
    else this.#welcome(this.#introduce(socket, { ip, port }));
  }

  /** From there every connection must be announced: a header that may be left out can be made up by a client. */
  async #handleProxy(socket: Socket, own: Origin): Promise<void> {
    this.#unannounced.add(socket);
    const announced = await awaitProxyHeader(socket, this.#options.proxyTimeout);
    if (!this.#unannounced.delete(socket)) return; // the room has closed
    if (announced.kind === 'nothing') socket.end();
    else if (announced.kind === 'bad') {
      const why = `Sin cabecera PROXY válida (${announced.why})`;
      this.#refuse(this.#introduce(socket, own), why, UNANNOUNCED);
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
    const here = this.#connectionsPerIp.get(client.ip) ?? 0;
    if (here < this.#options.maxClientsPerAddress) this.#addClient(client);
    else this.#refuse(client, 'Demasiadas conexiones', CROWDED);
  }

  #addClient(client: Client): void {
    const { socket } = client;
    this.#log(`Conexión establecida con ${client.name}`);
    this.#clients.add(client);
    this.#connectionsPerIp.set(client.ip, (this.#connectionsPerIp.get(client.ip) ?? 0) + 1);
    this.#fanOut.add(client);
    socket.on('data', (chunk) => this.#onData(client, chunk));
    socket.on('end', () => {
      this.#endOpening(client);
      client.hasEnded = true;
      this.#enqueue(client);
    });
    socket.on('close', () => this.#removeClient(client, `Conexión cerrada por ${client.name}`));
  }

  #introduce(socket: Socket, { ip, port }: Origin): Client {
    const client: Client = {
      socket,
      name: `('${unmapIPv4(ip)}', ${port})`,
      prefix: this.#prefix(formatAddress(ip, port)),
      words: new LineDecoder(this.#options.maxMessage, this.#options.keyWaitMs, (answer) =>
        this.#answerTelnet(client, answer),
      ),
      ip: unmapIPv4(ip),
      debt: new LeakyBucket(this.#options.maxRate),
      next: 0,
      state: 'reading',
      opening: { bytes: Buffer.alloc(0), sent: 0, timer: undefined },
      keyTimer: undefined,
      unread: undefined,
      hasEnded: false,
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

  #onData(client: Client, chunk: Buffer): void {
    if (!this.#clients.has(client)) return; // it has been closed, and is read to no end
    if (client.opening) this.#onOpening(client, chunk);
    else this.#take(client, chunk);
  }

  #onOpening(client: Client, chunk: Buffer): void {
    const { opening } = client;
    if (!opening) return;
    opening.bytes = Buffer.concat([opening.bytes, chunk]);
    const protocol = sniffProtocol(opening.bytes);
    switch (protocol) {
      case 'http':
      case 'tls':
        this.#refuseProtocol(client, protocol, opening.bytes);
        break;
      case 'text':
        this.#endOpening(client);
        break;
      case 'undecided':
        this.#sendOpening(client);
        break;
      case 'likely':
        opening.timer ??= setTimeout(() => {
          opening.timer = undefined;
          this.#sendOpening(client);
        }, REQUEST_LINE_WAIT_MS).unref();
        break;
    }
  }

  /** Sends on what has waited; what follows is still looked at. */
  #sendOpening(client: Client): void {
    const { opening } = client;
    if (!opening || opening.sent === opening.bytes.length || !this.#clients.has(client)) return;
    this.#take(client, opening.bytes.subarray(opening.sent));
    opening.sent = opening.bytes.length;
  }

  #endOpening(client: Client): void {
    clearTimeout(client.opening?.timer);
    this.#sendOpening(client);
    client.opening = undefined;
  }

  /** The room hears nothing of the request: it holds the cookies of a browser. */
  #refuseProtocol(client: Client, protocol: 'http' | 'tls', request: Buffer): void {
    const { socket } = client;
    const { localAddress = '', localPort = 0 } = socket;
    const why = protocol === 'http' ? 'pide una página web' : 'habla TLS';
    clearTimeout(client.opening?.timer);
    this.#removeClient(client, `Conexión cerrada con ${client.name}: ${why}`);
    const ownHost = formatAddress(localAddress, localPort).replace(/:\d+$/, '');
    socket.write(
      protocol === 'tls'
        ? TLS_ALERT
        : answerRequest(request.toString('latin1'), this.#options.pageUrl, ownHost),
    );
    this.#closeWithin(socket);
  }

  #take(client: Client, chunk: Buffer): void {
    client.unread = client.unread ? Buffer.concat([client.unread, chunk]) : chunk;
    // Its turn will not take all of it: the rest waits on the side of the sender.
    if (client.unread.length > SLICE_BYTES) client.socket.pause();
    this.#enqueue(client);
  }

  #enqueue(client: Client): void {
    if (client.state !== 'reading') return;
    client.state = 'queued';
    this.#queue.push(client, client.unread?.length ?? 0);
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#isTurnScheduled || (this.#queue.isEmpty && this.#messages.length === 0)) return;
    this.#isTurnScheduled = true;
    setImmediate(() => this.#takeTurn());
  }

  /**
   * Broadcasts what came in this turn of the event loop, in one write for each client, because writes are the cost
   * of a full room. Text beyond what a turn may bring, or what readers take, waits for a later turn.
   */
  #takeTurn(): void {
    this.#isTurnScheduled = false;
    const may = this.#maySend();
    for (let bytes = 0; bytes <= this.#turnBytes; ) {
      const client = this.#queue.shift(may);
      if (client === undefined) break;
      bytes += this.#takeSlice(client);
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#fanOut.broadcast(messages);
    if (may.long) this.#scheduleTurn();
    else this.#scheduleCheck();
  }

  /** Half the backlog is for short messages: a flood alone drops no reader, and holds up nobody who talks. */
  #maySend(): { short: boolean; long: boolean } {
    const { maxBacklog } = this.#options;
    const worst = this.#fanOut.worstBacklog;
    const half = maxBacklog / 2;
    return {
      short: worst <= Math.max(half, maxBacklog - this.#turnBytes - SLICE_BYTES),
      long: worst <= half,
    };
  }

  #scheduleCheck(): void {
    this.#check ??= setTimeout(() => {
      this.#check = undefined;
      this.#scheduleTurn();
    }, HELD_CHECK_MS).unref();
  }

  /** Returns the bytes it brought, headers included. */
  #takeSlice(client: Client): number {
    client.state = 'reading';
    const { unread } = client;
    if (!this.#clients.has(client)) return 0;
    if (unread === undefined) {
      if (client.hasEnded) this.#sayGoodbye(client);
      return 0;
    }
    const size = sliceOf(unread, client.prefix.length, Math.max(SLICE_BYTES, this.#options.maxMessage));
    client.unread = size < unread.length ? unread.subarray(size) : undefined;
    const bytes = this.#relay(client, client.words.push(unread.subarray(0, size)));
    this.#waitForKeys(client);
    const wait = this.#pace(client, bytes);
    if (wait > 0) this.#rest(client, wait);
    else this.#readOn(client);
    return bytes;
  }

  #waitForKeys(client: Client): void {
    clearTimeout(client.keyTimer);
    const ms = client.words.flushInMs;
    if (ms === undefined) return;
    client.keyTimer = setTimeout(() => {
      if (!this.#clients.has(client)) return;
      this.#pace(client, this.#relay(client, client.words.flush()));
      this.#scheduleTurn();
    }, ms).unref();
  }

  #readOn(client: Client): void {
    if (client.unread !== undefined || client.hasEnded) this.#enqueue(client);
    else if (client.socket.isPaused()) client.socket.resume();
  }

  /** TCP makes the sender wait meanwhile: nothing is lost. */
  #rest(client: Client, ms: number): void {
    client.state = 'resting';
    client.socket.pause();
    setTimeout(() => {
      client.state = 'reading';
      this.#readOn(client);
    }, ms).unref();
  }

  #sayGoodbye(client: Client): void {
    this.#relay(client, client.words.end());
    this.#fanOut.finish(client);
    this.#removeClient(client, `Conexión cerrada por ${client.name}`);
    this.#closeGracefully(client.socket);
  }

  /** Every line under a prefix of its own: nobody writes a line in another's name, nor in the log. */
  #relay(sender: Client, { lineEnd, lines }: Lines): number {
    if (lineEnd === '' && lines.length === 0) return 0;

    const bytes = Buffer.from(lineEnd + lines.map((line) => sender.prefix + line).join(''));
    if (this.#options.mode === 'broadcast') this.#messages.push({ sender, bytes });
    else this.#send(sender, bytes);

    const heard = this.#options.mode === 'broadcast' ? 'Recibido de' : 'Servidor recibió de';
    for (const line of lines) this.#log(`${heard} ${sender.name}: ${line.replace(/(?:\r\n|\r|\n)$/, '')}`);
    return bytes.length;
  }

  /** Gathered: in a room that talks, a write for each line would cost more than the line's way to ten clients. */
  #log(line: string): void {
    if (this.#lines.push(line) === 1) setTimeout(() => this.#writeLines(), LOG_EVERY_MS);
  }

  #writeLines(): void {
    this.#writeLog(this.#lines.join('\n'));
    this.#lines = [];
  }

  /** For this client alone. */
  #send(client: Client, bytes: Buffer): void {
    const waiting = this.#fanOut.backlog(client);
    if (waiting > 0 && waiting + bytes.length > this.#options.maxBacklog) {
      this.#drop(client, waiting + bytes.length);
    } else client.socket.write(bytes);
  }

  #drop(client: Client, waiting: number): void {
    this.#removeClient(client, `Conexión cerrada con ${client.name}: no lee, ${waiting} bytes en espera`);
    client.socket.destroy();
  }

  /** Returns how long the client is to rest: it sent more than `maxRate`, or all together sent more than theirs. */
  #pace(client: Client, bytes: number): number {
    const together = this.#options.mode === 'broadcast' ? this.#debt.take(bytes) : 0;
    return Math.max(client.debt.take(bytes), together);
  }

  #removeClient(client: Client, why: string): void {
    if (!this.#clients.delete(client)) return;
    this.#fanOut.remove(client);
    this.#log(why);
    const left = (this.#connectionsPerIp.get(client.ip) ?? 1) - 1;
    if (left > 0) this.#connectionsPerIp.set(client.ip, left);
    else this.#connectionsPerIp.delete(client.ip);
  }

  #refuse({ socket, name }: Client, why: string, words: string): void {
    this.#log(`${why}: no entra ${name}`);
    socket.write(words);
    this.#closeWithin(socket);
  }

  /** The client may go on talking, so that it never stands still. */
  #closeWithin(socket: Socket): void {
    this.#closeGracefully(socket);
    setTimeout(() => socket.destroy(), this.#options.closeTimeout).unref();
  }

  /**
   * Our FIN, after what is still on its way. Until theirs we read on, to no one's ear:
   * closing with unread data would be a reset, and a reset takes our last words with it.
   */
  #closeGracefully(socket: Socket): void {
    this.#leaving.add(socket);
    socket.once('close', () => this.#leaving.delete(socket));
    socket.setTimeout(this.#options.closeTimeout, () => socket.destroy());
    socket.resume();
    socket.end();
  }
}

/**
 * How much of the bytes makes no more than `maxBytes` with a header for each line: up to a line end where there is
 * one, because what follows has a header of its own.
 */
function sliceOf(bytes: Buffer, headerBytes: number, maxBytes: number): number {
  if (bytes.length * (1 + headerBytes) <= maxBytes) return bytes.length;
  let cost = 0;
  let lineEnd = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (++cost > maxBytes) return lineEnd || at;
    if (bytes[at] !== LF && bytes[at] !== CR) continue;
    cost += headerBytes;
    lineEnd = at + 1;
  }
  return bytes.length;
}
