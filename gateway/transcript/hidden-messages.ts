/**
 * Knows the messages that hosts have hidden. The log keeps them unchanged. Each read gives their entries without text,
 * or marked for hosts.
 *
 *     batch ---> no hidden entry: one frame for all        (every batch of a room without hidden messages)
 *          `---> else: a frame for guests, and one for hosts
 */
import type { Entry } from '../protocol.ts';
import { type Batch, entriesOf, frameOf } from './ring-buffer.ts';

/** Messages hidden at the same time: more than a person hides. The page and the store hold all of them. */
export const HIDDEN_MAX = 1_000;

export type Audience = 'guests' | 'hosts';

export class HiddenMessages {
  /** The seqs of the entries of each hidden message, by its first entry. */
  readonly #messages = new Map<number, Set<number>>();
  readonly #entries = new Set<number>();
  /** No later entry is hidden. */
  #newest = 0;

  get count(): number {
    return this.#messages.size;
  }

  /** First entries of the hidden messages. */
  get roots(): Iterable<number> {
    return this.#messages.keys();
  }

  has(seq: number): boolean {
    return this.#entries.has(seq);
  }

  /** `seqs`: the entries of the message, with its first entry `root`. */
  add(root: number, seqs: Iterable<number>): void {
    const message = new Set([root, ...seqs]);
    this.#messages.set(root, message);
    for (const seq of message) this.#addEntry(seq);
  }

  /** Returns false if the message was not hidden. */
  delete(root: number): boolean {
    for (const seq of this.#messages.get(root) ?? []) this.#entries.delete(seq);
    return this.#messages.delete(root);
  }

  /** Hides an entry that continues a hidden message. */
  onAppend(seq: number, continues: number | undefined): void {
    const message = continues === undefined ? undefined : this.#messages.get(continues);
    if (!message) return;
    message.add(seq);
    this.#addEntry(seq);
  }

  /** Returns the same batch if it holds no hidden entry. New entries cost one comparison. */
  split(batch: Batch): Batch {
    if (batch.after >= this.#newest || !this.#hasBetween(batch.after, batch.last)) return batch;
    const jsons = entriesOf(batch).map((entry) => ({ seq: entry.seq, json: JSON.stringify(entry) }));
    const frameFor = (audience: Audience) => frameOf(jsons.map((row) => this.view(row, audience)));
    return { ...batch, frame: frameFor('guests'), hostFrame: frameFor('hosts') };
  }

  /** Returns the JSON of an entry as the audience may see it. */
  view({ seq, json }: { seq: number; json: string }, audience: Audience): string {
    if (!this.#entries.has(seq)) return json;
    const entry = JSON.parse(json) as Entry;
    return JSON.stringify({ ...entry, ...(audience === 'guests' && { text: '' }), hidden: true });
  }

  #addEntry(seq: number): void {
    this.#entries.add(seq);
    this.#newest = Math.max(this.#newest, seq);
  }

  #hasBetween(after: number, last: number): boolean {
    for (let seq = after + 1; seq <= last; seq++) if (this.#entries.has(seq)) return true;
    return false;
  }
}
