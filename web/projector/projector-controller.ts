import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { HistoryApi } from '../timeline/history-api.ts';
import { fetchJson, gatewayUrl, startTimer } from '../ui/browser-effects.ts';
import { Projector } from './projector.ts';

/** The bridge between the projection and what draws it; keeps the screen awake where the browser lets it. */
export class ProjectorController implements ReactiveController {
  readonly projector: Projector;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    const changed = () => host.requestUpdate();
    this.projector = new Projector({
      historyApi: new HistoryApi({ fetchJson, startTimer, changed }),
      hearsRoom: async () => (await fetch(gatewayUrl('/readyz'), { cache: 'no-store' })).ok,
      startTimer,
      changed,
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    document.addEventListener('visibilitychange', stayAwake, { signal });
    void stayAwake();
    this.projector.start();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
    this.projector.stop();
  }
}

/** The browser lets go of it whenever the page is hidden. On plain http there is none; on battery it may be refused. */
async function stayAwake(): Promise<void> {
  if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
  await navigator.wakeLock.request('screen').catch(() => {});
}
