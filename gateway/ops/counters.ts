/**
 * Counts events as they happen, for Prometheus. routes/metrics.ts has the values that are read on request.
 */
import { Counter, Histogram, Registry } from 'prom-client';
import type { ReceiptState } from '../protocol.ts';

/** Delays from a room on the same machine to one that hangs beyond RECEIPT_TIMEOUT_MS. */
const DELAY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Reasons to refuse a WebSocket or a request, by its content and by limits. */
const REFUSALS = [
  ...(['path', 'host', 'origin', 'code', 'wrong-code', 'hosts-only', 'tries'] as const),
  ...(['full', 'address', 'pending', 'rate', 'requests'] as const),
] as const;
export type Refusal = (typeof REFUSALS)[number];

const RECEIPT_STATES: readonly ReceiptState[] = ['heard', 'unconfirmed', 'failed'];

export class Counters {
  readonly registry = new Registry();
  readonly #receipts = this.#labelled(
    'receipts',
    'Messages by the state of their receipt',
    'state',
    RECEIPT_STATES,
  );
  readonly #refused = this.#labelled(
    'refused',
    'WebSockets and requests refused, by reason',
    'reason',
    REFUSALS,
  );
  readonly #resumes = this.#labelled(
    'resumes',
    'Clients that reconnected, by whether every missed message was still available',
    'recovered',
    ['true', 'false'],
  );
  readonly #entries = this.#counter('entries', 'Entries added to the transcript');
  readonly #gaps = this.#counter('gaps', 'Gaps in the transcript, when the ear was not connected');
  readonly #forged = this.#counter('forged', "Messages under a voice's address that the voice did not send");
  readonly #writeErrors = this.#counter('transcript_write_errors', 'Failed writes of the transcript');
  readonly #delay = new Histogram({
    name: 'tertulia_receipt_delay_seconds',
    help: 'Time from the arrival of a message to its complete echo from the room',
    buckets: DELAY_BUCKETS_S,
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

  resumed(recovered: boolean): void {
    this.#resumes.inc({ recovered: String(recovered) });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `tertulia_${name}_total`, help, registers: [this.registry] });
  }

  /** Starts every value at 0, so that Prometheus sees the first event as an increase. */
  #labelled<L extends string>(name: string, help: string, label: L, values: readonly string[]): Counter<L> {
    const registers = [this.registry];
    const counter = new Counter({ name: `tertulia_${name}_total`, help, labelNames: [label], registers });
    for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0);
    return counter;
  }
}
