/**
 * Limits how many tasks of a kind run at the same time, in total and per address. As in admission.ts, loopback has no limit
 * of its own, because it may be a proxy.
 */
import { isLoopback } from '../../common/ip.ts';
import { ConnectionCounter } from './admission.ts';

export interface Concurrency {
  total: number;
  perAddress: number;
}

export class ConcurrencyLimit {
  readonly #limits: Concurrency;
  readonly #perAddress = new ConnectionCounter();
  #running = 0;

  constructor(limits: Concurrency) {
    this.#limits = limits;
  }

  /** Starts a task, and returns the function that ends it; undefined if too many are running. */
  start(ip: string): (() => void) | undefined {
    const { total, perAddress } = this.#limits;
    if (this.#running >= total) return undefined;
    if (!isLoopback(ip) && this.#perAddress.of(ip) >= perAddress) return undefined;
    this.#running++;
    this.#perAddress.add(ip);
    return () => {
      this.#running--;
      this.#perAddress.remove(ip);
    };
  }
}
