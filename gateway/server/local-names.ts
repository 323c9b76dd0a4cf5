/**
 * Names that the own network has for this machine, such as `pc.fritz.box` or `pc17.aula.example.edu`: the router or the
 * school's server gives them, and answers by them when it is asked for the name of an address.
 *
 * Only private addresses are asked about, since nobody outside can answer for those. A page of an attacker's has a
 * name that points here, but no power over what the own network calls us. So these names are safe from DNS rebinding,
 * other than a list of suffixes: `fritz.box` is a domain that can be bought, and was in 2024.
 */
import { Resolver } from 'node:dns/promises';
import { isPrivate } from '../../common/ip.ts';
import { lanAddresses } from '../lib/lan-addresses.ts';

/** How long a network may take to answer, ms: a person waits for the page. */
const ANSWER_MS = 1_000;

/** A network is asked at most so often, ms: names change when a machine joins another network. */
export const ASK_EVERY_MS = 60_000;

export interface LocalNamesEffects {
  addresses(): string[];
  /** Rejects where an address has no name. */
  reverse(ip: string): Promise<string[]>;
  now(): number;
}

const SYSTEM: LocalNamesEffects = {
  addresses: () => lanAddresses(),
  // Another resolver each time: it reads once which servers the network has.
  reverse: (ip) => new Resolver({ timeout: ANSWER_MS, tries: 1 }).reverse(ip),
  now: () => performance.now(),
};

export class LocalNames {
  readonly #effects: LocalNamesEffects;
  #names = new Set<string>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #answered: Promise<void> = Promise.resolve();

  constructor(effects = SYSTEM) {
    this.#effects = effects;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Asks again, unless it has just asked. Names of a network that was left are forgotten. */
  async learn(): Promise<void> {
    if (this.#effects.now() - this.#askedAt >= ASK_EVERY_MS) {
      this.#askedAt = this.#effects.now();
      this.#answered = this.#ask();
    }
    await this.#answered;
  }

  async #ask(): Promise<void> {
    const addresses = this.#effects.addresses().filter(isPrivate);
    const names = await Promise.all(addresses.map((ip) => this.#effects.reverse(ip).catch(() => [])));
    this.#names = new Set(names.flat().map((name) => name.toLowerCase().replace(/\.$/, '')));
  }
}
