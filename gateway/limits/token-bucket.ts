/**
 * How often something may be done: a burst at once, then at a steady pace. Pure but for the clock.
 */
import { isIPv6 } from 'node:net';

export interface RateLimit {
  /** So many at once. */
  burst: number;
  /** So many a second, after a burst. */
  perSecond: number;
}

export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #countedAt: number;

  constructor(pace: RateLimit, now = Date.now()) {
    this.#limit = pace;
    this.#tokens = pace.burst;
    this.#countedAt = now;
  }

  /** False: not yet. */
  take(now = Date.now()): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#tokens--;
    return true;
  }

  /** Counts what was done already, into debt if need be. */
  charge(amount: number, now = Date.now()): void {
    this.#refill(now);
    this.#tokens -= amount;
  }

  /** Milliseconds until one may be taken. */
  waitMs(now = Date.now()): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#limit.perSecond) * 1000);
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#countedAt) / 1000;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + seconds * this.#limit.perSecond);
    this.#countedAt = now;
  }
}

/** Addresses remembered at most: some 100 bytes each. Beyond it the oldest begins anew. */
const MAX_ADDRESSES = 50_000;

/** One allowance for each address. */
export class TokenBucketPerAddress {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(pace: RateLimit) {
    this.#limit = pace;
  }

  get size(): number {
    return this.#buckets.size;
  }

  of(ip: string, now = Date.now()): TokenBucket {
    const key = rateLimitKey(ip);
    const known = this.#buckets.get(key);
    if (known) return known;
    if (this.#buckets.size >= MAX_ADDRESSES) this.#evictOldest();
    const allowance = new TokenBucket(this.#limit, now);
    this.#buckets.set(key, allowance);
    return allowance;
  }

  #evictOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** Who has an IPv6 address has 2^64 of them: the network counts as one. */
export function rateLimitKey(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const [head = '', tail] = ip.replace(/%.*/, '').split('::');
  const groups = head.split(':').filter(Boolean);
  while (tail !== undefined && groups.length < 4) groups.push('0');
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
