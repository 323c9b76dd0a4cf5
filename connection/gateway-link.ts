/**
 * How a program reaches a gateway: its WebSocket, and the token for the passphrase.
 */
import { isObject, isText } from '../common/guards.ts';
import { SUBPROTOCOL, TOKEN_PROTOCOL } from '../gateway/protocol.ts';
import type { Socket, SocketListener } from './socket.ts';

/** Longest wait for an answer to the passphrase, ms. */
const ENTER_TIMEOUT_MS = 15_000;
const UNAUTHORIZED = 401;

/** The constructor of WebSocket in browsers, in Node from version 22, and of the package `ws`. */
export type WebSocketClass = new (
  url: string,
  protocols: string[],
) => {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(): void;
};

export class GatewayLink {
  readonly #url: URL;
  readonly #WebSocket: WebSocketClass;
  #token: string | undefined;

  /** The URL is that of the page. */
  constructor(url: URL, WebSocket: WebSocketClass | undefined) {
    const given = WebSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
    if (!given) throw new Error('connect: this Node has no WebSocket; pass the one of the package ws');
    this.#url = url;
    this.#WebSocket = given;
  }

  openSocket(listener: SocketListener): Socket {
    const protocols = this.#token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PROTOCOL + this.#token];
    const socket = new this.#WebSocket(this.#pathUrl('ws').replace(/^http/, 'ws'), protocols);
    socket.onopen = () => listener.onOpen();
    socket.onmessage = ({ data }: { data: unknown }) => listener.onMessage(data);
    socket.onclose = ({ code }: { code: number }) => listener.onClose(code);
    socket.onerror = () => {}; // onclose follows
    return socket;
  }

  /** Exchanges the passphrase for a token. `unreached`: the gateway did not answer, or asks to try again later. */
  async enter(passphrase: string): Promise<'entered' | 'refused' | 'unreached'> {
    try {
      const answer = await fetch(this.#pathUrl('api/enter'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: passphrase }),
        signal: AbortSignal.timeout(ENTER_TIMEOUT_MS),
      });
      if (answer.status === UNAUTHORIZED) return 'refused';
      const body: unknown = answer.ok ? await answer.json() : undefined;
      if (!isObject(body) || !isText(body.token)) return 'unreached';
      this.#token = body.token;
      return 'entered';
    } catch {
      return 'unreached';
    }
  }

  #pathUrl(path: string): string {
    return new URL(path, this.#url.href.replace(/\/?(?:[?#].*)?$/, '/')).href;
  }
}
