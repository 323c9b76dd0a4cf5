/** Whether this page can become an app of its own, and if not, why. */
export type InstallState = 'offered' | 'installed' | 'insecure' | 'not-offered';

/** The browser's, to ask the person whether they want it; good for one time. */
export interface InstallPrompt {
  prompt(): Promise<unknown>;
}

export interface InstallEffects {
  /** The page runs in a window of its own already. */
  isInstalled: boolean;
  isSecure: boolean;
  /** Who only visits keeps nothing: called for an installed page. */
  registerWorker(): void;
  changed(): void;
}

/** How the page stands to being installed. */
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
