import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Entry } from '../../gateway/protocol.ts';
import type { Notifier } from '../client/notifier.ts';
import type { PreferenceStore } from '../client/preferences.ts';
import { parts } from '../parts/parts.ts';
import { startTimer } from '../ui/browser-effects.ts';

/** User gestures after which a browser lets the page play sounds. */
const USER_GESTURES = ['pointerdown', 'keydown'];

/** Connects the Notifier to the browser. Its code loads only if notifications or sounds are on. */
export class NotifierController implements ReactiveController {
  readonly #preferences: PreferenceStore;
  #wiring = new AbortController();
  #isWatched = true;
  #notifier: Promise<Notifier> | undefined;

  constructor(host: ReactiveControllerHost, choices: PreferenceStore) {
    this.#preferences = choices;
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    for (const touch of USER_GESTURES)
      addEventListener(touch, () => this.#onWindowTouch(), { signal, capture: true });
    addEventListener('focus', () => this.#updateVisibility(), { signal });
    addEventListener('blur', () => this.#updateVisibility(), { signal });
    document.addEventListener('visibilitychange', () => this.#updateVisibility(), { signal });
    this.#updateVisibility();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
  }

  /** Reports a new message of another person. */
  onMessage(entry: Entry, isMention: boolean): void {
    if (!this.#isWatched) void this.#withNotifier((notifier) => notifier.onMessage(entry, isMention));
  }

  #updateVisibility(): void {
    this.#isWatched = document.visibilityState === 'visible' && document.hasFocus();
    void this.#withNotifier((notifier) => notifier.setVisible(this.#isWatched));
  }

  #onWindowTouch(): void {
    if (this.#preferences.preferences.sounds === 'off') return;
    // The next gesture retries a failed load.
    parts.load('notification-sound').then(
      ({ unlock }) => unlock(),
      () => {},
    );
  }

  /** Does nothing while notifications and sounds are off, or when the code can't be loaded. */
  async #withNotifier(then: (notifier: Notifier) => void): Promise<void> {
    const { notices, sounds } = this.#preferences.preferences;
    if (notices === 'off' && sounds === 'off') return;
    this.#notifier ??= this.#load();
    try {
      then(await this.#notifier);
    } catch {
      this.#notifier = undefined;
    }
  }

  async #load(): Promise<Notifier> {
    const [[{ Notifier }, { hideNotification, showNotification }], { play }] = await Promise.all([
      parts.load('notifications'),
      parts.load('notification-sound'),
    ]);
    const notifier = new Notifier({
      preferences: () => this.#preferences.preferences,
      startTimer,
      show: showNotification,
      hide: hideNotification,
      playSound: () => void play(),
    });
    // The code may have loaded after the person looked away.
    notifier.setVisible(this.#isWatched);
    return notifier;
  }
}
