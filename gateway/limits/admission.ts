/**
 * How many there are and how fast more come, of one address and of all. An address may be a whole school's: its
 * limits are generous, and it is never shut out, only asked to wait.
 *
 * Loopback has no limits of its own: these are the machine's own programs, or a proxy that TRUSTED_PROXIES does not
 * name, and then everybody would count as one.
 */
import { isLoopback, rateLimitKey } from '../../common/ip.ts';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { TokenBucketPerAddress } from './token-bucket-per-address.ts';

/** Why one more is not let in. */
export type AdmissionRefusal = 'address' | 'pending' | 'rate';

export interface AdmissionLimits {
  /** WebSockets of one address at once. */
  perAddress: number;
  /** How many more may come each second once so many have come at once: of one address, of all. */
  joinsPerAddress: number;
  joins: number;
  /** Requests of one address. */
  requests: RateLimit;
  /** WebSockets that have come and not said hello yet. */
  pending: number;
  /** Browsers at once, those that may come back included. */
  sessions: number;
}

export class AdmissionControl {
  readonly #limits: AdmissionLimits;
  readonly #joins: TokenBucket;
  readonly #joinsPerAddress: TokenBucketPerAddress;
  readonly #requests: TokenBucketPerAddress;
  readonly #connections = new ConnectionCounter();
  #pending = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#joins = new TokenBucket({ burst: limits.sessions, perSecond: limits.joins });
    this.#joinsPerAddress = new TokenBucketPerAddress({
      burst: limits.perAddress,
      perSecond: limits.joinsPerAddress,
    });
    this.#requests = new TokenBucketPerAddress(limits.requests);
  }

  /** Counts one more of this address, or tells why not. */
  admit(ip: string): Admission | AdmissionRefusal {
    const isOwn = isLoopback(ip);
    if (!isOwn && this.#connections.of(ip) >= this.#limits.perAddress) return 'address';
    if (this.#pending >= this.#limits.pending) return 'pending';
    if (!isOwn && !this.#joinsPerAddress.of(ip).take()) return 'rate';
    if (!this.#joins.take()) return 'rate';
    this.#connections.add(ip);
    this.#pending++;
    return new Admission(this, ip);
  }

  /** Counts a request of this address as `cost`, or returns how long the client should wait, ms. */
  tryRequest(ip: string, cost = 1): number {
    if (isLoopback(ip)) return 0;
    const requests = this.#requests.of(ip);
    const wait = requests.waitMs();
    if (wait === 0) requests.charge(cost);
    return wait;
  }

  /** Counts work of this address that turned out to cost more than its price. */
  charge(ip: string, requests: number): void {
    if (!isLoopback(ip)) this.#requests.of(ip).charge(requests);
  }

  settled(): void {
    this.#pending--;
  }

  left(ip: string): void {
    this.#connections.remove(ip);
  }
}

/** One that was let in, until it leaves. */
export class Admission {
  readonly #control: AdmissionControl;
  readonly #ip: string;
  #isPending = true;

  constructor(admission: AdmissionControl, ip: string) {
    this.#control = admission;
    this.#ip = ip;
  }

  /** It has said hello, or is gone without. */
  settle(): void {
    if (this.#isPending) this.#control.settled();
    this.#isPending = false;
  }

  leave(): void {
    this.settle();
    this.#control.left(this.#ip);
  }
}

/** Who is how often here. */
export class ConnectionCounter {
  readonly #counts = new Map<string, number>();

  of(ip: string): number {
    return this.#counts.get(rateLimitKey(ip)) ?? 0;
  }

  add(ip: string): void {
    this.#counts.set(rateLimitKey(ip), this.of(ip) + 1);
  }

  remove(ip: string): void {
    const left = this.of(ip) - 1;
    if (left > 0) this.#counts.set(rateLimitKey(ip), left);
    else this.#counts.delete(rateLimitKey(ip));
  }
}
