/**
 * Remembers the terminals that sent something lately. The room does not report who joins and leaves. So an address that
 * is no voice's counts as present from its first message until it has been silent for long.
 */
import { TERMINAL_HERE_MS, type TerminalHeard } from '../protocol.ts';

/** Terminals remembered: several classes. The longest silent is evicted first. */
export const TERMINALS_MAX = 500;

/** How long a silent terminal is remembered, ms: a lesson. */
export const TERMINAL_SILENCE_MS = 60 * 60_000;

export class RecentTerminals {
  /** By address, or by name in a room without addresses. The longest silent comes first. */
  readonly #heard = new Map<string, TerminalHeard>();

  /**
   * Takes an entry, whose message may begin with a nickname. Returns true if the terminal or its nickname is new, or the
   * terminal was silent for long.
   */
  onEntry(address: string, said: string | undefined, at: number): boolean {
    const key = address || said;
    // Text without an address and a name has no known sender.
    if (key === undefined) return false;
    const known = this.#heard.get(key);
    const nickname = said ?? known?.nickname;
    this.#heard.delete(key);
    this.#heard.set(key, { address, at, ...(nickname !== undefined && { nickname }) });
    if (this.#heard.size > TERMINALS_MAX) this.#evictOldest();
    const wasHere = known !== undefined && at - known.at < TERMINAL_HERE_MS;
    return !wasHere || known.nickname !== nickname;
  }

  /** Forgets the nickname, which may come from a hidden message. Returns true if there was one. */
  forgetNickname(address: string): boolean {
    const known = this.#heard.get(address);
    if (known?.nickname === undefined) return false;
    delete known.nickname;
    return true;
  }

  /** Returns true if any terminal was evicted. */
  evictSilent(now: number): boolean {
    const before = this.#heard.size;
    for (const [key, { at }] of this.#heard) {
      if (now - at < TERMINAL_SILENCE_MS) break;
      this.#heard.delete(key);
    }
    return this.#heard.size < before;
  }

  get count(): number {
    return this.#heard.size;
  }

  /** Number of the terminals that sent something lately. */
  countHere(now: number): number {
    let count = 0;
    for (const { at } of this.#heard.values()) if (now - at < TERMINAL_HERE_MS) count++;
    return count;
  }

  /** The last heard comes first. */
  get newest(): TerminalHeard[] {
    return [...this.#heard.values()].reverse();
  }

  #evictOldest(): void {
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined) this.#heard.delete(oldest);
  }
}
