import type { Cancel, ConnectionEffects, Socket, SocketListener } from '../../connection/socket.ts';
import type { ClientMessage, Entry, ServerMessage } from '../../gateway/protocol.ts';
import { UnauthorizedError } from '../../web/timeline/history-api.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** A clock that a test advances. */
export class ManualClock {
  now = 0;
  #waits: { at: number; then: () => void }[] = [];

  startTimer = (ms: number, then: () => void): Cancel => {
    const wait = { at: this.now + ms, then };
    this.#waits.push(wait);
    return () => this.#remove(wait);
  };

  pass(ms: number): void {
    const end = this.now + ms;
    for (let due = this.#nextBefore(end); due; due = this.#nextBefore(end)) {
      this.now = due.at;
      this.#remove(due);
      due.then();
    }
    this.now = end;
  }

  #nextBefore(end: number) {
    return this.#waits.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  #remove(wait: unknown): void {
    this.#waits = this.#waits.filter((other) => other !== wait);
  }
}

/** The gateway's end of a socket. */
export class FakeSocket implements Socket {
  readonly sent: ClientMessage[] = [];
  isClosed = false;
  readonly #page: SocketListener;

  constructor(page: SocketListener) {
    this.#page = page;
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.#page.onOpen();
  }

  receive(message: ServerMessage): void {
    this.#page.onMessage(JSON.stringify(message));
  }

  receiveRaw(data: unknown): void {
    this.#page.onMessage(data);
  }

  closeWith(code: number): void {
    this.#page.onClose(code);
  }

  welcome(fields: Partial<Welcome> = {}): void {
    this.open();
    this.receive(welcome(fields));
  }

  sentOfType<Type extends ClientMessage['type']>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.sent.filter((message) => message.type === type) as never[];
  }
}

export class FakeNetwork {
  readonly clock = new ManualClock();
  readonly sockets: FakeSocket[] = [];
  /** The next random values, from 0 to 1. */
  randomValue = 0.5;

  readonly effects: ConnectionEffects = {
    createSocket: (events) => {
      const socket = new FakeSocket(events);
      this.sockets.push(socket);
      return socket;
    },
    startTimer: this.clock.startTimer,
    now: () => this.clock.now,
    random: () => this.randomValue,
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('wait for a socket: none was opened');
    return socket;
  }
}

/** The gateway's `/api/messages`. */
export class FakeHistoryApi {
  epoch = 'epoch-1';
  revision = 0;
  entries: Entry[] = [];
  fails = false;
  /** The search index contains all messages. */
  isIndexed = true;
  /** It refuses requests without a passphrase. */
  isLocked = false;
  readonly requests: string[] = [];
  /** While it is slow, a test releases answers from `pendingAnswers` in any order. */
  isSlow = false;
  readonly pendingAnswers: (() => void)[] = [];

  /** Keeps the entries from `tail` to `head`. */
  keep(head: number, tail = 1): this {
    this.entries = Array.from({ length: head - tail + 1 }, (_, i) => entry(tail + i, `m${tail + i}`));
    return this;
  }

  readonly fetchJson = async (path: string): Promise<unknown> => {
    this.requests.push(path.split('?')[1] ?? '');
    const answer = this.#answer(new URL(path, 'http://gateway').searchParams);
    if (this.isSlow) await new Promise<void>((resolve) => this.pendingAnswers.push(resolve));
    if (this.isLocked) throw new UnauthorizedError('401');
    if (this.fails) throw new Error('503');
    return answer;
  };

  #answer(query: URLSearchParams) {
    const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
    const after = Number(query.get('after') ?? 0);
    const limit = Number(query.get('limit'));
    const word = query.get('q') ?? '';
    const all = this.entries.filter(({ seq, text }) => seq < before && seq > after && text.startsWith(word));
    const messages = query.has('after') ? all.slice(0, limit) : all.slice(-limit);
    const { epoch, entries, revision, isIndexed: isComplete } = this;
    const head = entries.at(-1)?.seq ?? 0;
    return {
      epoch,
      revision,
      head,
      tail: entries[0]?.seq ?? 1,
      messages,
      more: messages.length < all.length,
      isComplete,
    };
  }
}

/** Resolves once all given answers were processed. */
export async function answersProcessed(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export const YOU = '127.0.0.1:40000';
export const ME = 'me-1';
export const ANA = '192.168.1.20:50412';
export const LIMITS = { textBytes: 4096, openSays: 2 };

export function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    type: 'welcome',
    session: 'session-1',
    epoch: 'epoch-1',
    me: ME,
    you: YOU,
    head: 0,
    tail: 1,
    after: 0,
    recovered: true,
    resumed: false,
    limits: LIMITS,
    ...fields,
  };
}

/** An entry of this page: a whole message, or a chunk with `left` chunks to follow. */
export function ownEntry(
  seq: number,
  text: string,
  id: string,
  fields: Partial<Entry> = {},
  left = 0,
): Entry {
  return entry(seq, text, { from: YOU, said: { by: ME, id, left }, ...fields });
}

export function entry(seq: number, text: string, fields: Partial<Entry> = {}): Entry {
  return { seq, at: seq * 1000, from: ANA, text, ...fields };
}
