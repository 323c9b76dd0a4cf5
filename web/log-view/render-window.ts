import type { Row } from '../timeline/rows.ts';

/** Drawn at once when a page opens: a screen of short messages. */
export const DRAWN_FIRST = 24;
/** Drawn, or let go of, in each frame. */
export const DRAWN_STEP = 5;
/** Drawn of what is new, in each frame: twenty frames a second keep up with a busy room. */
export const NEW_STEP = 3;

export type Side = 'above' | 'below';
type Sides = Record<Side, number>;

/**
 * Which of the lines are drawn: those around what is read.
 *
 *     lines   . . . . [first . . . . . last] . . . .    at the newest they are the last ones, so many;
 *                <-- step               step -->        else they end where they ended, and begin where they began
 */
export class RenderWindow {
  #count = DRAWN_FIRST;
  #first: string | undefined;
  #last: string | undefined;
  /** How many more the next drawing has. */
  #more: Sides = { above: 0, below: 0 };
  #left: Sides = { above: 0, below: 0 };

  /** Lines that are not drawn. */
  get left(): Readonly<Sides> {
    return this.#left;
  }

  /** More was asked for and is not drawn yet. */
  isGrowing(side: Side): boolean {
    return this.#more[side] > 0;
  }

  grow(side: Side): void {
    this.#more[side] = DRAWN_STEP;
  }

  /** So many are far from what is read: they go, a few with each drawing. */
  shrink(side: Side, far: number): void {
    if (!this.isGrowing(side)) this.#more[side] = -Math.min(far, DRAWN_STEP);
  }

  /** Begins a little before this line. */
  showFrom(line: Row | undefined): void {
    this.#first = this.#last = line?.key;
    this.#more = { above: DRAWN_STEP, below: DRAWN_FIRST };
  }

  /** The newest are to be drawn, and none of them is. What was drawn has to go in the same frame: a step at first. */
  showNewest(): void {
    this.#last = undefined;
    this.#count = DRAWN_STEP;
    this.#more = { above: 0, below: 0 };
  }

  slice(lines: readonly Row[], isAtNewest: boolean): readonly Row[] {
    const { start, end } = isAtNewest ? this.#newestOf(lines) : this.#placeIn(lines);
    this.#more = { above: 0, below: 0 };
    this.#left = { above: start, below: lines.length - end };
    const drawn = start === 0 && end === lines.length ? lines : lines.slice(start, end);
    this.#first = drawn.find(isAnchor)?.key;
    this.#last = drawn.findLast(isAnchor)?.key;
    return drawn;
  }

  #newestOf(lines: readonly Row[]) {
    this.#count += this.#more.above;
    const drawn = lines.findLastIndex(({ key }) => key === this.#last) + 1;
    const isFar = drawn === 0 || lines.length - drawn > DRAWN_FIRST;
    const end = isFar ? lines.length : withNew(lines, drawn);
    return { start: withHeadings(lines, end - this.#count), end };
  }

  #placeIn(lines: readonly Row[]) {
    const { above, below } = this.#more;
    const first = lines.findIndex(({ key }) => key === this.#first);
    const last = lines.findLastIndex(({ key }) => key === this.#last);
    // Where it was may be gone from here.
    const from = first < 0 ? last + 1 - this.#count : first;
    const to = last < 0 ? Math.max(0, from) + this.#count : last + 1;
    const start = withHeadings(lines, from - above);
    const end = Math.max(start, withSays(lines, to + below));
    this.#count = Math.max(DRAWN_FIRST, end - start);
    return { start, end };
  }
}

/** What stands above a message belongs to it. */
function withHeadings(lines: readonly Row[], start: number): number {
  let begin = Math.max(0, start);
  while (begin > 0 && isHeading(lines[begin - 1])) begin--;
  return begin;
}

/** The next lines that can be drawn on from: own words between them, however many, are no step. */
function withNew(lines: readonly Row[], drawn: number): number {
  let end = drawn;
  for (let step = 0; step < NEW_STEP && end < lines.length; end++) {
    const line = lines[end];
    if (line && isAnchor(line)) step++;
  }
  return withSays(lines, end);
}

/** Our words on their way stand at the end; a heading there waits for what it is of. */
function withSays(lines: readonly Row[], end: number): number {
  let beyond = Math.min(lines.length, end);
  while (lines[beyond]?.kind === 'say') beyond++;
  return withHeadings(lines, beyond);
}

function isHeading(line: Row | undefined): boolean {
  return line?.kind === 'day' || line?.kind === 'unread';
}

/** Headings and words on their way may be another line the next time. */
function isAnchor(line: Row): boolean {
  return !isHeading(line) && line.kind !== 'say';
}
