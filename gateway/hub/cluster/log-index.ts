/**
 * Finds in the log where messages begin: the last one of each address, and each say of the last minutes. So any gateway
 * can continue a message, and knows whether a say was heard.
 */
import type { Entry } from '../../protocol.ts';

/** How long says are remembered, ms: longer than a session may be resumed. */
const REMEMBERED_MS = 10 * 60_000;

/** Says that are remembered at most, some 15 MB. */
const REMEMBERED_MAX = 100_000;

/** Addresses whose last message a line may continue. */
const ROOTS_MAX = 1_000;

export interface LoggedSay {
  /** Seq of its first entry. */
  root: number;
  /** Chunks that are still to come. */
  left: number;
}

export class LogIndex {
  /** The first entry of the last message of each address. The longest silent comes first. */
  readonly #roots = new Map<string, number>();
  /** By person and say. The oldest comes first. */
  readonly #says = new Map<string, LoggedSay & { at: number }>();

  add({ seq, at, from, said, gap, continues = seq }: Entry): void {
    if (gap) this.#roots.clear();
    this.#roots.delete(from);
    this.#roots.set(from, continues);
    if (this.#roots.size > ROOTS_MAX) this.#roots.delete(this.#roots.keys().next().value as string);
    if (!said) return;
    const key = keyOf(said.by, said.id);
    const root = this.#says.get(key)?.root ?? continues;
    this.#says.set(key, { root, left: said.left, at });
    this.#evict(at);
  }

  /** Returns the first entry of the last message of an address. */
  rootOf(from: string): number | undefined {
    return this.#roots.get(from);
  }

  findSay(by: string, id: string): LoggedSay | undefined {
    return this.#says.get(keyOf(by, id));
  }

  clear(): void {
    this.#roots.clear();
    this.#says.clear();
  }

  #evict(now: number): void {
    for (const [key, { at }] of this.#says) {
      if (now - at < REMEMBERED_MS && this.#says.size <= REMEMBERED_MAX) return;
      this.#says.delete(key);
    }
  }
}

function keyOf(by: string, id: string): string {
  return `${by} ${id}`;
}
