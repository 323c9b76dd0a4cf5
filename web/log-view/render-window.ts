import type { Row } from '../timeline/rows.ts';

/** Drawn at once when a page opens: a screen of short messages. */
export const INITIAL_ROWS = 24;
/** Drawn, or let go of, in each frame. */
export const STEP_ROWS = 5;
/** Drawn of what is new, in each frame: twenty frames a second keep up with a busy room. */
export const NEW_STEP_ROWS = 3;

export type Side = 'above' | 'below';
type Sides = Record<Side, number>;

/**
 * Which of the rows are drawn: those around what is read.
 *
 *     rows   . . . . [first . . . . . last] . . . .    at the newest they are the last ones, so many;
 *                <-- step               step -->        else they end where they ended, and begin where they began
 */
export class RenderWindow {
  #count = INITIAL_ROWS;
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
    this.#more[side] = STEP_ROWS;
  }

  /** So many are far from what is read: they go, a few with each drawing. */
  shrink(side: Side, far: number): void {
    if (!this.isGrowing(side)) this.#more[side] = -Math.min(far, STEP_ROWS);
  }

  /** Begins a little before this row. */
  showFrom(row: Row | undefined): void {
    this.#first = this.#last = row?.key;
    this.#more = { above: STEP_ROWS, below: INITIAL_ROWS };
  }

  /** The newest are to be drawn, and none of them is. What was drawn has to go in the same frame: a step at first. */
  showNewest(): void {
    this.#last = undefined;
    this.#count = STEP_ROWS;
    this.#more = { above: 0, below: 0 };
  }

  slice(rows: readonly Row[], isAtNewest: boolean): readonly Row[] {
    const { start, end } = isAtNewest ? this.#newestOf(rows) : this.#placeIn(rows);
    this.#more = { above: 0, below: 0 };
    this.#left = { above: start, below: rows.length - end };
    const drawn = start === 0 && end === rows.length ? rows : rows.slice(start, end);
    this.#first = drawn.find(isAnchor)?.key;
    this.#last = drawn.findLast(isAnchor)?.key;
    return drawn;
  }

  #newestOf(rows: readonly Row[]) {
    this.#count += this.#more.above;
    const drawn = rows.findLastIndex(({ key }) => key === this.#last) + 1;
    const isFar = drawn === 0 || rows.length - drawn > INITIAL_ROWS;
    const end = isFar ? rows.length : withNew(rows, drawn);
    return { start: withHeadings(rows, end - this.#count), end };
  }

  #placeIn(rows: readonly Row[]) {
    const { above, below } = this.#more;
    const first = rows.findIndex(({ key }) => key === this.#first);
    const last = rows.findLastIndex(({ key }) => key === this.#last);
    // Where it was may be gone from here.
    const from = first < 0 ? last + 1 - this.#count : first;
    const to = last < 0 ? Math.max(0, from) + this.#count : last + 1;
    const start = withHeadings(rows, from - above);
    const end = Math.max(start, withSays(rows, to + below));
    this.#count = Math.max(INITIAL_ROWS, end - start);
    return { start, end };
  }
}

/** What stands above a message belongs to it. */
function withHeadings(rows: readonly Row[], start: number): number {
  let begin = Math.max(0, start);
  while (begin > 0 && isHeading(rows[begin - 1])) begin--;
  return begin;
}

/** The next rows that can be drawn on from: own words between them, however many, are no step. */
function withNew(rows: readonly Row[], drawn: number): number {
  let end = drawn;
  for (let step = 0; step < NEW_STEP_ROWS && end < rows.length; end++) {
    const row = rows[end];
    if (row && isAnchor(row)) step++;
  }
  return withSays(rows, end);
}

/** Our words on their way stand at the end; a heading there waits for what it is of. */
function withSays(rows: readonly Row[], end: number): number {
  let beyond = Math.min(rows.length, end);
  while (rows[beyond]?.kind === 'say') beyond++;
  return withHeadings(rows, beyond);
}

function isHeading(row: Row | undefined): boolean {
  return row?.kind === 'day' || row?.kind === 'unread';
}

/** Headings and words on their way may be another row the next time. */
function isAnchor(row: Row): boolean {
  return !isHeading(row) && row.kind !== 'say';
}
