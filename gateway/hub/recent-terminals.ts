/**
 * The terminals that spoke. The room tells nobody who comes and goes: an address that is none of our voices' and
 * said something was there then, and is forgotten when it has been silent for long.
 */
import { parseNickname, type TerminalHeard } from '../protocol.ts';

/** Most that are remembered: several classes; those silent for longest make room. */
export const TERMINALS_MAX = 500;

/** How long a silent one is remembered, ms: a lesson. */
export const TERMINAL_SILENCE_MS = 60 * 60_000;

export class RecentTerminals {
  /** The longest silent first. */
  readonly #heard = new Map<string, TerminalHeard>();

  /** True when it is a new one, or is called otherwise. `more`: its words began before. */
  onEntry(address: string, text: string, at: number, more = false): boolean {
    const known = this.#heard.get(address);
    const nickname = (more ? undefined : parseNickname(text).nickname) ?? known?.nickname;
    this.#heard.delete(address);
    this.#heard.set(address, { address, at, ...(nickname !== undefined && { nickname }) });
    if (this.#heard.size > TERMINALS_MAX) this.#evictOldest();
    return known === undefined || known.nickname !== nickname;
  }

  /** True when some were. */
  evictSilent(now: number): boolean {
    const before = this.#heard.size;
    for (const { address, at } of this.#heard.values()) {
      if (now - at < TERMINAL_SILENCE_MS) break;
      this.#heard.delete(address);
    }
    return this.#heard.size < before;
  }

  get count(): number {
    return this.#heard.size;
  }

  /** The last heard first. */
  get newest(): TerminalHeard[] {
    return [...this.#heard.values()].reverse();
  }

  #evictOldest(): void {
    const [oldest] = this.#heard.keys();
    if (oldest !== undefined) this.#heard.delete(oldest);
  }
}
