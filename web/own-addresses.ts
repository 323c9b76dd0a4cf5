import type { Entry } from '../gateway/protocol.ts';

/** An address this tab has had in the room, and the newest number in the log when it got it. */
export interface Stay {
  address: string;
  since: number;
}

/** One for each time the tab lost its place; what it said under the oldest is long scrolled away. */
const STAYS_MAX = 16;

/** Ports are used again by others: what is ours is ours from the moment the address was. */
export class OwnAddresses {
  #stays: readonly Stay[];

  constructor(stays: readonly Stay[] = []) {
    this.#stays = stays;
  }

  get stays(): readonly Stay[] {
    return this.#stays;
  }

  add(address: string, since: number): void {
    if (this.#stays.at(-1)?.address === address) return;
    this.#stays = [...this.#stays, { address, since }].slice(-STAYS_MAX);
  }

  clear(): void {
    this.#stays = [];
  }

  said({ from, seq, forged }: Entry): boolean {
    return !forged && this.#stays.some(({ address, since }) => address === from && seq > since);
  }
}
