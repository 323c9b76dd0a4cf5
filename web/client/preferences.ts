import type { Effects, Store } from './effects.ts';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export const TEXT_SIZES = ['small', 'normal', 'large', 'huge'] as const;
/** Space between messages. */
export const DENSITIES = ['airy', 'normal', 'compact'] as const;
export const LANGUAGES = ['browser', 'es', 'en'] as const;
/** Whether the people are listed beside the conversation, on a screen that is wide enough. */
export const DOCKS = ['closed', 'open'] as const;
/** Whether the card for newcomers was dismissed. */
export const NEWCOMER_CARDS = ['open', 'dismissed'] as const;
/** Messages that cause a notification or a sound. */
export const SCOPES = ['off', 'mentions', 'all'] as const;

/** A person's preferences. The style sheet uses the same values (tokens.css). */
export interface Preferences {
  theme: (typeof THEMES)[number];
  text: (typeof TEXT_SIZES)[number];
  density: (typeof DENSITIES)[number];
  language: (typeof LANGUAGES)[number];
  dock: (typeof DOCKS)[number];
  card: (typeof NEWCOMER_CARDS)[number];
  notices: (typeof SCOPES)[number];
  sounds: (typeof SCOPES)[number];
}

const DEFAULTS: Preferences = {
  theme: 'system',
  text: 'normal',
  density: 'normal',
  language: 'browser',
  dock: 'closed',
  card: 'open',
  notices: 'off',
  sounds: 'off',
};

interface PreferenceEffects extends Pick<Effects, 'store'> {
  changed(preferences: Preferences): void;
}

/** Holds the preferences of this browser. Without storage they last as long as the page. */
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

  /** Another tab has changed the preferences. */
  reload(): void {
    this.#preferences = loadPreferences(this.#effects.store);
    this.#effects.changed(this.#preferences);
  }
}

function loadPreferences(store: Store): Preferences {
  try {
    const saved: unknown = JSON.parse(store.read() ?? '{}');
    const { theme, text, density, language, dock, card, notices, sounds } = (saved ??
      {}) as Partial<Preferences>;
    return {
      theme: oneOf(THEMES, theme) ?? DEFAULTS.theme,
      text: oneOf(TEXT_SIZES, text) ?? DEFAULTS.text,
      density: oneOf(DENSITIES, density) ?? DEFAULTS.density,
      language: oneOf(LANGUAGES, language) ?? DEFAULTS.language,
      dock: oneOf(DOCKS, dock) ?? DEFAULTS.dock,
      card: oneOf(NEWCOMER_CARDS, card) ?? DEFAULTS.card,
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
    // Storage is refused or full: the choice lasts as long as the page.
  }
}

function oneOf<T>(known: readonly T[], value: unknown): T | undefined {
  return known.find((one) => one === value);
}
