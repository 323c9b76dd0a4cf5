/** Where the origin keeps one text for all its tabs. Storage may be refused: each of these may throw. */
export interface TokenStorage {
  read(): string | null;
  write(token: string): void;
  clear(): void;
  /** Writes beside the token, which another tab may just be keeping. */
  probe(): void;
}

/** What the gateway gives is 43 characters; another program at this origin may have kept anything here. */
const TOKEN = /^[\w-]{1,64}$/;

/**
 * The proof that the passphrase was given. It is kept for scheme, host and port: no other port of the host gets it, as
 * it would get a cookie. Where storage is refused, the page has it until it is closed.
 */
export class Token {
  readonly #storage: TokenStorage;
  #unsaved: string | undefined;
  /** Refused by the gateway, and perhaps still in a storage that can't be written. */
  #refused: string | undefined;

  constructor(storage: TokenStorage) {
    this.#storage = storage;
  }

  get value(): string | undefined {
    const token = this.#read() ?? this.#unsaved;
    return token === this.#refused ? undefined : token;
  }

  /** Whether it will be found again when the page is opened later. */
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

  /** Another tab may have got a newer one meanwhile: that stays. */
  invalidate(token: string): void {
    this.#refused = token;
    this.#unsaved = undefined;
    try {
      if (this.#storage.read() === token) this.#storage.clear();
    } catch {
      // Refused: it is void all the same.
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
