/** Storage of one text for all tabs of the origin. Each method may throw, because browsers can refuse storage. */
export interface TokenStorage {
  read(): string | null;
  write(token: string): void;
  clear(): void;
  /** Writes another key, because another tab may be saving the token at this moment. */
  probe(): void;
}

/** Accepts only plausible tokens, because another program at this origin may have stored anything. */
const TOKEN = /^[\w-]{1,64}$/;

/**
 * Holds the token that the gateway gave for the passphrase. Storage is per scheme, host and port. A cookie would go to
 * all ports of the host. Without storage, the token lasts as long as the page.
 */
export class Token {
  readonly #storage: TokenStorage;
  #unsaved: string | undefined;
  /** A token that the gateway refused. It may still be in a storage that can't be written. */
  #refused: string | undefined;

  constructor(storage: TokenStorage) {
    this.#storage = storage;
  }

  get value(): string | undefined {
    const token = this.#read() ?? this.#unsaved;
    return token === this.#refused ? undefined : token;
  }

  /** True if the token survives the page. */
  get isPersistent(): boolean {
    try {
      this.#storage.probe();
      return true;
    } catch {
      return false;
    }
  }

  save(token: string): void {
    try {
      this.#storage.write(token);
    } catch {
      this.#unsaved = token;
    }
  }

  /** Removes this token. A newer one of another tab stays. */
  invalidate(token: string): void {
    this.#refused = token;
    this.#unsaved = undefined;
    try {
      if (this.#storage.read() === token) this.#storage.clear();
    } catch {
      // Storage is refused: the token is invalid in this page.
    }
  }

  #read(): string | undefined {
    try {
      const token = this.#storage.read();
      return token !== null && TOKEN.test(token) ? token : undefined;
    } catch {
      return undefined;
    }
  }
}
