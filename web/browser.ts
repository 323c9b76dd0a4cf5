/** The browser's effects, as the page's state wants them. Nothing here needs a secure context. */
import { SUBPROTOCOL } from '../gateway/protocol.ts';
import { AskedToWait, NotLetIn } from './archive.ts';
import type { Cancel, Socket, SocketEvents } from './connection.ts';
import type { Store } from './tab-memory.ts';

const STORE_KEY = 'tertulia';
/** Also in public/first-paint.js, which imports nothing. */
export const PREFERENCES_KEY = 'tertulia-preferences';
const ID_BYTES = 12;
/** Longest wait for an answer over HTTP, ms. */
const ASK_TIMEOUT = 15_000;
const UNAUTHORIZED = 401;
const TOO_MANY = 429;

export function openSocket(events: SocketEvents): Socket {
  const url = new URL('ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = url.hash = '';
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => events.heard(data);
  socket.onclose = ({ code }) => events.closed(code);
  return { send: (data) => socket.send(data), close: () => socket.close() };
}

export function wait(ms: number, then: () => void): Cancel {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

export async function ask(path: string): Promise<unknown> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(ASK_TIMEOUT), cache: 'no-store' });
  if (answer.status === UNAUTHORIZED) throw new NotLetIn(`ask ${path}: no passphrase`);
  if (answer.status === TOO_MANY) throw new AskedToWait(waitOf(answer));
  if (!answer.ok) throw new Error(`ask ${path}: ${answer.status}`);
  return await answer.json();
}

/** A proxy may refuse too, and may not say for how long. */
function waitOf({ headers }: Response): number {
  return (Number(headers.get('retry-after')) || 1) * 1000;
}

export async function giveCode(code: string): Promise<number> {
  const { status } = await fetch('/api/enter', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(ASK_TIMEOUT),
  });
  return status;
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
export const browserStore: Store = {
  read: () => localStorage.getItem(PREFERENCES_KEY),
  write: (value) => localStorage.setItem(PREFERENCES_KEY, value),
};
