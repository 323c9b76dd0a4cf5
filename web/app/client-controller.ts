import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ChatClient, type ChatClientEffects } from '../client/chat-client.ts';
import {
  fetchJson,
  isBlocked,
  newId,
  openSocket,
  personStore,
  postCode,
  startTimer,
  TOKEN_KEY,
  tabStore,
  token,
} from '../ui/browser-effects.ts';
import { RenderThrottle } from '../ui/render-throttle.ts';

/** Connects the ChatClient to its element. It passes events of the browser in and updates out. */
export class ClientController implements ReactiveController {
  readonly client: ChatClient;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost, onArrival: ChatClientEffects['onArrival']) {
    const now = () => performance.now();
    const redraw = new RenderThrottle({ startTimer, now, render: () => host.requestUpdate() });
    this.client = new ChatClient({
      createSocket: openSocket,
      startTimer,
      now,
      wallClockMs: () => Date.now(),
      random: () => Math.random(),
      fetchJson,
      newId,
      postCode,
      hasToken: () => token.value !== undefined,
      isBlocked,
      store: tabStore,
      personStore,
      onArrival,
      changed: () => redraw.request(),
      warn: (text) => console.warn(text),
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    addEventListener('pagehide', () => this.client.suspend(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.client.resume(), { signal });
    addEventListener('storage', ({ key }) => key === TOKEN_KEY && this.client.onTokenChanged(), { signal });
    addEventListener('online', () => this.client.resume(), { signal });
    document.addEventListener('visibilitychange', () => this.#onDocumentVisibilityChange(), { signal });
    this.#onDocumentVisibilityChange();
    this.client.join();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
    this.client.suspend();
  }

  #onDocumentVisibilityChange(): void {
    const visible = document.visibilityState === 'visible';
    this.client.setVisible(visible);
    if (visible) this.client.resume();
  }
}
