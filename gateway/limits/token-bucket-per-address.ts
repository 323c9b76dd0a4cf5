/**
 * Keeps one token bucket per address.
 */
import { rateLimitKey } from '../../common/ip.ts';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';

/** Buckets kept at most, about 100 bytes each. The oldest bucket is evicted first. */
const MAX_ADDRESSES = 50_000;

export class TokenBucketPerAddress {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#buckets.size;
  }

  of(ip: string, now = performance.now()): TokenBucket {
    const key = rateLimitKey(ip);
    const known = this.#buckets.get(key);
    if (known) return known;
    if (this.#buckets.size >= MAX_ADDRESSES) this.#evictOldest();
    const bucket = new TokenBucket(this.#limit, now);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #evictOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
