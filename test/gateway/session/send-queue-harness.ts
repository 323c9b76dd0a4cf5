/**
 * Somebody who speaks, with a clock of the test's own, and the room they speak to.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type EchoMatch,
  type Receipt,
  SendQueue,
  type SendQueueListener,
} from '../../../gateway/session/send-queue.ts';

export const TEXT_BYTES = 32_000;
export const RECEIPT_TIMEOUT_MS = 2_000;
const STEP_MS = 100;

export class Speaker implements SendQueueListener {
  readonly speech: SendQueue;
  /** Pieces sent into the room, without their newlines. */
  readonly sent: string[] = [];
  readonly receipts: Receipt[] = [];
  idles = 0;
  /** Bytes that wait to be sent, as the owner counts them. */
  queuedBytes = 0;
  /** Entries of the log, as the room would make them. */
  readonly log: { text: string; continues: number | undefined }[] = [];
  /** When the room last moved, ms since 1970. */
  movedAt = 0;
  readonly #t: TestContext;
  #partSeq: number | undefined;

  constructor(t: TestContext) {
    this.#t = t;
    t.mock.timers.reset();
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    this.speech = new SendQueue(this, {
      limits: { textBytes: TEXT_BYTES },
      receiptTimeoutMs: RECEIPT_TIMEOUT_MS,
    });
    this.speech.resume();
  }

  onChunk(line: string): void {
    this.sent.push(withoutNewline(line));
  }

  onReceipt(receipt: Receipt): void {
    this.receipts.push(receipt);
  }

  onSettled(): void {}

  onIdle(): void {
    this.idles++;
  }

  speechOnQueueChange(bytes: number): void {
    this.queuedBytes += bytes;
  }

  roomMovedSince(time: number): boolean {
    return this.movedAt > time;
  }

  onUnheard(): void {}

  /** The ear hears `line`, or a part of one, and the room records it. */
  hear(line: string, more = false): EchoMatch['kind'] {
    const verdict = this.speech.matchEcho(line, more);
    const continues =
      verdict.kind === 'forged' ? undefined : (verdict.continues ?? (more ? this.#partSeq : undefined));
    const seq = this.log.push({ text: line, continues });
    this.#partSeq = continues ?? seq;
    if (verdict.kind === 'ours') verdict.recordAs(this.#partSeq);
    return verdict.kind;
  }

  /** The room repeats all that was sent and not heard yet, piece by piece. */
  hearAll(): void {
    for (let heard = this.log.length; heard < this.sent.length; heard++) this.hear(this.sent[heard] ?? '');
  }

  /** In steps, for a timer set by a timer counts from the end of a step. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) this.#t.mock.timers.tick(Math.min(left, STEP_MS));
  }

  /** The states that receipts of `id` told, in order. */
  statesOf(id: string): string[] {
    return this.receipts.filter((receipt) => receipt.id === id).map(({ state }) => state);
  }
}

function withoutNewline(line: string): string {
  assert.ok(line.endsWith('\n'));
  return line.slice(0, -1);
}
