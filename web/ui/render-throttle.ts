import type { Cancel } from '../connection/connection.ts';

/**
 * The page is drawn no oftener than this, ms. Whatever came, a drawing costs as much as some three messages of it, and a
 * slow machine needs time for who writes and scrolls. Nobody reads twenty messages a second.
 */
export const RENDER_INTERVAL_MS = 50;

export interface RenderThrottleEffects {
  startTimer(ms: number, then: () => void): Cancel;
  now(): number;
  render(): void;
}

/**
 * When what has changed is drawn: at once, if the last was not just now. In a task of its own and not with the next
 * frame, which costs a slow machine as long again: keys that are pressed need not wait for both.
 */
export class RenderThrottle {
  readonly #effects: RenderThrottleEffects;
  #isScheduled = false;
  #renderedAt = Number.NEGATIVE_INFINITY;

  constructor(effects: RenderThrottleEffects) {
    this.#effects = effects;
  }

  request(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const { startTimer, now } = this.#effects;
    startTimer(Math.max(0, this.#renderedAt + RENDER_INTERVAL_MS - now()), () => this.#render());
  }

  #render(): void {
    this.#isScheduled = false;
    this.#renderedAt = this.#effects.now();
    this.#effects.render();
  }
}
