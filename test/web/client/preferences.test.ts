import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../../web/client/effects.ts';
import { PreferenceStore, type Preferences } from '../../../web/client/preferences.ts';

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

class FakeStore implements Store {
  value: string | null = null;
  read = () => this.value;
  write = (value: string) => {
    this.value = value;
  };
}

const refused: Store = {
  read: () => {
    throw new Error('SecurityError');
  },
  write: () => {
    throw new Error('QuotaExceededError');
  },
};

function choicesIn(store: Store): { choices: PreferenceStore; shown: Preferences[] } {
  const shown: Preferences[] = [];
  return {
    choices: new PreferenceStore({ store, changed: (preferences) => shown.push(preferences) }),
    shown,
  };
}

describe('preferences', () => {
  it('follow system and browser by default', () => {
    assert.deepEqual(choicesIn(new FakeStore()).choices.preferences, DEFAULTS);
  });

  it('are saved together and applied at once', () => {
    const store = new FakeStore();
    const { choices, shown } = choicesIn(store);
    choices.set({ theme: 'dark' });
    choices.set({ language: 'en' });
    assert.deepEqual(shown.at(-1), { ...DEFAULTS, theme: 'dark', language: 'en' });
    assert.deepEqual(choicesIn(store).choices.preferences, shown.at(-1));
  });

  it('of another tab are applied on reload()', () => {
    const store = new FakeStore();
    const [here, there] = [choicesIn(store), choicesIn(store)];
    there.choices.set({ text: 'huge' });
    here.choices.reload();
    assert.deepEqual(here.shown, [{ ...DEFAULTS, text: 'huge' }]);
  });

  it('last as long as the page without storage', () => {
    const { choices } = choicesIn(refused);
    choices.set({ theme: 'contrast' });
    assert.equal(choices.preferences.theme, 'contrast');
  });

  it('with an invalid value fall back to its default alone', () => {
    const store = new FakeStore();
    for (const nonsense of ['', '{', 'null', '7', '[]', '{"theme":"pink","text":7,"language":"tlh"}']) {
      store.value = nonsense;
      assert.deepEqual(choicesIn(store).choices.preferences, DEFAULTS, nonsense);
    }
    store.value = '{"theme":"pink","text":"large"}';
    assert.deepEqual(choicesIn(store).choices.preferences, { ...DEFAULTS, text: 'large' });
  });
});
