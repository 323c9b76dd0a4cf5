/** Searches the messages of the transcript, newest first, in slices between which other work is done. */
import type { Entry } from '../protocol.ts';
import type { Audience, HiddenMessages } from './hidden-messages.ts';
import type { Indexer } from './indexer.ts';
import { MESSAGE_PIECES } from './search-index.ts';
import type { SqliteStore } from './sqlite-store.ts';
import type { EntryRange, WriteBuffer } from './write-buffer.ts';

/** How long a search waits for messages that are not in the index yet, ms. */
const INDEX_WAIT_MS = 100;

/** Messages that a search reads from disk in one slice of work. */
const SLICE_MESSAGES = 10;

/** Most text in one answer to a search, characters, because messages may be long. */
const ANSWER_CHARACTERS = 1024 * 1024;

/** A range of the transcript, and its reader. */
export interface TranscriptQuery extends EntryRange {
  /** Without it, a read is for guests. */
  audience?: Audience;
}

export interface SearchResult {
  /** JSON of messages, each joined with its continuations, oldest first. */
  messages: string[];
  /** There are older matches. */
  more: boolean;
  /** True if all messages were in the index. */
  isComplete: boolean;
}

export class TranscriptSearch {
  readonly #store: SqliteStore;
  readonly #writes: WriteBuffer;
  readonly #indexer: Indexer;
  readonly #hidden: HiddenMessages;

  constructor(store: SqliteStore, writes: WriteBuffer, indexer: Indexer, hidden: HiddenMessages) {
    this.#store = store;
    this.#writes = writes;
    this.#indexer = indexer;
    this.#hidden = hidden;
  }

  /** Returns the newest matching messages, without hidden ones for guests. Each slice of work, a fraction of a ms, waits for `slice`. */
  async find(
    text: string,
    { after = 0, before = Number.MAX_SAFE_INTEGER, limit, audience = 'guests' }: TranscriptQuery,
    slice: () => Promise<void>,
  ): Promise<SearchResult> {
    const isComplete = await this.#completeIndex(slice);
    const { index } = this.#store;
    const messages: string[] = [];
    let characters = 0;
    let read = 0;
    for (const part of index.partsBetween(after, before)) {
      await slice();
      const oldest = Math.max(after, (this.#store.tail ?? before) - 1);
      // Hidden matches leave room for as many others.
      const most = limit + 1 - messages.length + this.#hidden.count;
      for (const seq of index.find(part, text, oldest, before, most)) {
        if (audience === 'guests' && this.#hidden.has(seq)) continue;
        if (messages.length === limit || characters > ANSWER_CHARACTERS)
          return { messages: messages.reverse(), more: true, isComplete };
        if (read++ % SLICE_MESSAGES === 0) await slice();
        const message = this.#messageFrom(seq, audience);
        if (message === undefined) continue;
        characters += message.length;
        messages.push(message);
      }
    }
    return { messages: messages.reverse(), more: false, isComplete };
  }

  /** Indexes the newest entries. Returns false if some are missing after INDEX_WAIT_MS. */
  async #completeIndex(slice: () => Promise<void>): Promise<boolean> {
    this.#writes.flush();
    const { index } = this.#store;
    const indexBy = performance.now() + INDEX_WAIT_MS;
    while (!index.isComplete && performance.now() < indexBy) {
      await slice();
      if (!this.#indexer.advance()) break;
    }
    return this.#writes.length === 0 && index.isComplete;
  }

  /** Returns the JSON of an entry, joined with its continuations. */
  #messageFrom(seq: number, audience: Audience): string | undefined {
    const [row] = this.#store.after(seq - 1, 1, seq + 1);
    if (row === undefined) return undefined;
    const json = this.#hidden.view(row, audience);
    const entry = JSON.parse(json) as Entry;
    const root = entry.forged ? seq : (entry.continues ?? seq);
    const pieces = this.#store.piecesOf(root, seq, Number.MAX_SAFE_INTEGER, MESSAGE_PIECES);
    if (pieces.length === 0) return json;
    const texts = pieces
      .map((piece) => JSON.parse(this.#hidden.view(piece, audience)) as Entry)
      .filter(({ forged }) => !forged);
    return JSON.stringify({ ...entry, text: [entry, ...texts].map(({ text }) => text).join('') });
  }
}
