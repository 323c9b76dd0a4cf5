import type { Line } from './lines.ts';

/** Drawn at once: a screen of short messages. What a slow machine draws of them is not felt. */
export const DRAWN_FIRST = 24;
/** Drawn in each frame that wants more. */
export const DRAWN_STEP = 8;

/**
 * Which of the lines are drawn: the last ones, from one on that moves up as more of what is above is wanted.
 *
 *     lines   . . . . . . [a . . . . . . . .]    a: the anchor. While the newest is read the drawn
 *                  <---- step                       ones are so many; else they begin where they began
 */
export class DrawnLines {
  #count = DRAWN_FIRST;
  #anchor: string | undefined;
  #step = 0;
  #isCut = false;

  /** There are lines above those that are drawn. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** More was asked for and is not drawn yet. */
  get isGrowing(): boolean {
    return this.#step > 0;
  }

  grow(): void {
    this.#step = DRAWN_STEP;
  }

  /** Begins a little before this line. */
  showFrom(line: Line | undefined): void {
    this.#anchor = line?.key;
    this.#step = DRAWN_STEP;
  }

  cut(lines: readonly Line[], isAtNewest: boolean): readonly Line[] {
    const start = this.#startIn(lines, isAtNewest);
    this.#count = isAtNewest ? this.#count + this.#step : DRAWN_FIRST;
    this.#step = 0;
    this.#isCut = start > 0;
    this.#anchor = lines.slice(start).find(({ kind }) => kind === 'message')?.key;
    return start === 0 ? lines : lines.slice(start);
  }

  #startIn(lines: readonly Line[], isAtNewest: boolean): number {
    const begun = isAtNewest
      ? lines.length - this.#count
      : lines.findIndex(({ key }) => key === this.#anchor);
    let start = Math.max(0, begun - this.#step);
    // What stands above a message belongs to it.
    while (start > 0 && isHeading(lines[start - 1])) start--;
    return start;
  }
}

function isHeading(line: Line | undefined): boolean {
  return line?.kind === 'day' || line?.kind === 'unread';
}
