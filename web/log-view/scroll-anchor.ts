/** Several rows are remembered, because the first may be removed by the next drawing. */
const MAX_ANCHORS = 3;

export interface Anchor {
  row: Element;
  /** Distance below the scroller's upper edge, pixels. */
  offset: number;
}

/** Keeps the row that is read at its place on the screen while rows above it are added or removed. */
export class ScrollAnchor {
  readonly #scroller: HTMLElement;
  readonly #rows: HTMLCollection;
  #anchors: Anchor[] = [];

  constructor(scroller: HTMLElement, rows: HTMLCollection) {
    this.#scroller = scroller;
    this.#rows = rows;
  }

  /** The rows that are read now, from the top. */
  get anchors(): readonly Anchor[] {
    return this.#anchors;
  }

  remember(): void {
    this.#anchors = [];
    const edge = this.#edge;
    for (let i = this.#firstVisible(edge); i < this.#rows.length && this.#anchors.length < MAX_ANCHORS; i++) {
      const row = this.#rows[i];
      if (row === undefined || !row.hasAttribute('data-anchor')) continue;
      this.#anchors.push({ row, offset: row.getBoundingClientRect().top - edge });
    }
  }

  /**
   * Counts the rows at each end that lie wholly further away than `distance`, in pixels, up to `max`. The first and the
   * last row do not count, because they may be edges.
   */
  beyond(distance: number, max: number): { above: number; below: number } {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    const rows = this.#rows;
    const far = { above: 0, below: 0 };
    while (far.above < max && bottomOf(rows[1 + far.above]) <= top - distance) far.above++;
    while (far.below < max && topOf(rows[rows.length - 2 - far.below]) >= bottom + distance) far.below++;
    return far;
  }

  /** The person scrolled down by `moved` pixels while the rows have changed, so the rows can't be measured. */
  move(moved: number): void {
    for (const anchor of this.#anchors) anchor.offset -= moved;
  }

  restore(): void {
    const anchor = this.#anchors.find(({ row }) => row.isConnected);
    if (anchor !== undefined) this.scrollTo(anchor.row, anchor.offset);
  }

  scrollTo(row: Element, offset: number): void {
    const moved = row.getBoundingClientRect().top - this.#edge - offset;
    if (moved !== 0) this.#scroller.scrollTop += moved;
  }

  get #edge(): number {
    return this.#scroller.getBoundingClientRect().top;
  }

  /** Finds the first row that ends below the edge, by binary search. */
  #firstVisible(edge: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const bottom = this.#rows[middle]?.getBoundingClientRect().bottom ?? edge;
      if (bottom > edge) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function topOf(row: Element | undefined): number {
  return row?.getBoundingClientRect().top ?? Number.NEGATIVE_INFINITY;
}

function bottomOf(row: Element | undefined): number {
  return row?.getBoundingClientRect().bottom ?? Number.POSITIVE_INFINITY;
}
