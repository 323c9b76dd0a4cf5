/** Rows that go away (a day's line moves up with the first message of the day) leave the next to hold on to. */
const HOLDS = 3;

interface Hold {
  row: Element;
  /** Below the scroller's upper edge, pixels. */
  offset: number;
}

/** Keeps what is being read where it is on the screen, whatever comes or goes above it. */
export class ScrollAnchor {
  readonly #scroller: HTMLElement;
  readonly #rows: HTMLCollection;
  #anchors: Hold[] = [];

  constructor(scroller: HTMLElement, rows: HTMLCollection) {
    this.#scroller = scroller;
    this.#rows = rows;
  }

  /** What is read now, from the top. */
  get anchors(): readonly Hold[] {
    return this.#anchors;
  }

  remember(): void {
    this.#anchors = [];
    const edge = this.#edge;
    for (let i = this.#firstVisible(edge); i < this.#rows.length && this.#anchors.length < HOLDS; i++) {
      const row = this.#rows[i];
      if (row === undefined || !row.hasAttribute('data-holds')) continue;
      this.#anchors.push({ row, offset: row.getBoundingClientRect().top - edge });
    }
  }

  /**
   * How many rows from each end are wholly further away than this, pixels: at most so many are counted. The first and
   * the last are not, they may be edges.
   */
  beyond(distance: number, max: number): { above: number; below: number } {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    const rows = this.#rows;
    const far = { above: 0, below: 0 };
    while (far.above < max && bottomOf(rows[1 + far.above]) <= top - distance) far.above++;
    while (far.below < max && topOf(rows[rows.length - 2 - far.below]) >= bottom + distance) far.below++;
    return far;
  }

  restore(): void {
    const hold = this.#anchors.find(({ row }) => row.isConnected);
    if (hold !== undefined) this.scrollTo(hold.row, hold.offset);
  }

  scrollTo(row: Element, offset: number): void {
    const moved = row.getBoundingClientRect().top - this.#edge - offset;
    if (moved !== 0) this.#scroller.scrollTop += moved;
  }

  get #edge(): number {
    return this.#scroller.getBoundingClientRect().top;
  }

  /** Rows stand one under the other: halving finds the first that ends below the edge. */
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
