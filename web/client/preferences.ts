import type { Store } from '../connection/tab-storage.ts';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export const TEXT_SIZES = ['small', 'normal', 'large', 'huge'] as const;
export const LANGUAGES = ['browser', 'es', 'en'] as const;
/** Which messages somebody who looks elsewhere is told of. */
export const SCOPES = ['off', 'mentions', 'all'] as const;

/** How a person likes the page. The names are also what the style sheet goes by (tokens.css). */
export interface Preferences {
  theme: (typeof THEMES)[number];
  text: (typeof TEXT_SIZES)[number];
  language: (typeof LANGUAGES)[number];
  notices: (typeof SCOPES)[number];
  sounds: (typeof SCOPES)[number];
}

const DEFAULTS: Preferences = {
  theme: 'system',
  text: 'normal',
  language: 'browser',
  notices: 'off',
  sounds: 'off',
};

export interface PreferenceEffects {
  /** Shared by the tabs of a browser. */
  store: Store;
  changed(preferences: Preferences): void;
}

/** What was chosen in this browser; where nothing may be kept, in this visit. */
export class PreferenceStore {
  readonly #effects: PreferenceEffects;
  #preferences: Preferences;

  constructor(effects: PreferenceEffects) {
    this.#effects = effects;
    this.#preferences = loadPreferences(effects.store);
  }

  get preferences(): Preferences {
    return this.#preferences;
  }

  set(choice: Partial<Preferences>): void {
    this.#preferences = { ...this.#preferences, ...choice };
    savePreferences(this.#effects.store, this.#preferences);
    this.#effects.changed(this.#preferences);
  }

  /** Another tab has chosen. */
  reload(): void {
    this.#preferences = loadPreferences(this.#effects.store);
    this.#effects.changed(this.#preferences);
  }
}

function loadPreferences(store: Store): Preferences {
  try {
    const kept: unknown = JSON.parse(store.read() ?? '{}');
    const { theme, text, language, notices, sounds } = (kept ?? {}) as Partial<Preferences>;
    return {
      theme: oneOf(THEMES, theme) ?? DEFAULTS.theme,
      text: oneOf(TEXT_SIZES, text) ?? DEFAULTS.text,
      language: oneOf(LANGUAGES, language) ?? DEFAULTS.language,
      notices: oneOf(SCOPES, notices) ?? DEFAULTS.notices,
      sounds: oneOf(SCOPES, sounds) ?? DEFAULTS.sounds,
    };
  } catch {
    return DEFAULTS;
  }
}

function savePreferences(store: Store, preferences: Preferences): void {
  try {
    store.write(JSON.stringify(preferences));
  } catch {
    // Refused or full: chosen for this visit.
  }
}

function oneOf<T>(known: readonly T[], value: unknown): T | undefined {
  return known.find((one) => one === value);
}
