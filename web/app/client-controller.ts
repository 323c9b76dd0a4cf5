import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Visit, type VisitEffects } from '../client/chat-client.ts';
import {
  ask,
  giveCode,
  isBlocked,
  newId,
  openSocket,
  TOKEN_KEY,
  tabStore,
  token,
  wait,
} from '../ui/browser-effects.ts';
import { Redraw } from '../ui/render-throttle.ts';

/** The bridge between the visit and what draws it: the browser's events in, updates out. */
export class VisitController implements ReactiveController {
  readonly visit: Visit;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost, arrived: VisitEffects['arrived']) {
    const now = () => performance.now();
    const redraw = new Redraw({ wait, now, draw: () => host.requestUpdate() });
    this.visit = new Visit({
      createSocket: openSocket,
      wait,
      now,
      today: () => Date.now(),
      random: () => Math.random(),
      ask,
      newId,
      giveCode,
      hasToken: () => token.value !== undefined,
      isBlocked,
      store: tabStore,
      arrived,
      changed: () => redraw.ask(),
      warn: (text) => console.warn(text),
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    addEventListener('pagehide', () => this.visit.sleep(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.visit.wake(), { signal });
    addEventListener('storage', ({ key }) => key === TOKEN_KEY && this.visit.tokenChanged(), { signal });
    addEventListener('online', () => this.visit.wake(), { signal });
    document.addEventListener('visibilitychange', () => this.#documentOnVisibilityChange(), { signal });
    this.#documentOnVisibilityChange();
    this.visit.enter();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
    this.visit.sleep();
  }

  #documentOnVisibilityChange(): void {
    const visible = document.visibilityState === 'visible';
    this.visit.show(visible);
    if (visible) this.visit.wake();
  }
}
