/**
 * The numbered log of the room. Entries are appended at the head and never change.
 *
 *     append ---> ring (memory) --------------------------------------> batch: for readers near the head
 *             `-> write buffer --- within 100 ms ---> store (disk) ---> batch: for readers further back
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
import { HiddenMessages } from './hidden-messages.ts';
import { Indexer } from './indexer.ts';
import type { ModerationStore } from './moderation-store.ts';
import { Pruner } from './pruner.ts';
import { type Batch, batchOf, RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
import type { Progress, Row, SharedProgress, SqliteStore } from './sqlite-store.ts';
import { TranscriptMessages } from './transcript-messages.ts';
import { type TranscriptQuery, TranscriptSearch } from './transcript-search.ts';
import { type DiskListener, WriteBuffer } from './write-buffer.ts';

/** Largest batch from the store, entries. */
const STORE_BATCH = 200;

export type NewEntry = Omit<Entry, 'seq'>;

export interface TranscriptListener extends DiskListener {
  /** The log continues under another epoch, which connected subscribers do not know. It keeps entries up to `kept`. */
  onNewEpoch(kept: number): void;
}

export class Transcript {
  readonly messages: TranscriptMessages;
  readonly search: TranscriptSearch;
  readonly #store: SqliteStore;
  readonly #indexer: Indexer;
  readonly #writes: WriteBuffer;
  readonly #listener: TranscriptListener;
  readonly #ringOptions: RingBufferOptions;
  #ring: RingBuffer;
  readonly #hidden = new HiddenMessages();
  readonly #clock: Clock;
  readonly #trust: ClockTrust;
  readonly #pruner: Pruner;
  /** Time of the newest entry. */
  #lastAt: number;
  #epoch: string;
  /** Seq of the newest gap, or of the newest entry that an earlier process could not write. 0 if there is none. */
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
    this.#trust = new ClockTrust(clock, previousRun.trustedAt);
    this.#lastAt = previousRun.lastAt;
    this.#listener = listener;
    this.#epoch = previousRun.epoch;
    this.#ringOptions = ring;
    const { head = previousRun.head } = this.#shared ?? {};
    this.#ring = new RingBuffer(ring, this.#shared ? Math.max(previousRun.lastSeq, head) : head);
    this.#lastGap = previousRun.lastGap;
    if (this.head > 0 && !isShared) this.#unheardSince = previousRun.heardUntil || undefined;
    this.#indexer = new Indexer(store.index, listener);
    const context = {
      progress: (isLast: boolean) => this.#progress(isLast),
      ringTail: () => this.#ring.tail,
    };
    this.#writes = new WriteBuffer(store, this.#indexer, context, listener);
    this.messages = new TranscriptMessages(store, this.#writes, this.#hidden);
    this.search = new TranscriptSearch(store, this.#writes, this.#indexer, this.#hidden);
    this.#pruner = new Pruner(store, this.#writes, this.#trust);
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
    return this.#writes.keeps;
  }

  /** Number of entries that are only in memory. */
  get unwritten(): number {
    return this.#writes.length;
  }

  /** Keeps the acts of the hosts beside the entries. */
  get moderationStore(): ModerationStore {
    return this.#store.moderation;
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
    const rows: Row[] = [];
    for (const { entry, json } of entries) {
      if (entry.seq <= this.head) continue;
      this.#lastAt = Math.max(this.#lastAt, entry.at);
      if (entry.gap) this.#lastGap = entry.seq;
      this.#hidden.onAppend(entry.seq, entry.continues);
      rows.push({ seq: entry.seq, at: entry.at, json });
    }
    this.#shared = progress;
    this.#ring = new RingBuffer(this.#ringOptions, progress.head);
    this.#writes.appendAll(rows);
  }

  /** The shared log begins again under another epoch, after `progress.head`. It has lost the entries after `kept`. */
  restart(kept: number, progress: SharedProgress): void {
    for (const root of this.#hidden.roots) if (root > kept) this.#hidden.delete(root);
    this.#epoch = progress.epoch;
    this.#cut(kept, progress);
    this.#listener.onNewEpoch(kept);
  }

  /** The shared log, which ends with the record `progress` now, does not have the entries after its head. */
  truncate(progress: SharedProgress): void {
    this.#cut(progress.head, progress);
    this.#lastGap = Math.min(this.#lastGap, progress.head);
    // The log may have other entries of these messages.
    for (const root of [...this.#hidden.roots]) {
      this.#hidden.delete(root);
      this.messages.hide(root);
    }
  }

  #cut(kept: number, progress: SharedProgress): void {
    this.#shared = progress;
    this.#ring = new RingBuffer(this.#ringOptions, progress.head);
    this.#writes.truncate(kept);
  }

  #keep(entry: Entry, json: string): void {
    this.#ring.append(json);
    this.#hidden.onAppend(entry.seq, entry.continues);
    if (entry.gap) this.#lastGap = entry.seq;
    this.#writes.append({ seq: entry.seq, at: entry.at, json });
  }

  /** Returns true if every entry after `seq` is kept and the room was heard without a gap. */
  isCompleteSince(seq: number): boolean {
    const isKnown = seq <= this.head || this.#shared !== undefined;
    return this.#unheardSince === undefined && seq >= this.tail - 1 && isKnown && seq >= this.#lastHole;
  }

  /** Returns the seq before the newest `count` entries. */
  beforeNewest(count: number): number {
    const seq = Math.max(0, this.head - count);
    if (count === 0 || seq + 1 >= this.#ring.tail) return seq;
    const [oldest] = this.#writes.find({ limit: count });
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
    if ((this.#writes.tail ?? Number.POSITIVE_INFINITY) < this.#ring.tail) this.flush();
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
  find(query: TranscriptQuery): string[] {
    const { audience = 'guests' } = query;
    return this.#writes.find(query).map((row) => this.#hidden.view(row, audience));
  }

  /** The newest seq on disk. */
  get written(): number {
    return (this.#writes.tail ?? this.head + 1) - 1;
  }

  /** Calls back with true when everything appended so far is on disk, or with false if the disk fails. */
  afterFlush(callback: (kept: boolean) => void): void {
    // The shared log keeps its entries.
    if (this.#shared) callback(true);
    else this.#writes.afterFlush(callback);
  }

  /** Writes the unwritten entries, unless the disk fails. */
  flush(): void {
    this.#writes.flush();
  }

  /** Seqs beyond the reserved ones could be assigned again after a kill. In another epoch that is no conflict. */
  #beginEpoch(): void {
    this.#epoch = randomUUID();
    this.#listener.onNewEpoch(this.head);
  }

  close(): void {
    this.#pruner.close();
    // If entries could not be written, the next process must see an unclean end.
    this.#writes.close(() => this.#store.finish(this.head, this.#heardUntil));
    this.#indexer.close();
    this.#store.close();
  }

  /** When the room was last known to be heard, ms since 1970; 0 if there was no earlier process. */
  get heardUntil(): number {
    return this.#store.previousRun.heardUntil;
  }

  get #heardUntil(): number {
    return this.#unheardSince ?? this.#clock.wall();
  }

  #progress(isLast: boolean): Progress {
    this.#trust.look();
    return {
      epoch: this.#epoch,
      lastGap: this.#lastHole,
      heardUntil: this.#heardUntil,
      trustedAt: this.#trust.trustedAt,
      // The record is followed when all its entries are written.
      ...(this.#shared && isLast && { shared: this.#shared }),
    };
  }

  /** Seq of the newest entry that is a gap or never reached the disk, 0 if there is none. */
  get #lastHole(): number {
    return Math.max(this.#lastGap, this.#writes.lastDropped);
  }

  /** Evicts all entries that exceed a limit. */
  prune(): void {
    this.#pruner.pruneAll();
  }
}

function jsonOf({ json }: { json: string }): string {
  return json;
}
