import type { Side } from '../log-view/render-window.ts';
import type { Edge } from '../timeline/history.ts';

/** Parts of the log that one click or scroll loads at most, until one of them has a message to show. */
export const SEEK_MAX_PAGES = 20;

/** The loaded part of a log, as a filter shows it. */
export interface FilteredLog extends Record<Side, Edge> {
  /** Numbers of the messages that are shown, oldest first. */
  found: readonly number[];
  /** Less than a screen is left to read below. */
  isNearEnd: boolean;
}

interface SeekEffects {
  log(): FilteredLog;
  load(side: Side, again: boolean): void;
  goTo(seq: number): void;
  changed(): void;
}

/** Loads parts of a filtered log, one after another, until one of them has a message to show. */
export class FilterSeek {
  readonly #effects: SeekEffects;
  /** Looks for a message above or below the number `from`. */
  #seeking: { side: Side; from: number } | undefined;
  /** Parts that may be loaded until the person scrolls or clicks again. */
  #pagesLeft = 0;
  #isActive = false;
  /** The filter has just been set. */
  #isFresh = false;

  constructor(effects: SeekEffects) {
    this.#effects = effects;
  }

  get side(): Side | undefined {
    return this.#seeking?.side;
  }

  onFilter(isActive: boolean): void {
    this.#seeking = undefined;
    this.#isActive = this.#isFresh = isActive;
    this.#pagesLeft = SEEK_MAX_PAGES;
  }

  /** The person looks for older messages. */
  seekOlder(): void {
    if (this.side === 'above') return;
    this.#pagesLeft = SEEK_MAX_PAGES;
    this.#start('above', true);
  }

  /** The person may read on. */
  onInput(): void {
    this.#pagesLeft = SEEK_MAX_PAGES;
    this.readOn();
  }

  /** A part of the log has been loaded, or has changed. */
  onLoaded(): void {
    if (!this.#isActive) return;
    const { above, below } = this.#effects.log();
    if (above === 'loading' || below === 'loading') return;
    if (this.#seeking !== undefined) this.#seek(this.#seeking);
    else this.readOn();
  }

  /** Looks for older messages where there is none to show, and for newer ones where few are left to read. */
  readOn(): void {
    if (!this.#isActive || this.#seeking !== undefined || this.#pagesLeft === 0) return;
    const { found, above, below, isNearEnd } = this.#effects.log();
    // A person who went to the newest stays there, also where there is nothing to show.
    const isLost = found.length === 0 && (this.#isFresh || below !== 'end');
    this.#isFresh = false;
    if (isLost && above === 'more') this.#start('above');
    else if (below === 'more' && isNearEnd) this.#start('below');
  }

  #start(side: Side, again = false): void {
    const { found } = this.#effects.log();
    const from = side === 'above' ? (found[0] ?? Number.POSITIVE_INFINITY) : (found.at(-1) ?? 0);
    this.#seeking = { side, from };
    this.#load(side, again);
    this.#effects.changed();
  }

  #seek({ side, from }: { side: Side; from: number }): void {
    const { found, [side]: edge } = this.#effects.log();
    const next = side === 'above' ? found.findLast((seq) => seq < from) : found.find((seq) => seq > from);
    if (next === undefined && edge === 'more' && this.#pagesLeft > 0) {
      this.#load(side, false);
      return;
    }
    this.#seeking = undefined;
    this.#effects.changed();
    if (next !== undefined && side === 'above') this.#effects.goTo(next);
    else this.readOn();
  }

  #load(side: Side, again: boolean): void {
    this.#pagesLeft--;
    this.#effects.load(side, again);
  }
}
