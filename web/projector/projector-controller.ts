import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Archive } from '../timeline/history-api.ts';
import { ask, besidePage, wait } from '../ui/browser-effects.ts';
import { Projection } from './projector.ts';

/** The bridge between the projection and what draws it; keeps the screen awake where the browser lets it. */
export class ProjectionController implements ReactiveController {
  readonly projection: Projection;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    const changed = () => host.requestUpdate();
    this.projection = new Projection({
      archive: new Archive({ ask, wait, changed }),
      hearsRoom: async () => (await fetch(besidePage('/readyz'), { cache: 'no-store' })).ok,
      wait,
      changed,
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    document.addEventListener('visibilitychange', stayAwake, { signal });
    void stayAwake();
    this.projection.start();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
    this.projection.stop();
  }
}

/** The browser lets go of it whenever the page is hidden. On plain http there is none; on battery it may be refused. */
async function stayAwake(): Promise<void> {
  if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
  await navigator.wakeLock.request('screen').catch(() => {});
}
