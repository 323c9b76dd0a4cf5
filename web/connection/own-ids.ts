import type { Entry } from '../../gateway/protocol.ts';

/** One for each session of this tab; what it said under the oldest is long scrolled away. */
const NAMES_MAX = 64;

/** The names that the gateway gave this tab: what was said under them is its own. */
export class OwnNames {
  #names: readonly string[];

  constructor(names: readonly string[] = []) {
    this.#names = names;
  }

  get all(): readonly string[] {
    return this.#names;
  }

  get newest(): string {
    return this.#names.at(-1) ?? '';
  }

  forget(): void {
    this.#names = [];
  }

  add(name: string): void {
    if (!this.#names.includes(name)) this.#names = [...this.#names, name].slice(-NAMES_MAX);
  }

  said({ said }: Entry): boolean {
    return said !== undefined && this.#names.includes(said.by);
  }
}
