/**
 * What comes in on one WebSocket, until it closes. Two ways to talk: the protocol's JSON, and plain text.
 */
import type { RawData } from 'ws';
import type { RateLimit } from '../../common/token-bucket.ts';
import { LEAVE_WORD } from '../../tcp-server/wire.ts';
import { jsonEncoder, textEncoder } from '../downstream/encoders.ts';
import type { ClientConnection, Subscriber } from '../downstream/subscriber.ts';
import type { Hub } from '../hub/hub.ts';
import type { Admission } from '../limits/admission.ts';
import { CLOSE, type ClientMessage } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { withoutLineEnds } from '../upstream/formats/dice-parser.ts';
import { BadMessage, parseClientMessage } from './parse-client-message.ts';
import { ReadThrottle } from './read-throttle.ts';

/** How long we wait for a browser, ms. */
export interface ClientTimeouts {
  /** For its hello. */
  helloMs: number;
  /** For its return after a connection that broke. */
  resumeMs: number;
  /** The same after a clean close. */
  reloadMs: number;
}

const CLEAN_CLOSES: readonly number[] = [1000, 1001];

/** On which a conversation is held. */
export interface ClientOptions {
  timeouts: ClientTimeouts;
  /** How fast a browser is read, in frames, or in 1024 bytes where a frame is longer. */
  messageRate: RateLimit;
}

/** The browser says hello first. */
export class JsonClient {
  readonly #subscriber: Subscriber;
  readonly #hub: Hub;
  readonly #admission: Admission;
  readonly #timeouts: ClientTimeouts;
  readonly #readThrottle: ReadThrottle;
  #helloTimer: NodeJS.Timeout | undefined;
  #session: Session | undefined;
  #isClean = false;

  constructor(line: ClientConnection, place: Admission, room: Hub, { timeouts, messageRate }: ClientOptions) {
    this.#hub = room;
    this.#admission = place;
    this.#timeouts = timeouts;
    this.#subscriber = room.subscribe(line, jsonEncoder);
    this.#readThrottle = new ReadThrottle(line.socket, this.#subscriber, messageRate);
    this.#helloTimer = setTimeout(() => this.#subscriber.close(CLOSE.noHello, 'no hello'), timeouts.helloMs);
    line.socket.on('message', (data, isBinary) => this.#onSocketMessage(data, isBinary));
    line.socket.on('close', (code) => this.#onSocketClose(code));
  }

  #onSocketMessage(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new BadMessage('not-text', 'frames must be text');
      this.#handle(parseClientMessage(textOf(data)));
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#subscriber.send({ type: 'error', code: error.code, message: error.message });
    }
  }

  #handle(message: ClientMessage): void {
    if (message.type === 'ping') this.#subscriber.send({ type: 'pong' });
    else if (message.type === 'hello') this.#onHello(message);
    else if (this.#session) this.#sendError(this.#session, message);
    else throw new BadMessage('hello-first', 'say hello first');
  }

  #onHello(hello: ClientMessage & { type: 'hello' }): void {
    if (this.#session) throw new BadMessage('hello-twice', 'hello was said already');
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#admission.settle();
    this.#session = this.#hub.join(this.#subscriber, hello);
  }

  #sendError(me: Session, message: ClientMessage & { type: 'say' | 'name' | 'bye' | 'leave' }): void {
    if (message.type === 'say') me.say(message.id, message.text);
    else if (message.type === 'name') me.setNickname(message.name);
    else if (message.type === 'leave') void me.leave();
    else this.#isClean = true;
  }

  #onSocketClose(code: number): void {
    clearTimeout(this.#helloTimer);
    this.#readThrottle.end();
    const isClean = this.#isClean || CLEAN_CLOSES.includes(code);
    const { reloadMs, resumeMs } = this.#timeouts;
    this.#session?.detach(this.#subscriber, isClean ? reloadMs : resumeMs);
  }
}

/** A frame is a message; `salir` leaves. Nobody comes back to a plain-text session: it ends with its socket. */
export function serveTextClient(
  line: ClientConnection,
  place: Admission,
  room: Hub,
  { messageRate }: ClientOptions,
): void {
  const { socket } = line;
  const browser: Subscriber = room.subscribe(
    line,
    textEncoder((address) => session?.owns(address) ?? false),
  );
  const readThrottle = new ReadThrottle(socket, browser, messageRate);
  const session: Session | undefined = room.joinNow(browser);
  place.settle();
  socket.on('close', () => {
    readThrottle.end();
    void session?.leave('closed the socket');
  });
  if (!session) return;
  let count = 0;

  socket.on('message', (data, isBinary) => {
    const text = withoutLineEnds(textOf(data));
    if (isBinary) browser.send({ type: 'error', code: 'not-text', message: 'frames must be text' });
    else if (text.trim().toLowerCase() === LEAVE_WORD) void session.leave();
    else if (text !== '') session.say(String(++count), text);
  });
}

function textOf(data: RawData): string {
  return data.toString();
}
