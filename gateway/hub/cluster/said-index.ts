/**
 * Finds the entries of a say in the log, so that its receipt can come from any gateway.
 */

/** How long says are remembered, ms: longer than a session may be resumed. */
const REMEMBERED_MS = 10 * 60_000;

/** Says that are remembered at most, some 15 MB. */
const REMEMBERED_MAX = 100_000;

export interface LoggedSay {
  /** Seq of its first entry. */
  root: number;
  /** Chunks that are still to come. */
  left: number;
}

export class SaidIndex {
  /** By person and say. The oldest comes first. */
  readonly #says = new Map<string, LoggedSay & { at: number }>();

  add(by: string, id: string, seq: number, left: number, at: number): LoggedSay {
    const key = `${by} ${id}`;
    const root = this.#says.get(key)?.root ?? seq;
    this.#says.set(key, { root, left, at });
    this.#evict(at);
    return { root, left };
  }

  find(by: string, id: string): LoggedSay | undefined {
    return this.#says.get(`${by} ${id}`);
  }

  clear(): void {
    this.#says.clear();
  }

  #evict(now: number): void {
    for (const [key, { at }] of this.#says) {
      if (now - at < REMEMBERED_MS && this.#says.size <= REMEMBERED_MAX) return;
      this.#says.delete(key);
    }
  }
}
