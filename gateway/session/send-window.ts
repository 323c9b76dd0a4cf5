/**
 * Limits the chunks in flight, because the unchanged server glues chunks that pile up in front of it. Finds chunks whose
 * echo is late, and gives up those that are lost.
 */
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { EchoMatcher } from './echo-matcher.ts';
import type { Chunk } from './outgoing-message.ts';

/** A chunk without an echo for this time counts as read and lost, if the room has sent other text since, ms. */
const PRESUMED_READ_MS = 10_000;

/** How often a late chunk is checked again, ms. */
const LATE_RECHECK_MS = 1_000;

export interface SendWindowListener {
  /** Returns true if the room has shown since `time` (ms since 1970) that it is not frozen. */
  hasRoomMovedSince(time: number): boolean;
  /** A chunk that was sent at `time` on this connection counts as lost. */
  onChunkLost(time: number): void;
}

export class SendWindow {
  readonly #echoes: EchoMatcher<Chunk>;
  readonly #listener: SendWindowListener;
  readonly #timeoutMs: number;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `timeoutMs`: how long an echo may take. `onDue`: a chunk may be late or lost now. */
  constructor(
    echoes: EchoMatcher<Chunk>,
    listener: SendWindowListener,
    timeoutMs: number,
    onDue: () => void,
  ) {
    this.#echoes = echoes;
    this.#listener = listener;
    this.#timeoutMs = timeoutMs;
    this.#onDue = onDue;
  }

  /** True when each chunk has its echo or is late. */
  get isIdle(): boolean {
    return this.#echoes.inFlight.every(({ isLate }) => isLate);
  }

  /** Returns true if a chunk of this size may go out: no echo is due, and one read of the server holds all. */
  allows(bytes: number): boolean {
    let unread = 0;
    for (const chunk of this.#echoes.inFlight) {
      if (!chunk.isLate) return false;
      if (!chunk.isStranded) unread += chunk.bytes;
    }
    return unread + bytes <= WIRE_MAX_BYTES;
  }

  /** Sets the timer for the oldest chunk. A running timer stays, because later chunks are due later. */
  schedule(): void {
    if (this.#echoes.inFlight.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (!this.#timer) {
      const now = Date.now();
      const due = this.#echoes.inFlight.reduce((soonest, { sentAt, isLate }) => {
        return Math.min(soonest, isLate ? now + LATE_RECHECK_MS : sentAt + this.#timeoutMs);
      }, Number.POSITIVE_INFINITY);
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined;
          this.#onDue();
        },
        Math.max(0, due - now),
      );
    }
  }

  /** Marks the chunks whose echo is late, and returns them. */
  expire(now: number): Chunk[] {
    const late = this.#echoes.inFlight.filter(({ sentAt }) => now - sentAt >= this.#timeoutMs);
    for (const chunk of late) chunk.isLate = true;
    return late;
  }

  /** The connection of all chunks in flight is lost. */
  strand(): void {
    for (const chunk of this.#echoes.inFlight) chunk.isStranded = true;
  }

  /** Gives up chunks that are surely read or gone. */
  presumeLost(now: number): void {
    const isLost = ({ sentAt, isLate, isStranded }: Chunk): boolean =>
      isStranded ? isLate : now - sentAt >= PRESUMED_READ_MS && this.#listener.hasRoomMovedSince(sentAt);
    const lost = this.#echoes.inFlight.filter(isLost);
    if (lost.length > 0) this.#echoes.presumeLost(lost);
    const connected = lost.find(({ isStranded }) => !isStranded);
    if (connected) this.#listener.onChunkLost(connected.sentAt);
  }
}
