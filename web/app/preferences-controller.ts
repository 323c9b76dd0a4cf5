import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { PreferenceStore } from '../client/preferences.ts';
import { PREFERENCES_KEY, preferenceStore } from '../ui/browser-effects.ts';
import { applyPreferences, watchSystemTheme } from './theme.ts';

/** Applies the preferences to the page. */
export class PreferencesController implements ReactiveController {
  readonly store: PreferenceStore;
  #wiring = new AbortController();

  constructor(host: ReactiveControllerHost) {
    this.store = new PreferenceStore({
      store: preferenceStore,
      changed: (preferences) => {
        applyPreferences(preferences);
        host.requestUpdate();
      },
    });
    // Before the first drawing, which depends on the language.
    applyPreferences(this.store.preferences);
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    watchSystemTheme(signal);
    addEventListener('storage', (event) => this.#onWindowStorage(event), { signal });
  }

  hostDisconnected(): void {
    this.#wiring.abort();
  }

  /** Other tabs cause this event. A null key means that the storage was cleared. */
  #onWindowStorage({ key }: StorageEvent): void {
    if (key === null || key === PREFERENCES_KEY) this.store.reload();
  }
}
