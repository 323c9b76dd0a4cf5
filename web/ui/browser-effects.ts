/** The browser's effects, as the page's state wants them. Nothing here needs a secure context. */
import { CLOSE, SUBPROTOCOL, TOKEN_HEADER, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import type { Cancel, Socket, SocketListener } from '../connection/connection.ts';
import { isObject, isText } from '../connection/parse-server-message.ts';
import type { Store } from '../connection/tab-storage.ts';
import { Token } from '../connection/token.ts';
import { buildOf } from '../parts/part-loader.ts';
import { RateLimitedError, UnauthorizedError } from '../timeline/history-api.ts';

const STORE_KEY = 'tertulia';
/** Holds the part to open after a reload. */
const PART_TO_OPEN_KEY = 'tertulia-opened';
/** Also in public/first-paint.js, which imports nothing. */
export const PREFERENCES_KEY = 'tertulia-preferences';
/** Gateways under several paths of one origin may have several passphrases. */
export const TOKEN_KEY = `tertulia-token${new URL('.', location.href).pathname}`;
const PROBE_KEY = 'tertulia-probe';
const ID_BYTES = 12;
/** Longest wait for an answer over HTTP, ms. */
const FETCH_TIMEOUT_MS = 15_000;
const UNAUTHORIZED = 401;
const TOO_MANY_REQUESTS = 429;
const UPGRADE_REQUIRED = 426;

/** The same for all tabs of the browser. */
export const token = new Token({
  read: () => localStorage.getItem(TOKEN_KEY),
  write: (value) => localStorage.setItem(TOKEN_KEY, value),
  clear: () => localStorage.removeItem(TOKEN_KEY),
  probe() {
    localStorage.setItem(PROBE_KEY, '');
    localStorage.removeItem(PROBE_KEY);
  },
});

/** A path of the gateway, also where a proxy serves the page under a path of its own. */
export function gatewayUrl(path: string): URL {
  return new URL(`.${path}`, location.href);
}

export function openSocket(events: SocketListener): Socket {
  const url = gatewayUrl('/ws');
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const shown = token.value;
  const socket = new WebSocket(
    url,
    shown === undefined ? SUBPROTOCOL : [SUBPROTOCOL, TOKEN_PROTOCOL + shown],
  );
  socket.onopen = () => events.onOpen();
  socket.onmessage = ({ data }) => events.onMessage(data);
  socket.onclose = ({ code }) => {
    if (code === CLOSE.locked && shown !== undefined) token.invalidate(shown);
    events.onClose(code);
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
  if (answer.status === UNAUTHORIZED) throw new UnauthorizedError(`ask ${path}: no passphrase`);
  if (answer.status === TOO_MANY_REQUESTS) throw new RateLimitedError(retryAfterMs(answer));
  if (!answer.ok) throw new Error(`ask ${path}: ${answer.status}`);
  return await answer.json();
}

/** A proxy may refuse too, and may not say for how long. */
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
  if (!isObject(answer) || !isText(answer.token)) throw new Error('give the code: the answer is no token');
  token.save(answer.token);
}

/**
 * Follows a link to a file of a room with a passphrase: a navigation carries no token, so it takes a ticket. Where none
 * is to be had, the link is followed without, and the browser says in its own list of downloads that it failed.
 */
export async function download(event: MouseEvent): Promise<void> {
  if (token.value === undefined) return;
  event.preventDefault();
  const link = (event.currentTarget as HTMLAnchorElement).cloneNode() as HTMLAnchorElement;
  const answer = await fetchJson('/api/ticket', 'POST').catch(() => undefined);
  if (isObject(answer) && isText(answer.ticket)) link.search += `&ticket=${answer.ticket}`;
  link.click();
}

/** Where the WebSocket does not open: is it for want of the WebSocket alone? */
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

/** The tab keeps its draft and its place. */
export function reload(opened = ''): void {
  try {
    sessionStorage.setItem(PART_TO_OPEN_KEY, opened);
  } catch {
    // Storage is refused: nothing is open after the reload.
  }
  location.reload();
}

/** Returns what was to be opened after the reload, once. */
export function takePartToOpen(): string | null {
  try {
    const opened = sessionStorage.getItem(PART_TO_OPEN_KEY);
    sessionStorage.removeItem(PART_TO_OPEN_KEY);
    return opened;
  } catch {
    return null;
  }
}

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Reading `sessionStorage` itself throws where it is refused, so it is read each time. */
export const tabStore: Store = {
  read: () => sessionStorage.getItem(STORE_KEY),
  write: (value) => sessionStorage.setItem(STORE_KEY, value),
};

/** The same for all tabs of the browser. */
export const preferenceStore: Store = {
  read: () => localStorage.getItem(PREFERENCES_KEY),
  write: (value) => localStorage.setItem(PREFERENCES_KEY, value),
};
