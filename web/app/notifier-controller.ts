import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Entry } from '../../gateway/protocol.ts';
import type { Notifying } from '../client/notifier.ts';
import type { Choices } from '../client/preferences.ts';
import { parts } from '../parts/parts.ts';
import { wait } from '../ui/browser-effects.ts';

/** What counts as a touch for a browser that lets no page sound before one. */
const TOUCHES = ['pointerdown', 'keydown'];

/** The bridge between what is to be noticed and the browser that shows it: loaded by who asked for it, as few do. */
export class NotifyingController implements ReactiveController {
  readonly #choices: Choices;
  #wiring = new AbortController();
  #isWatched = true;
  #notifying: Promise<Notifying> | undefined;

  constructor(host: ReactiveControllerHost, choices: Choices) {
    this.#choices = choices;
    host.addController(this);
  }

  hostConnected(): void {
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    for (const touch of TOUCHES)
      addEventListener(touch, () => this.#windowOnTouch(), { signal, capture: true });
    addEventListener('focus', () => this.#look(), { signal });
    addEventListener('blur', () => this.#look(), { signal });
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    this.#look();
  }

  hostDisconnected(): void {
    this.#wiring.abort();
  }

  /** Somebody else said this just now. */
  hear(entry: Entry, isMention: boolean): void {
    if (!this.#isWatched) void this.#ask((notifying) => notifying.hear(entry, isMention));
  }

  #look(): void {
    this.#isWatched = document.visibilityState === 'visible' && document.hasFocus();
    void this.#ask((notifying) => notifying.look(this.#isWatched));
  }

  #windowOnTouch(): void {
    if (this.#choices.preferences.sounds === 'off') return;
    // Without its code there is no sound yet; the next touch asks again.
    parts.load('chime').then(
      ({ unlock }) => unlock(),
      () => {},
    );
  }

  /** Nobody is there to be asked while nothing is to be noticed, or its code can't be loaded. */
  async #ask(then: (notifying: Notifying) => void): Promise<void> {
    const { notices, sounds } = this.#choices.preferences;
    if (notices === 'off' && sounds === 'off') return;
    this.#notifying ??= this.#load();
    try {
      then(await this.#notifying);
    } catch {
      this.#notifying = undefined;
    }
  }

  async #load(): Promise<Notifying> {
    const [[{ Notifying }, { hideNotice, showNotice }], { ring }] = await Promise.all([
      parts.load('notices'),
      parts.load('chime'),
    ]);
    const notifying = new Notifying({
      preferences: () => this.#choices.preferences,
      wait,
      show: showNotice,
      hide: hideNotice,
      ring: () => void ring(),
    });
    // Its code may not have been there when the person looked away.
    notifying.look(this.#isWatched);
    return notifying;
  }
}
