import type { Effects } from '../client/effects.ts';

/**
 * Minimum time between two renderings. A rendering costs about as much as three messages, and a slow machine needs
 * time for typing and scrolling. Nobody can read twenty messages per second.
 */
export const RENDER_INTERVAL_MS = 50;

interface RenderThrottleEffects extends Pick<Effects, 'startTimer' | 'now'> {
  render(): void;
}

/**
 * Limits the rate of renderings. The first change is rendered at once, in a task of its own. Waiting for the next
 * frame would delay key presses on a slow machine.
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
