import type { Entry } from '../gateway/protocol.ts';

/** Most ids of this tab. It has several where storage is refused, or the person was cleared. */
const IDS_MAX = 64;

/** Holds the ids that this tab had in the log. They mark own messages. */
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
