import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Choices } from '../client/preferences.ts';
import { browserStore, PREFERENCES_KEY } from '../ui/browser-effects.ts';
import { dress, watchSystemColours } from './theme.ts';

/** The bridge between what a person prefers and the page that shows it. */
export class PreferencesController implements ReactiveController {
  readonly choices: Choices;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    this.choices = new Choices({
      store: browserStore,
      changed: (preferences) => {
        dress(preferences);
        host.requestUpdate();
      },
    });
    // Before anything is drawn in another language.
    dress(this.choices.preferences);
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    watchSystemColours(signal);
    addEventListener('storage', (event) => this.#windowOnStorage(event), { signal });
  }

  hostDisconnected(): void {
    this.#wiring.abort();
  }

  /** Told by the other tabs; without a key, everything was cleared. */
  #windowOnStorage({ key }: StorageEvent): void {
    if (key === null || key === PREFERENCES_KEY) this.choices.reread();
  }
}
