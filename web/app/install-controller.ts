import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type InstallPrompt, PwaInstall } from '../client/pwa-install.ts';

/** Connects PwaInstall to the browser's events. */
export class InstallController implements ReactiveController {
  readonly install: PwaInstall;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    this.install = new PwaInstall({
      isInstalled: matchMedia('(display-mode: standalone)').matches,
      isSecure: isSecureContext,
      registerWorker: keepForOffline,
      changed: () => host.requestUpdate(),
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    // Chromium alone has this event. It is in no standard.
    const offered = (event: unknown) => this.install.onOffered(event as InstallPrompt);
    addEventListener('beforeinstallprompt', offered, { signal });
    addEventListener('appinstalled', () => this.install.onInstalled(), { signal });
  }

  hostDisconnected(): void {
    this.#wiring.abort();
  }
}

/** Does nothing in development, because cached files would hide changes. */
function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('./service-worker.js').catch((error: unknown) => console.warn(error));
}
