import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Moderation, PeopleHere } from '../../gateway/protocol.ts';
import { HistoryApi } from '../timeline/history-api.ts';
import { fetchJson, gatewayUrl, startTimer } from '../ui/browser-effects.ts';
import { Projector } from './projector.ts';

/** Connects the Projector to its element, and keeps the screen awake where the browser allows it. */
export class ProjectorController implements ReactiveController {
  readonly projector: Projector;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    const changed = () => host.requestUpdate();
    this.projector = new Projector({
      historyApi: new HistoryApi({ fetchJson, startTimer, changed }),
      hearsRoom: async () => (await fetch(gatewayUrl('/readyz'), { cache: 'no-store' })).ok,
      countPeople: async () => ((await fetchJson('/api/people')) as PeopleHere).count,
      readModeration: async () => (await fetchJson('/api/moderation')) as Moderation,
      startTimer,
      changed,
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    document.addEventListener('visibilitychange', keepScreenAwake, { signal });
    void keepScreenAwake();
    this.projector.start();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
    this.projector.stop();
  }
}

/** The browser ends a wake lock when the page is hidden. Plain http has none, and a low battery may refuse it. */
async function keepScreenAwake(): Promise<void> {
  if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
  await navigator.wakeLock.request('screen').catch(() => {});
}
