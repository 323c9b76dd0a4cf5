/**
 * How often something may be done: a burst at once, then at a steady pace. Pure but for the clock.
 */
import { isIPv6 } from 'node:net';

export interface Pace {
  /** So many at once. */
  burst: number;
  /** So many a second, after a burst. */
  perSecond: number;
}

export class Allowance {
  readonly #pace: Pace;
  #left: number;
  #countedAt: number;

  constructor(pace: Pace, now = Date.now()) {
    this.#pace = pace;
    this.#left = pace.burst;
    this.#countedAt = now;
  }

  /** False: not yet. */
  take(now = Date.now()): boolean {
    if (this.wait(now) > 0) return false;
    this.#left--;
    return true;
  }

  /** Counts what was done already, into debt if need be. */
  spend(amount: number, now = Date.now()): void {
    this.#refill(now);
    this.#left -= amount;
  }

  /** Milliseconds until one may be taken. */
  wait(now = Date.now()): number {
    this.#refill(now);
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) / this.#pace.perSecond) * 1000);
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#countedAt) / 1000;
    this.#left = Math.min(this.#pace.burst, this.#left + seconds * this.#pace.perSecond);
    this.#countedAt = now;
  }
}

/** Addresses remembered at most: some 100 bytes each. Beyond it the oldest begins anew. */
const REMEMBERED = 50_000;

/** One allowance for each address. */
export class AllowancePerAddress {
  readonly #pace: Pace;
  readonly #allowances = new Map<string, Allowance>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  get size(): number {
    return this.#allowances.size;
  }

  of(ip: string, now = Date.now()): Allowance {
    const household = householdOf(ip);
    const known = this.#allowances.get(household);
    if (known) return known;
    if (this.#allowances.size >= REMEMBERED) this.#forgetOldest();
    const allowance = new Allowance(this.#pace, now);
    this.#allowances.set(household, allowance);
    return allowance;
  }

  #forgetOldest(): void {
    const [oldest] = this.#allowances.keys();
    if (oldest !== undefined) this.#allowances.delete(oldest);
  }
}

/** Who has an IPv6 address has 2^64 of them: the network counts as one. */
export function householdOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.replace(/%.*/, '').split('::');
  const groups = head.split(':').filter(Boolean);
  while (tail !== undefined && groups.length < 4) groups.push('0');
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
