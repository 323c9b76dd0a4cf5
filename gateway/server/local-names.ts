/**
 * Looks up the names of this machine in its own network, such as `pc.fritz.box` or `pc17.aula.example.edu`. The network's
 * name server returns them in a reverse lookup.
 *
 * Only private addresses are looked up, because no outsider can answer for them. An attacker can make a name point here,
 * but cannot change the network's answers. So these names are safe from DNS rebinding. A list of suffixes would not be
 * safe, because `fritz.box` is a domain that was sold in 2024.
 */
import { Resolver } from 'node:dns/promises';
import { isPrivate } from '../../common/ip.ts';
import { lanAddresses } from '../lib/lan-addresses.ts';

/** How long a name server may take to answer, while a person waits for the page. */
const ANSWER_MS = 1_000;

/** Shortest interval between lookups. Names change when a machine joins another network. */
export const LOOKUP_INTERVAL_MS = 60_000;

export interface LocalNamesEffects {
  addresses(): string[];
  /** Rejects if an address has no name. */
  reverse(ip: string): Promise<string[]>;
  now(): number;
}

const SYSTEM: LocalNamesEffects = {
  addresses: () => lanAddresses(),
  // A resolver reads the list of name servers only once, so each lookup needs a fresh one.
  reverse: (ip) => new Resolver({ timeout: ANSWER_MS, tries: 1 }).reverse(ip),
  now: () => performance.now(),
};

export class LocalNames {
  readonly #effects: LocalNamesEffects;
  #names = new Set<string>();
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #lookup: Promise<void> = Promise.resolve();

  constructor(effects = SYSTEM) {
    this.#effects = effects;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Looks the names up again, unless that was done recently. Names of an earlier network are dropped. */
  async refresh(): Promise<void> {
    if (this.#effects.now() - this.#lookedUpAt >= LOOKUP_INTERVAL_MS) {
      this.#lookedUpAt = this.#effects.now();
      this.#lookup = this.#lookUp();
    }
    await this.#lookup;
  }

  async #lookUp(): Promise<void> {
    const addresses = this.#effects.addresses().filter(isPrivate);
    const names = await Promise.all(addresses.map((ip) => this.#effects.reverse(ip).catch(() => [])));
    this.#names = new Set(names.flat().map((name) => name.toLowerCase().replace(/\.$/, '')));
  }
}
