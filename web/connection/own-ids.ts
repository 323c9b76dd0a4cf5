import type { Entry } from '../../gateway/protocol.ts';

/** Most session ids of this tab. Messages of older sessions are no longer marked as own. */
const IDS_MAX = 64;

/** Holds the session ids of this tab, which mark its own messages in the log. */
export class OwnIds {
  #ids: readonly string[];

  constructor(ids: readonly string[] = []) {
    this.#ids = ids;
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

  add(id: string): void {
    if (!this.#ids.includes(id)) this.#ids = [...this.#ids, id].slice(-IDS_MAX);
  }

  owns({ said }: Entry): boolean {
    return said !== undefined && this.#ids.includes(said.by);
  }
}
