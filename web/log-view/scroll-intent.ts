/** Wheel events closer together than this are one gesture, and so is the momentum of a touchpad, ms. */
export const GESTURE_PAUSE_MS = 100;
/** A scroll that began before the person went to the newest arrives within this time, ms. A slow machine needs it. */
export const IN_FLIGHT_MS = 2_000;
/** The next step of a scroll that goes on arrives within this time, ms. A slow machine needs it. */
export const STEP_WITHIN_MS = 500;

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Knows which of the coming scroll events contradict the person's last wish.
 *
 *     free --leave()--> leaving --a new gesture, key or press--> free
 *     free --goToNewest()--> holding --a new gesture, key or press, or IN_FLIGHT_MS--> free
 */
export class ScrollIntent {
  readonly #now: () => number;
  #isLeaving = false;
  /** Time of the input that led to the newest, ms. */
  #newestAt = NEVER;
  /** Time of the last wheel event, ms. */
  #wheelAt = NEVER;
  /** Time of the last scroll event that the person caused, ms. */
  #scrolledAt = NEVER;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A key led away from the newest. Being near the end is no return to it before the log moves down. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** A scroll that leads away from the newest began before the person went there. */
  get isHolding(): boolean {
    return this.#now() - this.#newestAt < IN_FLIGHT_MS;
  }

  /** The person may be about to go on with a scroll. */
  get isScrolling(): boolean {
    return this.#now() - this.#scrolledAt < STEP_WITHIN_MS;
  }

  leave(): void {
    this.release();
    this.#isLeaving = true;
  }

  /** `inputAt` is the timestamp of the person's input. */
  goToNewest(inputAt = this.#now()): void {
    this.release();
    this.#newestAt = inputAt;
    this.#scrolledAt = NEVER;
  }

  onScroll(): void {
    this.#scrolledAt = this.#now();
  }

  release(): void {
    this.#isLeaving = false;
    this.#newestAt = NEVER;
  }

  /** Releases both wishes when a new gesture begins. Events of an older gesture may arrive after the key, and late. */
  onWheel({ timeStamp }: Pick<WheelEvent, 'timeStamp'>): void {
    const isOldGesture = timeStamp <= this.#newestAt || timeStamp - this.#wheelAt < GESTURE_PAUSE_MS;
    this.#wheelAt = timeStamp;
    if (!isOldGesture) this.release();
  }
}
