/** Lets the search index follow the entries on disk, some ms of work at a time. */
import type { SearchIndex } from './search-index.ts';

/** Pause after each slice of work, ms, so that indexing takes a third of a core at most. */
const PAUSE_MS = 2;

/** How long new entries wait, ms. A long message is then complete, and is indexed once. Searches do not wait. */
const DELAY_MS = 1_000;

/** How soon the index continues after an error of the disk, ms. */
const RETRY_AFTER_MS = 1_000;

export interface WriteErrorListener {
  /** A write failed. It is retried. */
  onWriteError(error: Error): void;
}

export class Indexer {
  readonly #index: SearchIndex;
  readonly #listener: WriteErrorListener;
  #timer: NodeJS.Timeout | undefined;

  constructor(index: SearchIndex, listener: WriteErrorListener) {
    this.#index = index;
    this.#listener = listener;
    this.schedule();
  }

  /** Indexes the entries that are written by then. */
  schedule(pauseMs = DELAY_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#index.isComplete) return;
      this.schedule(this.advance() ? PAUSE_MS : RETRY_AFTER_MS);
    }, pauseMs);
  }

  /** Returns false if the disk fails. No data is lost, because the index is built from written entries. */
  advance(): boolean {
    try {
      this.#index.advance();
      return true;
    } catch (error) {
      this.#listener.onWriteError(error as Error);
      return false;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
