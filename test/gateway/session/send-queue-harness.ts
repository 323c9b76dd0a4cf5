/**
 * A send queue with a clock that the test moves, and a room that echoes when the test says so.
 */
import type { TestContext } from 'node:test';
import type { Receipt } from '../../../gateway/session/outgoing-message.ts';
import { type EchoMatch, SendQueue, type SendQueueListener } from '../../../gateway/session/send-queue.ts';
import { mannerOf } from '../../../gateway/upstream/formats/room-settings.ts';

export const TEXT_BYTES = 32_000;
export const RECEIPT_TIMEOUT_MS = 2_000;
const STEP_MS = 100;

export class SendQueueHarness implements SendQueueListener {
  readonly queue: SendQueue;
  /** Chunks sent into the room. */
  readonly sent: string[] = [];
  readonly receipts: Receipt[] = [];
  /** Number of receipts that are no repeats. */
  settled = 0;
  idles = 0;
  /** Bytes that wait to be sent, as the listener counts them. */
  queuedBytes = 0;
  /** Entries of the log, as the recorder makes them. */
  readonly log: { text: string; continues: number | undefined }[] = [];
  /** When the room last sent something, ms since 1970. */
  movedAt = 0;
  readonly #t: TestContext;
  #partSeq: number | undefined;

  constructor(t: TestContext) {
    this.#t = t;
    t.mock.timers.reset();
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    this.queue = new SendQueue(this, {
      manner: mannerOf({ ROOM_FORMAT: 'dice' }),
      limits: { textBytes: TEXT_BYTES },
      receiptTimeoutMs: RECEIPT_TIMEOUT_MS,
    });
    this.queue.resume();
  }

  onChunk(text: string): void {
    this.sent.push(text);
  }

  onReceipt(receipt: Receipt, _delayMs: number, isRepeat: boolean): void {
    this.receipts.push(receipt);
    if (!isRepeat) this.settled++;
  }

  onIdle(): void {
    this.idles++;
  }

  onQueueChange(bytes: number): void {
    this.queuedBytes += bytes;
  }

  hasRoomMovedSince(time: number): boolean {
    return this.movedAt > time;
  }

  onChunkLost(): void {}

  /** Set to let messages wait for their announcement. */
  announce: SendQueueListener['announce'];

  /** The ear hears `line`, or a part of one, which becomes an entry. */
  echo(line: string, isContinuation = false): EchoMatch['kind'] {
    const match = this.queue.matchEcho(line, isContinuation);
    const continues =
      match.kind === 'forged' ? undefined : (match.continues ?? (isContinuation ? this.#partSeq : undefined));
    const seq = this.log.push({ text: line, continues });
    this.#partSeq = continues ?? seq;
    if (match.kind !== 'forged') this.queue.onLogged(match.id, match.left, this.#partSeq);
    if (match.kind === 'matched') this.queue.acknowledge(match.chunk);
    return match.kind;
  }

  /** The room echoes all chunks, one by one, until nothing more is sent. */
  echoAll(): void {
    for (let heard = this.log.length; heard < this.sent.length; heard++) this.echo(this.sent[heard] ?? '');
  }

  /** Moves the clock in steps, because a timer set by a timer counts from the end of a step. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) this.#t.mock.timers.tick(Math.min(left, STEP_MS));
  }

  /** States of the receipts of `id`, in order. */
  statesOf(id: string): string[] {
    return this.receipts.filter((receipt) => receipt.id === id).map(({ state }) => state);
  }
}
