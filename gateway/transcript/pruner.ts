/** Evicts the oldest entries from disk while a limit of the retention is exceeded, some ms of work at a time. */
import type { ClockTrust } from '../lib/clock.ts';
import type { SqliteStore } from './sqlite-store.ts';
import type { WriteBuffer } from './write-buffer.ts';

const PRUNE_EVERY_MS = 60_000;

export class Pruner {
  readonly #store: SqliteStore;
  readonly #writes: WriteBuffer;
  readonly #trust: ClockTrust;
  readonly #timer: NodeJS.Timeout;

  constructor(store: SqliteStore, writes: WriteBuffer, trust: ClockTrust) {
    this.#store = store;
    this.#writes = writes;
    this.#trust = trust;
    this.#timer = setInterval(() => this.#prune(), PRUNE_EVERY_MS);
    setImmediate(() => this.#prune());
  }

  /** Evicts all entries that exceed a limit. */
  pruneAll(): void {
    while (this.#pruneSome());
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #prune(): void {
    if (this.#pruneSome()) setImmediate(() => this.#prune());
  }

  /** Returns true if more entries exceed a limit. */
  #pruneSome(): boolean {
    return this.#writes.attempt(() => this.#store.prune(this.#trust.look())) ?? false;
  }
}
