import type { Row } from '../timeline/rows.ts';

/** Rows drawn at once when a page opens: a screen of short messages. */
export const INITIAL_ROWS = 24;
/** Rows added or removed in each frame. */
export const STEP_ROWS = 5;
/** New rows drawn in each frame. At twenty frames a second this keeps up with a busy room. */
export const NEW_STEP_ROWS = 3;

export type Side = 'above' | 'below';
type Sides = Record<Side, number>;

/**
 * Selects the rows that are drawn, around the reading place.
 *
 *     rows   . . . . [first . . . . . last] . . . .    at the newest: the last rows, a fixed number
 *                <-- step               step -->       further up: the first and the last row stay
 */
export class RenderWindow {
  #count = INITIAL_ROWS;
  #first: string | undefined;
  #last: string | undefined;
  /** Rows that the next drawing adds, or removes if negative. */
  #more: Sides = { above: 0, below: 0 };
  #left: Sides = { above: 0, below: 0 };

  /** Number of rows that are not drawn. */
  get left(): Readonly<Sides> {
    return this.#left;
  }

  /** Returns whether requested rows are not drawn yet. */
  isGrowing(side: Side): boolean {
    return this.#more[side] > 0;
  }

  grow(side: Side): void {
    this.#more[side] = STEP_ROWS;
  }

  /** Removes up to `far` rows that are far from the reading place, a few with each drawing. */
  shrink(side: Side, far: number): void {
    if (!this.isGrowing(side)) this.#more[side] = -Math.min(far, STEP_ROWS);
  }

  /** Moves the window so that it begins a little before this row. */
  showFrom(row: Row | undefined): void {
    this.#first = this.#last = row?.key;
    this.#more = { above: STEP_ROWS, below: INITIAL_ROWS };
  }

  /** Jumps to the newest rows. It begins with one step, because the same frame removes the old rows. */
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
    // The first and the last row may no longer be in the list.
    const from = first < 0 ? last + 1 - this.#count : first;
    const to = last < 0 ? Math.max(0, from) + this.#count : last + 1;
    const start = withHeadings(rows, from - above);
    const end = Math.max(start, withSays(rows, to + below));
    this.#count = Math.max(INITIAL_ROWS, end - start);
    return { start, end };
  }
}

/** Includes the headings above the first message. */
function withHeadings(rows: readonly Row[], start: number): number {
  let begin = Math.max(0, start);
  while (begin > 0 && isHeading(rows[begin - 1])) begin--;
  return begin;
}

/** Returns the end after the next NEW_STEP_ROWS anchors. Own messages between them do not count. */
function withNew(rows: readonly Row[], drawn: number): number {
  let end = drawn;
  for (let step = 0; step < NEW_STEP_ROWS && end < rows.length; end++) {
    const row = rows[end];
    if (row && isAnchor(row)) step++;
  }
  return withSays(rows, end);
}

/** Includes own messages on their way, and excludes a heading without its message. */
function withSays(rows: readonly Row[], end: number): number {
  let beyond = Math.min(rows.length, end);
  while (rows[beyond]?.kind === 'outgoing') beyond++;
  return withHeadings(rows, beyond);
}

function isHeading(row: Row | undefined): boolean {
  return row?.kind === 'day' || row?.kind === 'unread';
}

/** Headings and own messages on their way have no stable keys. */
function isAnchor(row: Row): boolean {
  return !isHeading(row) && row.kind !== 'outgoing';
}
