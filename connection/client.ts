/**
 * CONTRACT: `tertulia/client`, which joins a room from a program, in Node and in browsers. docs/client.md explains it.
 *
 *     joining --welcome--> here --leave--> leaving --> ended
 *        |   <----lost-----+                             ^
 *        +-- refused, or left ---------------------------+
 */

import type { Entry, FailReason, Limits, ServerMessage } from '../gateway/protocol.ts';
import { CLOSE, isNickname, type Named, parseNickname } from '../gateway/protocol.ts';
import { Connection } from './connection.ts';
import { GatewayLink, type WebSocketClass } from './gateway-link.ts';
import { Outbox, type OutgoingMessage } from './outbox.ts';
import { OwnIds } from './own-ids.ts';
import type { Cancel } from './socket.ts';
import { UnreadMessages } from './unread-messages.ts';

/** Most messages that wait to be read. */
export const UNREAD_MAX = 10_000;
/** Longest time for which messages without a receipt delay a leave, ms. */
export const LEAVE_FLUSH_MS = 3_000;
/** Wait before the passphrase is sent again when the gateway did not answer, ms. */
const ENTER_RETRY_MS = 5_000;
const ID_BYTES = 12;

/** The place in the log where another connection continues. */
export interface ResumePoint {
  session: string;
  epoch: string;
  after: number;
}

export interface ConnectOptions {
  /** Precedes each text, as `<Ana> hola`, and appears in the list of people. */
  nickname?: string | undefined;
  passphrase?: string | undefined;
  /** Begins with the recent messages of the log. By default the first message is one that follows the welcome. */
  history?: boolean | undefined;
  /** The `resumePoint` of an earlier room, for a program that was restarted. */
  resume?: ResumePoint | undefined;
  /** Leaves the room when it aborts. */
  signal?: AbortSignal | undefined;
  /** Node before version 22 has no WebSocket of its own. */
  WebSocket?: WebSocketClass | undefined;
}

export interface Message extends Entry {
  /** The text after the nickname. */
  text: string;
  nickname?: string;
  /** This program sent it. */
  isOwn: boolean;
}

/**
 * `heard`: the room has the message. `unconfirmed`: it may have it. `failed`: it was not sent. The reason `full` means that
 * 500 messages wait already.
 */
export type Receipt =
  | { state: 'heard'; seq?: number }
  | { state: 'unconfirmed' }
  | { state: 'failed'; reason: FailReason | 'full' };

/**
 * Joins a room. Until the gateway answers it retries. Rejects if the room needs a passphrase or refuses this one, and
 * when the signal aborts.
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Room> {
  const room = new Room(url, options);
  await room.joined;
  return room;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** A loop over a room reads its messages until the program has left. Two loops share them. */
export class Room implements AsyncIterable<Message> {
  /** Rejects if the program leaves before the gateway answers. */
  readonly joined: Promise<void>;
  readonly #options: ConnectOptions;
  readonly #gateway: GatewayLink;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #ids = new OwnIds();
  readonly #unread = new UnreadMessages<Message>(UNREAD_MAX);
  /** Senders that wait for a receipt, by the id of the message. */
  readonly #senders = new Map<string, (receipt: Receipt) => void>();
  readonly #ended: Promise<void>;
  #settleJoined: (error?: Error) => void = () => {};
  #onEnded: () => void = () => {};
  #state: 'joining' | 'here' | 'leaving' | 'ended' = 'joining';
  #session: string | undefined;
  #epoch: string | undefined;
  /** Number of the newest entry that was delivered or skipped. */
  #last = 0;
  #you: string | null = null;
  #limits: Limits | undefined;
  /** The newest id of a message. */
  #newestId = '';
  /** The gateway has not accepted the token yet. */
  #isTokenNew = false;
  #cancelTimer: Cancel = () => {};

  constructor(url: string | URL, options: ConnectOptions) {
    const { nickname = '', resume, signal } = options;
    if (nickname !== '' && !isNickname(nickname)) throw new Error(`connect: bad nickname: ${nickname}`);
    this.#options = options;
    this.#gateway = new GatewayLink(new URL(url), options.WebSocket);
    this.#session = resume?.session;
    this.#epoch = resume?.epoch;
    this.#last = resume?.after ?? 0;
    this.joined = new Promise((resolve, reject) => {
      this.#settleJoined = (error) => (error ? reject(error) : resolve());
    });
    this.joined.catch(() => {}); // connect() takes the error.
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#outbox = new Outbox({
      newId: () => this.#createId(),
      send: (id, text) => this.#connection.send({ type: 'say', id, text }),
    });
    this.#connection = this.#createConnection();
    signal?.addEventListener('abort', () => void this.leave(), { once: true });
    this.#connection.open();
    if (signal?.aborted) void this.leave();
  }

  /** Address in the room, `IP:PORT`; null while the gateway has no connection to the room. */
  get you(): string | null {
    return this.#you;
  }

  /** Undefined before the gateway has answered. */
  get resumePoint(): ResumePoint | undefined {
    if (this.#session === undefined || this.#epoch === undefined) return undefined;
    return { session: this.#session, epoch: this.#epoch, after: this.#last };
  }

  /** Sends a message, also later if the connection is lost now. Line ends become spaces. Never rejects. */
  send(text: string): Promise<Receipt> {
    const { nickname = '' } = this.#options;
    return new Promise((resolve) => {
      if (this.#state === 'leaving' || this.#state === 'ended') resolve({ state: 'failed', reason: 'left' });
      else if (!this.#outbox.add(nickname === '' ? text : `<${nickname}> ${text}`, Date.now()))
        resolve({ state: 'failed', reason: 'full' });
      else {
        this.#senders.set(this.#newestId, resolve);
        this.#sendReceipts();
      }
    });
  }

  /** Leaves once the room has the messages, or after LEAVE_FLUSH_MS. Resolves when the connection is closed. */
  async leave(): Promise<void> {
    if (this.#state === 'joining' || this.#state === 'here') {
      const mayFlush = this.#state === 'here' && this.#senders.size > 0;
      this.#state = 'leaving';
      this.#cancelTimer();
      if (mayFlush) this.#cancelTimer = startTimer(LEAVE_FLUSH_MS, () => this.#leaveNow());
      else this.#leaveNow();
    }
    await this.#ended;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return this.#unread.read();
  }

  #createConnection(): Connection {
    return new Connection(
      {
        createSocket: (listener) => this.#gateway.openSocket(listener),
        startTimer,
        now: () => performance.now(),
        random: Math.random,
      },
      {
        hello: () => ({
          type: 'hello',
          ...(this.#session !== undefined && { session: this.#session }),
          ...(this.#epoch !== undefined && { epoch: this.#epoch, after: this.#last }),
        }),
        onMessage: (message) => this.#onMessage(message),
        onLost: (code) => this.#onLost(code),
      },
    );
  }

  #onMessage(message: ServerMessage): void {
    if (message.type === 'welcome') this.#onWelcome(message);
    if (message.type === 'messages') for (const entry of message.messages) this.#onEntry(entry);
    if (message.type === 'receipt') this.#onReceipt(message);
    if (message.type === 'room') this.#setAddress(message.state === 'open' ? message.you : null);
    this.#sendReceipts();
  }

  #onWelcome(welcome: Welcome): void {
    if (welcome.epoch !== this.#epoch) {
      this.#outbox.onNewLog();
      this.#last = this.#options.history ? welcome.after : welcome.head;
    }
    this.#session = welcome.session;
    this.#epoch = welcome.epoch;
    this.#limits = welcome.limits;
    this.#ids.add(welcome.me);
    if (welcome.resumed) this.#outbox.resume();
    else this.#outbox.onNewSession();
    if (this.#options.nickname) this.#connection.send({ type: 'name', name: this.#options.nickname });
    this.#setAddress(welcome.you);
    if (this.#state === 'joining') this.#state = 'here';
    this.#isTokenNew = false;
    this.#settleJoined();
  }

  #onEntry(entry: Entry): void {
    if (this.#ids.owns(entry)) this.#outbox.confirmFromLog(entry);
    if (entry.seq <= this.#last) return;
    this.#last = entry.seq;
    // Only the first part of a long message holds the nickname.
    const { nickname, text }: Named =
      entry.continues === undefined ? parseNickname(entry.text) : { nickname: undefined, text: entry.text };
    this.#unread.add({
      ...entry,
      text,
      ...(nickname !== undefined && { nickname }),
      isOwn: this.#ids.owns(entry),
    });
  }

  #onReceipt(receipt: Extract<ServerMessage, { type: 'receipt' }>): void {
    const sender = this.#senders.get(receipt.id);
    this.#newestId = receipt.id;
    this.#outbox.onReceipt(receipt);
    // A message that a closing gateway did not send waits under another id.
    if (sender && this.#newestId !== receipt.id) {
      this.#senders.delete(receipt.id);
      this.#senders.set(this.#newestId, sender);
    }
  }

  #setAddress(you: string | null): void {
    this.#you = you;
    if (you === null || this.#limits === undefined) this.#outbox.close();
    else this.#outbox.open(this.#limits);
  }

  #onLost(code: number): void {
    this.#you = null;
    this.#outbox.close();
    if (this.#state === 'leaving' || code === CLOSE.left) this.#end();
    else if (code === CLOSE.locked) void this.#enter();
    else if (code === CLOSE.replaced) {
      this.#session = undefined;
      this.#outbox.onSessionTaken();
    }
    this.#sendReceipts();
  }

  async #enter(): Promise<void> {
    const { passphrase } = this.#options;
    if (passphrase === undefined) return this.#end(new Error('connect: the room needs a passphrase'));
    if (this.#isTokenNew) return this.#end(new Error('connect: the gateway refuses its own token'));
    const answer = await this.#gateway.enter(passphrase);
    if (this.#state === 'ended') return;
    if (answer === 'refused') this.#end(new Error('connect: the passphrase is wrong'));
    else if (answer === 'entered') {
      this.#isTokenNew = true;
      this.#connection.open();
    } else this.#cancelTimer = startTimer(ENTER_RETRY_MS, () => void this.#enter());
  }

  /** Reports messages with a final state to their senders, and leaves after the last one. */
  #sendReceipts(): void {
    if (this.#senders.size === 0) return;
    const messages = new Map(this.#outbox.messages.map((message) => [message.id, message]));
    for (const [id, resolve] of this.#senders) {
      const receipt = receiptOf(messages.get(id));
      if (!receipt) continue;
      this.#senders.delete(id);
      this.#outbox.discard(id);
      resolve(receipt);
    }
    if (this.#state === 'leaving' && this.#senders.size === 0) this.#leaveNow();
  }

  #leaveNow(): void {
    this.#cancelTimer();
    this.#connection.leave();
  }

  #end(error?: Error): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelTimer();
    this.#outbox.onNewSession();
    this.#sendReceipts();
    for (const resolve of this.#senders.values()) resolve({ state: 'failed', reason: 'left' });
    this.#senders.clear();
    const { signal } = this.#options;
    const reason = signal?.aborted ? signal.reason : new Error('connect: left before the gateway answered');
    this.#settleJoined(error ?? reason);
    this.#unread.end(error);
    this.#onEnded();
  }

  #createId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
    this.#newestId = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return this.#newestId;
  }
}

function startTimer(ms: number, then: () => void): Cancel {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

/** Returns undefined while the message waits. The log has confirmed a message that left the outbox. */
function receiptOf(message: OutgoingMessage | undefined): Receipt | undefined {
  if (message === undefined) return { state: 'heard' };
  if (message.state === 'failed') return { state: 'failed', reason: message.reason };
  if (message.state === 'unconfirmed') return { state: 'unconfirmed' };
  if (message.state === 'heard')
    return { state: 'heard', ...(message.seq !== undefined && { seq: message.seq }) };
  return undefined;
}
