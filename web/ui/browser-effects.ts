/** The browser's implementation of client/effects.ts. Nothing here needs a secure context. */

import { isObject, isText } from '../../common/guards.ts';
import type { Cancel, Socket, SocketListener } from '../../connection/socket.ts';
import { CLOSE, SUBPROTOCOL, TOKEN_HEADER, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import type { Store } from '../client/effects.ts';
import { Token } from '../connection/token.ts';
import { buildOf } from '../parts/part-loader.ts';
import { RateLimitedError, UnauthorizedError } from '../timeline/history-api.ts';

const STORE_KEY = 'tertulia';
/** Names the part to open after a reload. */
const PART_TO_OPEN_KEY = 'tertulia-opened';
/** first-paint.js repeats this key, because it imports nothing. */
export const PREFERENCES_KEY = 'tertulia-preferences';
/** One key per path, because each gateway of an origin has a passphrase of its own. */
export const TOKEN_KEY = `tertulia-token${new URL('.', location.href).pathname}`;
/** Each gateway knows a person of its own, so that no gateway learns the secret of another. */
const PERSON_KEY = TOKEN_KEY.replace('token', 'person');
const PROBE_KEY = 'tertulia-probe';
const ID_BYTES = 12;
/** Longest wait for an answer over HTTP. */
const FETCH_TIMEOUT_MS = 15_000;
const UNAUTHORIZED = 401;
const TOO_MANY_REQUESTS = 429;
const UPGRADE_REQUIRED = 426;

/** Shared by all tabs of the browser. */
export const token = new Token({
  read: () => localStorage.getItem(TOKEN_KEY),
  write: (value) => localStorage.setItem(TOKEN_KEY, value),
  clear: () => localStorage.removeItem(TOKEN_KEY),
  probe() {
    localStorage.setItem(PROBE_KEY, '');
    localStorage.removeItem(PROBE_KEY);
  },
});

/** Returns the URL of a gateway path, also where a proxy serves the page under a path of its own. */
export function gatewayUrl(path: string): URL {
  return new URL(`.${path}`, location.href);
}

export function openSocket(listener: SocketListener): Socket {
  const url = gatewayUrl('/ws');
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const { value } = token;
  const socket = new WebSocket(
    url,
    value === undefined ? SUBPROTOCOL : [SUBPROTOCOL, TOKEN_PROTOCOL + value],
  );
  socket.onopen = () => listener.onOpen();
  socket.onmessage = ({ data }) => listener.onMessage(data);
  socket.onclose = ({ code }) => {
    if (code === CLOSE.locked && value !== undefined) token.invalidate(value);
    listener.onClose(code);
  };
  return { send: (data) => socket.send(data), close: () => socket.close() };
}

export function startTimer(ms: number, then: () => void): Cancel {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

export async function fetchJson(path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
  const { value } = token;
  const answer = await fetch(gatewayUrl(path), {
    method,
    headers: value === undefined ? {} : { [TOKEN_HEADER]: value },
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    cache: 'no-store',
  });
  if (answer.status === UNAUTHORIZED) throw new UnauthorizedError(`fetch ${path}: no valid token`);
  if (answer.status === TOO_MANY_REQUESTS) throw new RateLimitedError(retryAfterMs(answer));
  if (!answer.ok) throw new Error(`fetch ${path}: ${answer.status}`);
  return await answer.json();
}

/** A proxy that refuses may send no Retry-After. */
function retryAfterMs({ headers }: Response): number {
  return (Number(headers.get('retry-after')) || 1) * 1000;
}

export async function postCode(code: string): Promise<number> {
  const answer = await fetch(gatewayUrl('/api/enter'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (answer.ok) saveToken(await answer.json());
  return answer.status;
}

function saveToken(answer: unknown): void {
  if (!isObject(answer) || !isText(answer.token)) throw new Error('post the code: the answer has no token');
  token.save(answer.token);
}

/** Resolves to true if HTTP reaches the gateway, so that only the upgrade to WebSocket fails. */
export async function isBlocked(): Promise<boolean> {
  const answer = await fetch(gatewayUrl('/ws'), {
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    cache: 'no-store',
  });
  return answer.status === UPGRADE_REQUIRED;
}

export function ownBuild(): string | undefined {
  return buildOf(document.querySelector('script[type="module"]')?.outerHTML ?? '');
}

export async function servedBuild(): Promise<string | undefined> {
  const answer = await fetch('./', { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), cache: 'no-store' });
  return answer.ok ? buildOf(await answer.text()) : undefined;
}

/** Reloads the page, which keeps its draft and its reading position. `part` is opened afterwards. */
export function reload(part = ''): void {
  try {
    sessionStorage.setItem(PART_TO_OPEN_KEY, part);
  } catch {
    // Storage is refused: no part is opened after the reload.
  }
  location.reload();
}

/** Returns the part to open after a reload, and clears it. */
export function takePartToOpen(): string | null {
  try {
    const part = sessionStorage.getItem(PART_TO_OPEN_KEY);
    sessionStorage.removeItem(PART_TO_OPEN_KEY);
    return part;
  } catch {
    return null;
  }
}

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Looks `sessionStorage` up each time, because the lookup itself throws in a browser that refuses storage. */
export const tabStore: Store = {
  read: () => sessionStorage.getItem(STORE_KEY),
  write: (value) => sessionStorage.setItem(STORE_KEY, value),
};

/** Shared by all tabs of the browser. */
export const personStore: Store = {
  read: () => localStorage.getItem(PERSON_KEY),
  write: (value) => localStorage.setItem(PERSON_KEY, value),
};

/** Shared by all tabs of the browser. */
export const preferenceStore: Store = {
  read: () => localStorage.getItem(PREFERENCES_KEY),
  write: (value) => localStorage.setItem(PREFERENCES_KEY, value),
};
