import type { Edge } from '../timeline/history.ts';
import { type RenderWindow, type Side, STEP_ROWS } from './render-window.ts';
import type { ScrollAnchor } from './scroll-anchor.ts';

/** More is drawn when fewer screens than this are left to read. At the newest a reader needs only what fits. */
const AHEAD_SCREENS = 1;
const AHEAD_AT_NEWEST_SCREENS = 0.5;
/** Rows further away than this are not drawn, screens. */
const FAR_SCREENS = 2;
/** More is loaded when fewer rows than this are left to draw. */
const LOADED_AHEAD_ROWS = 50;

export interface Surroundings extends Record<Side, Edge> {
  scroller: HTMLElement;
  anchor: ScrollAnchor;
  window: RenderWindow;
  isAtNewest: boolean;
  load(side: Side): void;
}

/** Drops far rows, grows the window and loads more where little is left to read. Returns whether the window grows. */
export function loadAround(around: Surroundings): boolean {
  const { scrollHeight, scrollTop, clientHeight } = around.scroller;
  const ahead = (around.isAtNewest ? AHEAD_AT_NEWEST_SCREENS : AHEAD_SCREENS) * clientHeight;
  dropFar(around, FAR_SCREENS * clientHeight);
  const growsAbove = scrollTop < ahead && grow(around, 'above');
  const growsBelow = scrollHeight - scrollTop - clientHeight < ahead && grow(around, 'below');
  return growsAbove || growsBelow;
}

/** The next drawing removes the rows, so this costs no drawing. A selected text stays, however far it is. */
function dropFar({ anchor, window }: Surroundings, distance: number): void {
  if (getSelection()?.type === 'Range') return;
  const { above, below } = anchor.beyond(distance, STEP_ROWS);
  window.shrink('above', above);
  window.shrink('below', below);
}

function grow(around: Surroundings, side: Side): boolean {
  const { window, load } = around;
  const left = window.left[side];
  if (around[side] === 'more' && left < LOADED_AHEAD_ROWS) load(side);
  if (left === 0 || window.isGrowing(side)) return false;
  window.grow(side);
  return true;
}
