import type { ConnectionEffects } from '../../connection/socket.ts';

/**
 * Effects of the browser that the page's state needs. Each class takes a `Pick` of them, so tests replace the rest
 * by nothing. ui/browser-effects.ts has the real ones.
 */
export interface Effects extends ConnectionEffects {
  /** Milliseconds since 1970, for times that the page shows. */
  wallClockMs(): number;
  newId(): string;
  /** Resolves to JSON. Rejects after a timeout, and when the gateway refuses. */
  fetchJson(path: string): Promise<unknown>;
  /** Sends the passphrase and resolves to the status of the answer. Rejects without an answer. */
  postCode(code: string): Promise<number>;
  /** True while the page has a token that the gateway has not refused. */
  hasToken(): boolean;
  /** Resolves to true if HTTP works and WebSocket upgrades do not. Rejects if HTTP fails too. */
  isBlocked(): Promise<boolean>;
  store: Store;
  warn(text: string): void;
  /** Reports that there is something new to render. */
  changed(): void;
}

/** Keeps one text between reloads. Both methods may throw, because browsers can refuse storage. */
export interface Store {
  read(): string | null;
  write(value: string): void;
}
