/** Chooses the name under which a session's voice logs in, in a room with logins. */
import type { Voice } from '../upstream/voice.ts';

/** A new nickname is complete when it did not change for this time, ms. */
const NAME_SETTLES_MS = 1_000;

/** A nickname this soon after the session began is complete, because the page has stored it, ms. */
const NAME_AT_ONCE_MS = 500;

export class SessionLogin {
  readonly #voice: Voice;
  readonly #since = Date.now();
  #name: string | undefined;
  #wanted: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRenaming = false;

  constructor(voice: Voice) {
    this.#voice = voice;
  }

  /** The name that the room knows, undefined before the login. */
  get name(): string | undefined {
    return this.#name;
  }

  /** The name that the person has chosen. */
  get wanted(): string | undefined {
    return this.#wanted;
  }

  /** Another name is chosen, and not sent to the room yet. */
  get isPending(): boolean {
    return this.#timer !== undefined;
  }

  /** The voice has left to log in under another name, which is no loss of the room. */
  get isRenaming(): boolean {
    return this.#isRenaming;
  }

  /** A name that the room has refused is not tried again, because a page may repeat messages with it. */
  choose(name: string): void {
    if (name === this.#wanted) return;
    const isIn = name === this.#name && this.#voice.address !== null;
    if (isIn && !this.#timer) return;
    this.#wanted = name;
    this.#clearTimer();
    // The person has returned to the name before it was changed in the room.
    if (isIn) return;
    // A page sends a nickname at each key, and the room sees each login.
    const delayMs = Date.now() - this.#since < NAME_AT_ONCE_MS ? 0 : NAME_SETTLES_MS;
    this.#timer = setTimeout(() => this.#logIn(), delayMs);
  }

  /** Logs in under a pending name at once, because a message goes out under the name that it carries. */
  flush(): void {
    if (this.#timer) this.#logIn();
  }

  onVoiceOpen(name: string): void {
    this.#isRenaming = false;
    this.#name = name;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #logIn(): void {
    this.#clearTimer();
    this.#isRenaming = this.#voice.address !== null;
    this.#voice.logIn();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
