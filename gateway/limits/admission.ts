/**
 * Limits the number of WebSockets and their rate, per address and in total. A whole school may share an address, so its
 * limits are generous, and a refused client can retry later.
 *
 * Loopback has no limit per address. It may be a proxy that TRUSTED_PROXIES does not list, so all clients share it.
 */
import { isLoopback, rateLimitKey } from '../../common/ip.ts';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { TokenBucketPerAddress } from './token-bucket-per-address.ts';

/** Reason to refuse one more WebSocket. */
export type AdmissionRefusal = 'address' | 'pending' | 'rate';

export interface AdmissionLimits {
  /** WebSockets of one address at the same time. */
  perAddress: number;
  /** New WebSockets per second from one address, after a burst of `perAddress`. */
  joinsPerAddress: number;
  /** New WebSockets per second in total, after a burst of `sessions`. */
  joins: number;
  /** HTTP requests of one address. */
  requests: RateLimit;
  /** WebSockets that have not sent `hello` yet. */
  pending: number;
  /** Sessions at the same time, including those that may still be resumed. */
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

  /** Admits one more WebSocket of this address, or returns the reason to refuse it. */
  admit(ip: string): Admission | AdmissionRefusal {
    const isLocal = isLoopback(ip);
    if (!isLocal && this.#connections.of(ip) >= this.#limits.perAddress) return 'address';
    if (this.#pending >= this.#limits.pending) return 'pending';
    if (!isLocal && !this.#joinsPerAddress.of(ip).take()) return 'rate';
    if (!this.#joins.take()) return 'rate';
    this.#connections.add(ip);
    this.#pending++;
    return new Admission(this, ip);
  }

  /** Counts a request of this address as `cost`, or returns how long the client should wait, ms. */
  tryRequest(ip: string, cost = 1): number {
    if (isLoopback(ip)) return 0;
    const requests = this.#requests.of(ip);
    const waitMs = requests.waitMs();
    if (waitMs === 0) requests.charge(cost);
    return waitMs;
  }

  /** Charges an address for work that cost more than its price. */
  charge(ip: string, requests: number): void {
    if (!isLoopback(ip)) this.#requests.of(ip).charge(requests);
  }

  onSettled(): void {
    this.#pending--;
  }

  onLeft(ip: string): void {
    this.#connections.remove(ip);
  }
}

/** An admitted WebSocket, until it closes. */
export class Admission {
  readonly #control: AdmissionControl;
  readonly #ip: string;
  #isPending = true;

  constructor(control: AdmissionControl, ip: string) {
    this.#control = control;
    this.#ip = ip;
  }

  /** Ends the wait for `hello`. */
  settle(): void {
    if (this.#isPending) this.#control.onSettled();
    this.#isPending = false;
  }

  leave(): void {
    this.settle();
    this.#control.onLeft(this.#ip);
  }
}

/** Counts open connections per address. */
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
