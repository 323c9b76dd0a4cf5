import type { Entry } from '../../gateway/protocol.ts';

/** One for each session of this tab; what it said under the oldest is long scrolled away. */
const IDS_MAX = 64;

/** The names that the gateway gave this tab: what was said under them is its own. */
export class OwnIds {
  #ids: readonly string[];

  constructor(names: readonly string[] = []) {
    this.#ids = names;
  }

  get all(): readonly string[] {
    return this.#ids;
  }

  get newest(): string {
    return this.#ids.at(-1) ?? '';
  }

  clear(): void {
    this.#ids = [];
  }

  add(name: string): void {
    if (!this.#ids.includes(name)) this.#ids = [...this.#ids, name].slice(-IDS_MAX);
  }

  owns({ said }: Entry): boolean {
    return said !== undefined && this.#ids.includes(said.by);
  }
}
