/**
 * Numbers the entries of a batch of the shared log, as the transcript will.
 */
import type { Entry } from '../../protocol.ts';
import type { NewEntry, Transcript } from '../../transcript/transcript.ts';

export class EntryBatch {
  readonly #transcript: Transcript;
  #first = 1;
  #entries: Entry[] = [];

  constructor(transcript: Transcript) {
    this.#transcript = transcript;
  }

  /** The time of an entry that is appended now, ms since 1970. */
  get now(): number {
    return this.#transcript.now;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Begins another batch, with the seqs from `first` on. */
  begin(first: number): void {
    this.#first = first;
    this.#entries = [];
  }

  /** Returns the entry's seq. */
  append(fields: NewEntry): number {
    const seq = this.#first + this.#entries.length;
    this.#entries.push({ seq, ...fields });
    return seq;
  }
}
