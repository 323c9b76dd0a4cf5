/**
 * Last signals of the other gateways. They decide in which order gateways append when the appender is silent.
 */
import type { LogPosition } from './engine.ts';

/** A gateway without a signal for this time does not count, ms. */
const PEER_GONE_MS = 3_000;

/** State of a gateway, for all gateways. */
export interface PeerSignal {
  by: string;
  /** Sequence of the last record that it has read. */
  sequence: number;
  /** The last record that its copy has. It is an earlier one if the record at `sequence` was left out. */
  last?: LogPosition;
  /** Seq of the last entry that it has. */
  head: number;
  isAligned: boolean;
  /** The log has all text that it has heard. */
  isLogged: boolean;
}

export class PeerSignals {
  readonly #own: string;
  readonly #peers = new Map<string, { signal: PeerSignal; at: number }>();

  /** `own`: the id of this gateway. */
  constructor(own: string) {
    this.#own = own;
  }

  get hasAligned(): boolean {
    return [...this.#peers.values()].some(({ signal }) => signal.isAligned);
  }

  /** Number of gateways with a lower id than this one: among the aligned ones, or among all. */
  rankAmong(peers: 'aligned' | 'all'): number {
    const counted = [...this.#peers.values()].filter(({ signal }) => peers === 'all' || signal.isAligned);
    return counted.filter(({ signal }) => signal.by < this.#own).length;
  }

  onSignal(signal: PeerSignal, now: number): void {
    this.#peers.set(signal.by, { signal, at: now });
  }

  /** The process was stopped, so that signals are still unread. */
  onWake(now: number): void {
    for (const peer of this.#peers.values()) peer.at = now;
  }

  /** Forgets gateways that are gone. */
  check(now: number): void {
    for (const [by, { at }] of this.#peers) if (now - at > PEER_GONE_MS) this.#peers.delete(by);
  }
}
