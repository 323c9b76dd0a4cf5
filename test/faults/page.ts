/**
 * A tab without its elements: the page's own state with real sockets, and a record of what it showed.
 */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { STABLE_AFTER_MS } from '../../connection/connection.ts';
import type { OutgoingMessage } from '../../connection/outbox.ts';
import type { Socket, SocketListener } from '../../connection/socket.ts';
import { type ClientMessage, type Entry, type ServerMessage, SUBPROTOCOL } from '../../gateway/protocol.ts';
import { ChatClient } from '../../web/client/chat-client.ts';
import type { Store } from '../../web/client/effects.ts';
import type { LogItem } from '../../web/timeline/log-segment.ts';

/** Factor by which the page's long timers (silence, back-off) are shortened, unless they are measured. */
export const TIME_FACTOR = 10;

/** Entries between two records of the shown items, because a page keeps some hundred messages. */
const LOOK_EVERY_ENTRIES = 50;

const MARKER = /fence (\d+ \d+)!/g;

export class MemoryStore implements Store {
  #value: string | null = null;
  read = (): string | null => this.#value;
  write = (value: string): void => {
    this.#value = value;
  };
}

/** A confirmation by the gateway: the log has this text under this number. */
export interface HeardReceipt {
  text: string;
  seq: number;
}

export class HeadlessPage {
  readonly name: string;
  readonly client: ChatClient;
  readonly store: MemoryStore;
  /** Entries that the page appended to its log, by number. */
  readonly appended = new Map<number, Entry>();
  /** Items that it was seen to show, by number, in their last state. */
  readonly shown = new Map<number, LogItem>();
  /** Time at which each of its messages was sent, ms since 1970. */
  readonly sentAt = new Map<string, number>();
  /** Numbers of the markers it has received. */
  readonly markers = new Map<string, number>();
  readonly heard: HeardReceipt[] = [];
  /** Violations of what must never happen. */
  readonly complaints: string[] = [];
  /** The newest and the oldest number in the log at its first welcome. */
  welcome: { head: number; tail: number } | undefined;
  connections = 0;
  /** For each reconnect, the time from the old connection's last frame to the new one's welcome, ms. */
  readonly movesMs: number[] = [];
  /** Called for each entry on its arrival in the log. */
  onEntry: (entry: Entry) => void = () => {};
  readonly #port: number;
  readonly #texts = new Map<string, string>();
  readonly #sockets = new Set<WebSocket>();
  #looked = 0;
  #isGone = false;
  /** Time of the last frame of a connection with a welcome. */
  #connectedAt: number | undefined;
  #welcomeAt = Number.POSITIVE_INFINITY;

  constructor(
    name: string,
    port: number,
    random: () => number,
    store = new MemoryStore(),
    timeFactor = TIME_FACTOR,
  ) {
    this.name = name;
    this.store = store;
    this.#port = port;
    this.client = new ChatClient({
      createSocket: (events) => this.#createSocket(events),
      startTimer: (ms, then) => {
        const timer = setTimeout(() => this.#isGone || then(), ms / timeFactor);
        return () => clearTimeout(timer);
      },
      now: () => performance.now() * timeFactor,
      random,
      postCode: async () => 204,
      hasToken: () => false,
      isBlocked: async () => false,
      fetchJson: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).json(),
      newId: () => randomBytes(12).toString('hex'),
      wallClockMs: () => Date.now(),
      store,
      personStore: new MemoryStore(),
      changed: () => this.#changed(),
      onArrival: () => {},
      warn: (text) => this.complaints.push(text),
    });
    const { history } = this.client.timeline;
    const hear = history.append.bind(history);
    history.append = (entry) => {
      const isNew = hear(entry);
      if (isNew) this.#take(entry);
      return isNew;
    };
  }

  get isHere(): boolean {
    return this.client.status.name === 'here';
  }

  /** The next loss of its connection is followed by the shortest backoff. */
  get isStable(): boolean {
    return performance.now() - this.#welcomeAt > STABLE_AFTER_MS;
  }

  get hasLeft(): boolean {
    return this.client.status.name === 'left' && this.#sockets.size === 0;
  }

  get address(): string | undefined {
    const { status } = this.client;
    return status.name === 'here' ? status.you : undefined;
  }

  send(text: string): void {
    this.sentAt.set(text, Date.now());
    if (this.client.send(text) !== '') this.complaints.push(`no place for ${text}`);
  }

  /** Messages shown below the log: in flight, unconfirmed, or failed. */
  get pending(): OutgoingMessage[] {
    return this.client.timeline.rows.flatMap((line) => (line.kind === 'outgoing' ? [line.outgoing] : []));
  }

  /** Records the items that are shown now. */
  recordShown(): void {
    let before = 0;
    for (const item of this.client.timeline.history.items) {
      if (item.seq <= before) this.complaints.push(`${item.seq} is shown after ${before}`);
      before = item.seq;
      this.shown.set(item.seq, item);
    }
    this.#looked = this.client.timeline.history.last;
  }

  /** Drops the records up to that number, after their comparison. */
  forget(upTo: number): void {
    for (const memory of [this.appended, this.shown]) {
      for (const seq of memory.keys()) if (seq <= upTo) memory.delete(seq);
    }
  }

  /** Closes the tab, or reloads it with the same store. */
  close(): void {
    this.client.suspend();
    this.#isGone = true;
  }

  /** Loses the device, without a close. */
  vanish(): void {
    this.#isGone = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  #take(entry: Entry): void {
    if (this.appended.has(entry.seq)) this.complaints.push(`${entry.seq} was taken twice`);
    this.appended.set(entry.seq, entry);
    this.onEntry(entry);
  }

  #changed(): void {
    // An event during the constructor finds no client yet.
    if (this.client === undefined || this.client.timeline.history.last < this.#looked + LOOK_EVERY_ENTRIES)
      return;
    this.recordShown();
  }

  #createSocket(events: SocketListener): Socket {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/ws`, SUBPROTOCOL);
    this.connections++;
    /** The newest number at its hello, and then the newest received. */
    let last = 0;
    let isWelcome = false;
    this.#sockets.add(socket);
    socket.on('open', () => events.onOpen());
    socket.on('message', (data) => {
      const frame = String(data);
      const message = JSON.parse(frame) as ServerMessage;
      last = this.#witness(message, last);
      if (message.type === 'welcome') {
        this.#recordMove();
        isWelcome = true;
      }
      if (isWelcome) this.#connectedAt = performance.now();
      events.onMessage(frame);
    });
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      events.onClose(code);
    });
    socket.on('error', () => {});
    return {
      send: (frame) => {
        const message = JSON.parse(frame) as ClientMessage;
        if (message.type === 'hello') last = message.after ?? 0;
        if (message.type === 'say') this.#texts.set(message.id, message.text);
        socket.send(frame);
      },
      close: () => socket.close(),
    };
  }

  #recordMove(): void {
    this.#welcomeAt = performance.now();
    if (this.#connectedAt !== undefined) this.movesMs.push(performance.now() - this.#connectedAt);
  }

  /** Records a message and returns the newest number received. */
  #witness(message: ServerMessage, last: number): number {
    let newest = last;
    if (message.type === 'welcome') this.welcome ??= { head: message.head, tail: message.tail };
    if (message.type === 'receipt' && message.state === 'heard') {
      this.heard.push({ text: this.#texts.get(message.id) ?? '', seq: message.seq ?? 0 });
    }
    if (message.type !== 'messages') return newest;
    for (const { seq, text } of message.messages) {
      if (seq <= newest) this.complaints.push(`the gateway sent ${seq} after ${newest}`);
      newest = seq;
      for (const [, marker = ''] of text.matchAll(MARKER)) this.markers.set(marker, seq);
    }
    return newest;
  }
}
