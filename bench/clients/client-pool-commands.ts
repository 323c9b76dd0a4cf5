/**
 * CONTRACT: what the bench tells a pool, a process of its own, and what comes back. One answer to each order.
 */
import type { Endpoint } from '../bridges/bridges.ts';

export type PoolCommand =
  /** The terminal comes into the room at that port. */
  | { do: 'enter'; roomPort: number }
  /** So many more members come in, one after the other. */
  | { do: 'join'; door: Endpoint; members: number }
  /** Wait until all have heard the terminal: connected is not accepted yet. */
  | { do: 'settle' }
  /** So many come in at once; `lost`: those who are not in the room in time. */
  | { do: 'rush'; door: Endpoint; members: number; withinMs: number }
  /** All connections break, without a word. */
  | { do: 'vanish' }
  /** All come back at once, and read on from there. */
  | { do: 'return'; door: Endpoint; after: number }
  /** Forget what was heard. */
  | { do: 'begin' }
  /** Wait until every member has heard so many messages since then. */
  | { do: 'hear'; messages: number; withinMs: number }
  /** The terminal says a message when everybody has heard the last, for so long. */
  | { do: 'lock-step'; forMs: number };

export interface PoolResult {
  /** Messages said, and those that each member heard, summed up. */
  messages: number;
  deliveries: number;
  /** Deliveries that never came. */
  lost: number;
  /** Order or numbers wrong in what a sample of the members heard. */
  wrong: number;
  /** From the order until the last delivery, ms. */
  tookMs: number;
  /** Of the sample, ms. */
  latency: { p50: number; p99: number; max: number };
}
