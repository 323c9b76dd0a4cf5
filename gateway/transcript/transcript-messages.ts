/** Finds the entries of whole messages, and hides messages. A message is an entry and its continuations. */
import type { Entry } from '../protocol.ts';
import type { Audience, HiddenMessages } from './hidden-messages.ts';
import { MESSAGE_PIECES } from './search-index.ts';
import type { SqliteStore } from './sqlite-store.ts';
import type { WriteBuffer } from './write-buffer.ts';

export class TranscriptMessages {
  readonly #store: SqliteStore;
  readonly #writes: WriteBuffer;
  readonly #hidden: HiddenMessages;

  constructor(store: SqliteStore, writes: WriteBuffer, hidden: HiddenMessages) {
    this.#store = store;
    this.#writes = writes;
    this.#hidden = hidden;
    for (const { root, isHidden } of store.moderation.marks) if (isHidden) this.hide(root);
  }

  /** Returns the first entry of the message with this entry. Undefined: there is no such message. */
  rootOf(seq: number): number | undefined {
    const [row] = this.#writes.find({ after: seq - 1, before: seq + 1, limit: 1 });
    const entry = row && (JSON.parse(row.json) as Entry);
    return entry === undefined || entry.gap ? undefined : (entry.continues ?? seq);
  }

  /** Returns the entries of a message, or its first ones. */
  entriesOf(root: number): Entry[] {
    const first = this.#writes.find({ after: root - 1, before: root + 1, limit: 1 });
    const pieces = this.#store.piecesOf(root, root, Number.MAX_SAFE_INTEGER, MESSAGE_PIECES);
    return [...first, ...pieces].map((row) => JSON.parse(this.#hidden.view(row, 'guests')) as Entry);
  }

  /** Returns the JSON of the continuations of the entry `root`, oldest first. */
  piecesOf(root: number, after: number, before: number, limit: number, audience: Audience): string[] {
    return this.#store.piecesOf(root, after, before, limit).map((row) => this.#hidden.view(row, audience));
  }

  /** Returns the seqs from `first` to `last` of entries with continuations. */
  continuedBetween(first: number, last: number): Set<number> {
    return new Set(this.#store.continuedBetween(first, last));
  }

  /** Returns true if the message that begins with this entry, or the entry itself, is hidden. */
  isHidden(root: number): boolean {
    return this.#hidden.has(root);
  }

  /** Hides the message that begins with this entry. */
  hide(root: number): void {
    this.#writes.flush();
    this.#hidden.add(root, [...this.#store.seqsOf(root), ...this.#writes.seqsOf(root)]);
  }

  /** Returns false if the message was not hidden. */
  show(root: number): boolean {
    return this.#hidden.delete(root);
  }

  /** Forgets hidden messages that are no longer kept. `tail`: the oldest seq kept. */
  forgetHidden(tail: number): void {
    for (const root of this.#hidden.roots) if (root < tail) this.#hidden.delete(root);
  }
}
