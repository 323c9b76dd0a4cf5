/**
 * The numbered log of the room. Entries are appended at the head and never change.
 *
 *     append ---> ring (memory) -----------------------------------> batch: for readers near the head
 *             `-> unwritten --- within 100 ms ---> store (disk) ---> batch: for readers further back
 *
 * Hosts hide messages. Each read gives a hidden entry without its text, unless it is for hosts.
 *
 * `seq` has no holes, except in two cases. A killed process may have assigned seqs that it had not written, so the
 * next process begins after them, with a gap entry. While the disk fails, entries wait in memory, and an entry that
 * leaves the ring meanwhile never reaches the disk.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, ClockTrust, systemClock } from '../lib/clock.ts';
import type { Entry } from '../protocol.ts';
import { type Audience, HiddenMessages } from './hidden-messages.ts';
import type { ModerationStore } from './moderation-store.ts';
import { type Batch, batchOf, RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
import { MESSAGE_PIECES } from './search-index.ts';
import type { Row, SharedProgress, SqliteStore } from './sqlite-store.ts';

/** A kill may lose 100 ms, also on a busy machine, where timers are late. */
const FLUSH_EVERY_MS = 50;

/** This many unwritten entries are written at once. They are fewer than the reserved seqs, and take some ms. */
const FLUSH_AT_ENTRIES = 500;

/** How often old entries are pruned, ms. */
const PRUNE_EVERY_MS = 60_000;

/** How precisely the disk shows when a killed process last heard a silent room, ms. */
const HEARD_UNTIL_EVERY_MS = 10_000;

/** How soon a failed write is retried, ms. */
const RETRY_AFTER_MS = 1_000;

/** Largest batch from the store, entries. */
const STORE_BATCH = 200;

export type NewEntry = Omit<Entry, 'seq'>;

export interface TranscriptListener {
  /** A write failed. It is retried. */
  onWriteError(error: Error): void;
  /** The disk begins to fail with `error`, or works again. */
  onDiskChanged(error: Error | undefined): void;
  /** The log continues under another epoch, which connected subscribers do not know. It keeps entries up to `kept`. */
  onNewEpoch(kept: number): void;
}

/** Pause of the index after each slice of work, ms, so that it takes a third of a core at most. */
const INDEX_PAUSE_MS = 3;

/** How long new entries wait for the index, ms. A long message is then complete, and is indexed once. Searches do not wait. */
const INDEX_DELAY_MS = 1_000;

/** How long a search waits for messages that are not in the index yet, ms. */
const INDEX_WAIT_MS = 100;

/** Messages that a search reads from disk in one slice of work. */
const SLICE_MESSAGES = 20;

/** Most text in one answer to a search, characters, because messages may be long. */
const ANSWER_CHARACTERS = 1024 * 1024;

/** Selects entries after and before these seqs. */
export interface TranscriptQuery extends ForAudience {
  after?: number;
  before?: number;
  limit: number;
}

export interface SearchResult {
  /** JSON of messages, each joined with its continuations, oldest first. */
  messages: string[];
  /** There are older matches. */
  more: boolean;
  /** True if all messages were in the index. */
  isComplete: boolean;
}

/** The reader. Without it, a read is for guests. */
export interface ForAudience {
  audience?: Audience;
}

export class Transcript {
  readonly #store: SqliteStore;
  readonly #listener: TranscriptListener;
  readonly #ringOptions: RingBufferOptions;
  #ring: RingBuffer;
  readonly #hidden = new HiddenMessages();
  readonly #clock: Clock;
  readonly #trust: ClockTrust;
  readonly #chores: NodeJS.Timeout[];
  /** Time of the newest entry. */
  #lastAt: number;
  #epoch: string;
  #unwritten: Row[] = [];
  #afterFlush: ((kept: boolean) => void)[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  #indexTimer: NodeJS.Timeout | undefined;
  /** The error of the last write, undefined while the disk works. */
  #diskError: Error | undefined;
  /** Seq of the newest entry that is a gap or never reached the disk, 0 if there is none. */
  #lastGap: number;
  /** When the room was last heard, ms since 1970; undefined while it is heard. */
  #unheardSince: number | undefined;
  /** Set if this is a copy of a log that several gateways share. */
  #shared: SharedProgress | undefined;

  constructor(
    store: SqliteStore,
    ring: RingBufferOptions,
    listener: TranscriptListener,
    clock: Clock = systemClock,
    isShared = false,
  ) {
    const { previousRun } = store;
    if (isShared) this.#shared = previousRun.shared ?? { sequence: 0, id: '', epoch: '', head: 0 };
    this.#store = store;
    this.#clock = clock;
    this.#trust = new ClockTrust(clock, store.previousRun.trustedAt);
    this.#lastAt = store.previousRun.lastAt;
    this.#listener = listener;
    this.#epoch = store.previousRun.epoch;
    this.#ringOptions = ring;
    const { head = previousRun.head } = this.#shared ?? {};
    this.#ring = new RingBuffer(ring, this.#shared ? Math.max(previousRun.lastSeq, head) : head);
    this.#lastGap = store.previousRun.lastGap;
    if (this.head > 0 && !isShared) this.#unheardSince = store.previousRun.heardUntil || undefined;
    for (const { root, isHidden } of store.moderation.marks) if (isHidden) this.hide(root);
    this.#chores = [
      setInterval(() => this.#prune(), PRUNE_EVERY_MS),
      setInterval(() => this.#writeSome(), HEARD_UNTIL_EVERY_MS),
    ];
    setImmediate(() => this.#prune());
    this.#scheduleIndex();
  }

  /** How far this copy has followed the shared log. Undefined: the log is this gateway's own. */
  get shared(): SharedProgress | undefined {
    return this.#shared;
  }

  /** Identifies this log. A `seq` has no meaning in another epoch. */
  get epoch(): string {
    return this.#epoch;
  }

  /** The newest seq, 0 while the log is empty. */
  get head(): number {
    return this.#ring.head;
  }

  /** The oldest seq kept, head + 1 while the log is empty. */
  get tail(): number {
    return this.#store.tail ?? this.#ring.tail;
  }

  /** The time of an entry that is appended now, ms since 1970. It never goes back, even if the clock does. */
  get now(): number {
    return Math.max(this.#clock.wall(), this.#lastAt);
  }

  /** True while the disk works. */
  get keeps(): boolean {
    return this.#diskError === undefined;
  }

  /** Number of entries that are only in memory. */
  get unwritten(): number {
    return this.#unwritten.length;
  }

  /** Keeps the acts of the hosts beside the entries. */
  get moderationStore(): ModerationStore {
    return this.#store.moderation;
  }

  /** Forgets hidden messages that are no longer kept. */
  forgetHidden(): void {
    for (const root of this.#hidden.roots) if (root < this.tail) this.#hidden.delete(root);
  }

  /** Returns the first entry of the message with this entry. Undefined: there is no such message. */
  rootOf(seq: number): number | undefined {
    const [json] = this.find({ after: seq - 1, before: seq + 1, limit: 1 });
    const entry = json === undefined ? undefined : (JSON.parse(json) as Entry);
    return entry === undefined || entry.gap ? undefined : (entry.continues ?? seq);
  }

  isHidden(root: number): boolean {
    return this.#hidden.has(root);
  }

  /** Hides the message that begins with this entry. */
  hide(root: number): void {
    this.flush();
    const unwritten = this.#unwritten.filter(({ json }) => (JSON.parse(json) as Entry).continues === root);
    this.#hidden.add(root, [...this.#store.seqsOf(root), ...unwritten.map(({ seq }) => seq)]);
  }

  /** Returns false if the message was not hidden. */
  show(root: number): boolean {
    return this.#hidden.delete(root);
  }

  /** Returns the entries of a message, or its first ones. */
  entriesOf(root: number): Entry[] {
    const first = this.find({ after: root - 1, before: root + 1, limit: 1 });
    const pieces = this.piecesOf(root, root, this.head + 1, MESSAGE_PIECES);
    return [...first, ...pieces].map((json) => JSON.parse(json) as Entry);
  }

  /** The room has not been heard since `time`, ms since 1970. */
  beginGap(time: number): void {
    this.#unheardSince ??= time;
  }

  /** The room is heard again. Appends a gap entry for messages that may be missing. */
  endGap(): void {
    const since = this.#unheardSince;
    if (since === undefined) return;
    this.#unheardSince = undefined;
    const until = this.now;
    this.append({ at: until, from: '', text: '', gap: { since: Math.min(since, until), until } });
  }

  /** Returns the entry's seq. */
  append(fields: NewEntry): number {
    const entry: Entry = { seq: this.head + 1, ...fields, at: Math.max(fields.at, this.#lastAt) };
    this.#lastAt = entry.at;
    if (entry.seq > this.#store.lease && this.#epoch === this.#store.epoch) this.#beginEpoch();
    this.#keep(entry, JSON.stringify(entry));
    return entry.seq;
  }

  /** Appends entries of the shared log, which end with the record `progress`. Entries that are here already are skipped. */
  appendShared(entries: readonly Entry[], json: readonly string[], progress: SharedProgress): void {
    for (const [index, entry] of entries.entries()) {
      if (entry.seq <= this.head) continue;
      this.#lastAt = Math.max(this.#lastAt, entry.at);
      this.#keep(entry, json[index] as string);
    }
    this.#shared = progress;
  }

  /** Appends entries of an older transcript, with which the shared log begins. Its seqs may have holes. */
  appendImported(entries: readonly { entry: Entry; json: string }[], progress: SharedProgress): void {
    for (const { entry, json } of entries) {
      if (entry.seq <= this.head) continue;
      this.#lastAt = Math.max(this.#lastAt, entry.at);
      if (entry.gap) this.#lastGap = entry.seq;
      this.#hidden.onAppend(entry.seq, entry.continues);
      this.#unwritten.push({ seq: entry.seq, at: entry.at, json });
    }
    this.#shared = progress;
    this.#ring = new RingBuffer(this.#ringOptions, progress.head);
    this.flush();
  }

  /** The shared log begins again under another epoch, after `progress.head`. It has lost the entries after `kept`. */
  restart(kept: number, progress: SharedProgress): void {
    this.#unwritten = [];
    this.#onDisk(() => this.#store.truncate(kept));
    for (const root of this.#hidden.roots) if (root > kept) this.#hidden.delete(root);
    this.#epoch = progress.epoch;
    this.#shared = progress;
    this.#ring = new RingBuffer(this.#ringOptions, progress.head);
    this.#writeSome();
    this.#listener.onNewEpoch(kept);
  }

  #keep(entry: Entry, json: string): void {
    this.#ring.append(json);
    this.#hidden.onAppend(entry.seq, entry.continues);
    this.#unwritten.push({ seq: entry.seq, at: entry.at, json });
    if (entry.gap) this.#lastGap = entry.seq;
    if (!this.keeps) {
      if (entry.seq % FLUSH_AT_ENTRIES === 0) this.#dropOverwritten();
    } else if (this.#unwritten.length >= FLUSH_AT_ENTRIES) this.flush();
    else this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_EVERY_MS);
  }

  /** Returns true if every entry after `seq` is kept and the room was heard without a gap. */
  isCompleteSince(seq: number): boolean {
    const isKnown = seq <= this.head || this.#shared !== undefined;
    return this.#unheardSince === undefined && seq >= this.tail - 1 && isKnown && seq >= this.#lastGap;
  }

  /** Returns the seq before the newest `count` entries. */
  beforeNewest(count: number): number {
    const seq = Math.max(0, this.head - count);
    if (count === 0 || seq + 1 >= this.#ring.tail) return seq;
    const [oldest] = this.#before(this.head + 1, count);
    return oldest ? oldest.seq - 1 : this.head;
  }

  /**
   * Returns the entries after `after`: at most `maxEntries` and about `maxBytes` of JSON, but at least one entry.
   * Returns undefined if there are none.
   */
  batch(
    after: number,
    maxEntries = Number.POSITIVE_INFINITY,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Batch | undefined {
    const batch = this.#batch(after, maxEntries, maxBytes);
    return batch && this.#hidden.split(batch);
  }

  #batch(after: number, maxEntries: number, maxBytes: number): Batch | undefined {
    if (after + 1 >= this.#ring.tail) return this.#ring.batch(after, maxEntries, maxBytes);
    // Large entries may have left the ring before they were written.
    if ((this.#unwritten[0]?.seq ?? Number.POSITIVE_INFINITY) < this.#ring.tail) this.flush();
    // Rows beyond the bytes are read for nothing, so the average size of a row limits their number.
    const expected = Math.ceil(maxBytes / this.#store.averageBytes) + 1;
    const rows = this.#store.after(after, Math.min(maxEntries, STORE_BATCH, expected));
    let characters = 0;
    const fitting = rows.filter(({ json }, index) => {
      characters += json.length;
      return index === 0 || characters <= maxBytes;
    });
    const last = fitting.at(-1)?.seq;
    if (last === undefined) return this.#ring.batch(after, maxEntries, maxBytes);
    return batchOf(after, last, fitting.map(jsonOf));
  }

  /** Returns the JSON of entries, oldest first: the nearest to `after` if that is given, else to `before`. */
  find({ after, before = this.head + 1, limit, audience = 'guests' }: TranscriptQuery): string[] {
    const rows = after === undefined ? this.#before(before, limit) : this.#after(after, before, limit);
    return rows.map((row) => this.#hidden.view(row, audience));
  }

  /** Returns the newest matching messages, without hidden ones for guests. Each slice of about 1 ms of work waits for `slice`. */
  async search(
    text: string,
    { after = 0, before = this.head + 1, limit, audience = 'guests' }: TranscriptQuery,
    slice: () => Promise<void>,
  ): Promise<SearchResult> {
    this.flush();
    const { index } = this.#store;
    const indexBy = performance.now() + INDEX_WAIT_MS;
    while (!index.isComplete && performance.now() < indexBy) {
      await slice();
      if (!this.#advanceIndex()) break;
    }
    const isComplete = this.#unwritten.length === 0 && index.isComplete;
    const messages: string[] = [];
    let characters = 0;
    let read = 0;
    for (const part of index.partsBetween(after, before)) {
      await slice();
      const oldest = Math.max(after, this.tail - 1);
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

  /** Returns the JSON of an entry, joined with its continuations. */
  #messageFrom(seq: number, audience: Audience): string | undefined {
    const [json] = this.#store.after(seq - 1, 1, seq + 1).map((row) => this.#hidden.view(row, audience));
    if (json === undefined) return undefined;
    const entry = JSON.parse(json) as Entry;
    const root = entry.forged ? seq : (entry.continues ?? seq);
    const pieces = this.piecesOf(root, seq, this.head + 1, MESSAGE_PIECES, audience);
    if (pieces.length === 0) return json;
    const texts = pieces.map((piece) => JSON.parse(piece) as Entry).filter(({ forged }) => !forged);
    return JSON.stringify({ ...entry, text: [entry, ...texts].map(({ text }) => text).join('') });
  }

  /** The newest seq on disk. */
  get written(): number {
    return (this.#unwritten[0]?.seq ?? this.head + 1) - 1;
  }

  /** Returns the JSON of the continuations of the entry `root`, oldest first. */
  piecesOf(
    root: number,
    after: number,
    before: number,
    limit: number,
    audience: Audience = 'guests',
  ): string[] {
    return this.#store.piecesOf(root, after, before, limit).map((row) => this.#hidden.view(row, audience));
  }

  /** Returns the seqs from `first` to `last` of entries with continuations. */
  continuedBetween(first: number, last: number): Set<number> {
    return new Set(this.#store.continuedBetween(first, last));
  }

  /** Returns the newest entries before a seq, oldest first. */
  #before(seq: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    const unwritten = this.#unwritten.filter((row) => row.seq < seq).slice(-limit);
    const missing = limit - unwritten.length;
    if (missing === 0) return unwritten;
    return [...this.#store.before(unwritten[0]?.seq ?? seq, missing).reverse(), ...unwritten];
  }

  /** Returns the oldest entries between two seqs. */
  #after(seq: number, before: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    const rows = this.#store.after(seq, limit, before);
    const unwritten = this.#unwritten.filter((row) => row.seq > seq && row.seq < before);
    return [...rows, ...unwritten.slice(0, limit - rows.length)];
  }

  /** Calls back with true when everything appended so far is on disk, or with false if the disk fails. */
  afterFlush(callback: (kept: boolean) => void): void {
    // The shared log keeps its entries.
    if (this.#unwritten.length === 0 || this.#shared) callback(true);
    else if (!this.keeps) callback(false);
    else this.#afterFlush.push(callback);
  }

  /** Writes the unwritten entries, unless the disk fails: then only the next retry writes. */
  flush(): void {
    while (this.keeps && this.#unwritten.length > 0) this.#writeSome();
  }

  /** Writes in steps, because many entries may wait after a failure of the disk. */
  #writeSome(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const rows = this.#unwritten.slice(0, FLUSH_AT_ENTRIES);
    try {
      this.#trust.look();
      this.#store.write(rows, {
        epoch: this.#epoch,
        lastGap: this.#lastGap,
        heardUntil: this.#heardUntil,
        trustedAt: this.#trust.trustedAt,
        // The record is followed when all its entries are written.
        ...(this.#shared && rows.length === this.#unwritten.length && { shared: this.#shared }),
      });
      this.#unwritten = this.#unwritten.slice(rows.length);
      this.#setDiskError(undefined);
      if (this.#unwritten.length > 0) this.#flushTimer = setTimeout(() => this.#writeSome());
      else this.#callAfterFlush(true);
      this.#scheduleIndex();
    } catch (error) {
      this.#onDiskError(error as Error);
    }
  }

  #onDiskError(error: Error): void {
    this.#dropOverwritten();
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => this.#writeSome(), RETRY_AFTER_MS);
    this.#listener.onWriteError(error);
    this.#setDiskError(error);
    this.#callAfterFlush(false);
  }

  #setDiskError(error: Error | undefined): void {
    const changed = this.keeps !== (error === undefined);
    this.#diskError = error;
    if (changed) this.#listener.onDiskChanged(error);
  }

  #callAfterFlush(kept: boolean): void {
    for (const callback of this.#afterFlush.splice(0)) callback(kept);
  }

  /** Drops unwritten entries that the ring has overwritten, so that memory stays bounded. */
  #dropOverwritten(): void {
    const dropped = this.#unwritten.filter(({ seq }) => seq < this.#ring.tail);
    this.#unwritten = this.#unwritten.slice(dropped.length);
    this.#lastGap = Math.max(this.#lastGap, dropped.at(-1)?.seq ?? 0);
  }

  /** Seqs beyond the reserved ones could be assigned again after a kill. In another epoch that is no conflict. */
  #beginEpoch(): void {
    this.#epoch = randomUUID();
    this.#listener.onNewEpoch(this.head);
  }

  /** Lets the index follow the log, some ms of work at a time. */
  #scheduleIndex(pauseMs = INDEX_DELAY_MS): void {
    this.#indexTimer ??= setTimeout(() => {
      this.#indexTimer = undefined;
      if (this.#store.index.isComplete) return;
      this.#scheduleIndex(this.#advanceIndex() ? INDEX_PAUSE_MS : RETRY_AFTER_MS);
    }, pauseMs);
  }

  /** Returns false if the disk fails. No data is lost, because the index is built from written entries. */
  #advanceIndex(): boolean {
    try {
      this.#store.index.advance();
      return true;
    } catch (error) {
      this.#listener.onWriteError(error as Error);
      return false;
    }
  }

  close(): void {
    for (const chore of this.#chores) clearInterval(chore);
    this.#diskError = undefined;
    this.flush();
    // If entries could not be written, the next process must see an unclean end.
    if (this.keeps) this.#onDisk(() => this.#store.finish(this.head, this.#heardUntil));
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#indexTimer);
    this.#store.close();
  }

  /** When the room was last known to be heard, ms since 1970; 0 if there was no earlier process. */
  get heardUntil(): number {
    return this.#store.previousRun.heardUntil;
  }

  get #heardUntil(): number {
    return this.#unheardSince ?? this.#clock.wall();
  }

  /** Evicts all entries that exceed a limit. */
  prune(): void {
    while (this.#onDisk(() => this.#store.prune(this.#trust.look())));
  }

  #prune(): void {
    const more = this.#onDisk(() => this.#store.prune(this.#trust.look()));
    if (more) setImmediate(() => this.#prune());
  }

  #onDisk<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#onDiskError(error as Error);
      return undefined;
    }
  }
}

function jsonOf({ json }: { json: string }): string {
  return json;
}
