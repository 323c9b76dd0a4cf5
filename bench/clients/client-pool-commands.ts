/**
 * CONTRACT: the commands of the bench to a pool, a process of its own, and its results. Each command has one answer.
 */
import type { Endpoint } from '../bridges/bridges.ts';

export type PoolCommand =
  /** Connects the terminal to the room at that port. */
  | { do: 'enter'; roomPort: number }
  /** Connects more members, one after the other. */
  | { do: 'join'; door: Endpoint; members: number }
  /** Waits until all have received a message of the terminal. An open connection may not be accepted yet. */
  | { do: 'settle' }
  /** Connects members at once. `lost` counts those that are not in the room in time. */
  | { do: 'rush'; door: Endpoint; members: number; withinMs: number }
  /** Breaks all connections without a close. */
  | { do: 'vanish' }
  /** Reconnects all members at once, to resume after that number. */
  | { do: 'return'; door: Endpoint; after: number }
  /** Resets the counters. */
  | { do: 'begin' }
  /** Waits until every member has received that many messages since the reset. */
  | { do: 'hear'; messages: number; withinMs: number }
  /** Sends from the terminal for `forMs`, each message after all members have received the last. */
  | { do: 'lock-step'; forMs: number };

export interface PoolResult {
  /** Messages sent, and the sum of those that each member received. */
  messages: number;
  deliveries: number;
  /** Deliveries that never arrived. */
  lost: number;
  /** Messages out of order or missing, in a sample of the members. */
  wrong: number;
  /** Time from the command to the last delivery, ms. */
  tookMs: number;
  /** Latencies of the sample, ms. */
  latency: { p50: number; p99: number; max: number };
}
