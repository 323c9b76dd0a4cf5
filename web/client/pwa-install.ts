import type { Effects } from './effects.ts';

/** Whether the page can be installed, or the reason why not. */
export type InstallState = 'offered' | 'installed' | 'insecure' | 'not-offered';

/** The browser's install prompt, which works once. */
export interface InstallPrompt {
  prompt(): Promise<unknown>;
}

interface InstallEffects extends Pick<Effects, 'changed'> {
  /** The page runs in its own window. */
  isInstalled: boolean;
  isSecure: boolean;
  /** Registers the service worker. Only an installed page has one. */
  registerWorker(): void;
}

/** Tracks whether the page is installed, and offers to install it. */
export class PwaInstall {
  readonly #effects: InstallEffects;
  #offer: InstallPrompt | undefined;
  #isInstalled = false;

  constructor(effects: InstallEffects) {
    this.#effects = effects;
    if (effects.isInstalled) this.onInstalled();
  }

  get state(): InstallState {
    if (this.#isInstalled) return 'installed';
    if (this.#offer !== undefined) return 'offered';
    return this.#effects.isSecure ? 'not-offered' : 'insecure';
  }

  onOffered(offer: InstallPrompt): void {
    this.#offer = offer;
    this.#effects.changed();
  }

  install(): void {
    void this.#offer?.prompt();
    this.#offer = undefined;
    this.#effects.changed();
  }

  onInstalled(): void {
    this.#isInstalled = true;
    this.#effects.registerWorker();
    this.#effects.changed();
  }
}
