/**
 * What is counted as it happens, for Prometheus. Figures that can be looked up when asked for are in metrics.ts.
 */
import { Counter, Histogram, Registry } from 'prom-client';
import type { ReceiptState } from '../protocol.ts';

/** Seconds: from a room on the same machine to one that hangs for RECEIPT_TIMEOUT_MS and longer. */
const DELAY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Why a WebSocket or a request was not let in: what it asked for, and how many there are. */
const REFUSALS = [
  ...(['path', 'host', 'origin', 'code', 'wrong-code', 'tries'] as const),
  ...(['full', 'address', 'pending', 'rate', 'requests'] as const),
] as const;
export type Refusal = (typeof REFUSALS)[number];

const RECEIPT_STATES: readonly ReceiptState[] = ['heard', 'unconfirmed', 'failed'];

export class Counters {
  readonly registry = new Registry();
  readonly #receipts = this.#labelled('receipts', 'Says by what became of them', 'state', RECEIPT_STATES);
  readonly #refused = this.#labelled(
    'refused',
    'WebSockets and requests refused, by reason',
    'reason',
    REFUSALS,
  );
  readonly #returns = this.#labelled(
    'resumes',
    'Clients that reconnected, by whether every missed message was still available',
    'recovered',
    ['true', 'false'],
  );
  readonly #entries = this.#counter('entries', 'Entries added to the transcript');
  readonly #gaps = this.#counter('gaps', 'Times that nobody listened to the room, marked in the transcript');
  readonly #forged = this.#counter('forged', "Words under a voice's address that it did not say");
  readonly #writeErrors = this.#counter('transcript_write_errors', 'Writes of the transcript that failed');
  readonly #delay = new Histogram({
    name: 'tertulia_receipt_delay_seconds',
    help: 'From the arrival of a say until the room was heard to say all of it',
    buckets: DELAY_BUCKETS,
    registers: [this.registry],
  });

  entry(): void {
    this.#entries.inc();
  }

  gap(): void {
    this.#gaps.inc();
  }

  forged(): void {
    this.#forged.inc();
  }

  writeError(): void {
    this.#writeErrors.inc();
  }

  receipt(state: ReceiptState, delayMs: number): void {
    this.#receipts.inc({ state });
    if (state === 'heard') this.#delay.observe(delayMs / 1000);
  }

  refused(reason: Refusal): void {
    this.#refused.inc({ reason });
  }

  returned(recovered: boolean): void {
    this.#returns.inc({ recovered: String(recovered) });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `tertulia_${name}_total`, help, registers: [this.registry] });
  }

  /** All its values are there from the start, at 0: the first of a kind is an increase too. */
  #labelled<L extends string>(name: string, help: string, label: L, values: readonly string[]): Counter<L> {
    const registers = [this.registry];
    const counter = new Counter({ name: `tertulia_${name}_total`, help, labelNames: [label], registers });
    for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0);
    return counter;
  }
}
