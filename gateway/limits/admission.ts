/**
 * How many there are and how fast more come, of one address and of all. An address may be a whole school's: its
 * limits are generous, and it is never shut out, only asked to wait.
 *
 * Loopback has no limits of its own: these are the machine's own programs, or a proxy that TRUSTED_PROXIES does not
 * name, and then everybody would count as one.
 */
import { isLoopback } from '../lib/ip.ts';
import { Allowance, AllowancePerAddress, householdOf, type Pace } from './token-bucket.ts';

/** Why one more is not let in. */
export type Crowded = 'address' | 'pending' | 'rate';

export interface CrowdLimits {
  /** WebSockets of one address at once. */
  perAddress: number;
  /** How many more may come each second once so many have come at once: of one address, of all. */
  joinsPerAddress: number;
  joins: number;
  /** Requests of one address. */
  requests: Pace;
  /** WebSockets that have come and not said hello yet. */
  pending: number;
  /** Browsers at once, those that may come back included. */
  members: number;
}

export class Crowd {
  readonly #limits: CrowdLimits;
  readonly #joins: Allowance;
  readonly #joinsPerAddress: AllowancePerAddress;
  readonly #requests: AllowancePerAddress;
  readonly #heads = new Headcount();
  #pending = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
    this.#joins = new Allowance({ burst: limits.members, perSecond: limits.joins });
    this.#joinsPerAddress = new AllowancePerAddress({
      burst: limits.perAddress,
      perSecond: limits.joinsPerAddress,
    });
    this.#requests = new AllowancePerAddress(limits.requests);
  }

  /** Counts one more of this address, or tells why not. */
  admit(ip: string): Guest | Crowded {
    const isOwn = isLoopback(ip);
    if (!isOwn && this.#heads.of(ip) >= this.#limits.perAddress) return 'address';
    if (this.#pending >= this.#limits.pending) return 'pending';
    if (!isOwn && !this.#joinsPerAddress.of(ip).take()) return 'rate';
    if (!this.#joins.take()) return 'rate';
    this.#heads.add(ip);
    this.#pending++;
    return new Guest(this, ip);
  }

  /** Counts a request of this address as `cost`, or returns how long the client should wait, ms. */
  ask(ip: string, cost = 1): number {
    if (isLoopback(ip)) return 0;
    const requests = this.#requests.of(ip);
    const wait = requests.wait();
    if (wait === 0) requests.spend(cost);
    return wait;
  }

  /** Counts work of this address that turned out to cost more than its price. */
  charge(ip: string, requests: number): void {
    if (!isLoopback(ip)) this.#requests.of(ip).spend(requests);
  }

  settled(): void {
    this.#pending--;
  }

  left(ip: string): void {
    this.#heads.remove(ip);
  }
}

/** One that was let in, until it leaves. */
export class Guest {
  readonly #crowd: Crowd;
  readonly #ip: string;
  #isPending = true;

  constructor(crowd: Crowd, ip: string) {
    this.#crowd = crowd;
    this.#ip = ip;
  }

  /** It has said hello, or is gone without. */
  settle(): void {
    if (this.#isPending) this.#crowd.settled();
    this.#isPending = false;
  }

  leave(): void {
    this.settle();
    this.#crowd.left(this.#ip);
  }
}

/** Who is how often here. */
export class Headcount {
  readonly #counts = new Map<string, number>();

  of(ip: string): number {
    return this.#counts.get(householdOf(ip)) ?? 0;
  }

  add(ip: string): void {
    this.#counts.set(householdOf(ip), this.of(ip) + 1);
  }

  remove(ip: string): void {
    const left = this.of(ip) - 1;
    if (left > 0) this.#counts.set(householdOf(ip), left);
    else this.#counts.delete(householdOf(ip));
  }
}
