import type { Cancel } from '../connection/connection.ts';

/**
 * The page is drawn no oftener than this, ms. Whatever came, a drawing costs as much as some three messages of it, and a
 * slow machine needs time for who writes and scrolls. Nobody reads twenty messages a second.
 */
export const DRAW_EVERY = 50;

export interface RedrawEffects {
  wait(ms: number, then: () => void): Cancel;
  now(): number;
  draw(): void;
}

/**
 * When what has changed is drawn: at once, if the last was not just now. In a task of its own and not with the next
 * frame, which costs a slow machine as long again: keys that are pressed need not wait for both.
 */
export class Redraw {
  readonly #effects: RedrawEffects;
  #comes = false;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(effects: RedrawEffects) {
    this.#effects = effects;
  }

  ask(): void {
    if (this.#comes) return;
    this.#comes = true;
    const { wait, now } = this.#effects;
    wait(Math.max(0, this.#drawnAt + DRAW_EVERY - now()), () => this.#draw());
  }

  #draw(): void {
    this.#comes = false;
    this.#drawnAt = this.#effects.now();
    this.#effects.draw();
  }
}
