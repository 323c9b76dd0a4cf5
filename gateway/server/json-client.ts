/**
 * Connects a WebSocket of the JSON protocol to its session. The first message must be `hello`.
 */
import type { RawData } from 'ws';
import type { RateLimit } from '../../common/token-bucket.ts';
import { JsonEncoder } from '../downstream/encoders.ts';
import type { ClientConnection, Subscriber } from '../downstream/subscriber.ts';
import type { HostMessage } from '../hub/hosts/host-rules.ts';
import type { Hub } from '../hub/hub.ts';
import type { Admission } from '../limits/admission.ts';
import { CLOSE, type ClientMessage, type ErrorCode } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { BadMessage, parseClientMessage } from './parse-client-message.ts';
import { ReadThrottle } from './read-throttle.ts';

/** How long the gateway waits for a browser. */
export interface ClientTimeouts {
  /** For its `hello`. */
  helloMs: number;
  /** For its return after a broken connection. */
  resumeMs: number;
  /** For its return after a clean close. */
  reloadMs: number;
}

export interface ClientOptions {
  timeouts: ClientTimeouts;
  /** Frames read from a browser. A long frame counts once for each started 1024 bytes. */
  messageRate: RateLimit;
}

const ACT_ERRORS: Partial<Record<ErrorCode, string>> = {
  'hosts-only': 'this needs the passphrase of a host',
  'not-found': 'there is no such message, or no such browser that is not a host',
  'too-many': 'show a hidden message again before you hide another',
};

const CLEAN_CLOSES: readonly number[] = [1000, 1001];

export class JsonClient {
  readonly #subscriber: Subscriber;
  readonly #hub: Hub;
  readonly #admission: Admission;
  readonly #timeouts: ClientTimeouts;
  readonly #readThrottle: ReadThrottle;
  #helloTimer: NodeJS.Timeout | undefined;
  #session: Session | undefined;
  #isClean = false;
  /** The connection has no session, and only watches. */
  #isWatcher = false;

  constructor(connection: ClientConnection, admission: Admission, hub: Hub, options: ClientOptions) {
    const { socket } = connection;
    this.#hub = hub;
    this.#admission = admission;
    this.#timeouts = options.timeouts;
    this.#subscriber = hub.subscribe(connection, new JsonEncoder(connection.isHost));
    this.#helloTimer = setTimeout(
      () => this.#subscriber.close(CLOSE.noHello, 'no hello'),
      options.timeouts.helloMs,
    );
    socket.on('message', (data, isBinary) => this.#onSocketMessage(data, isBinary));
    // Counts a message after it went out.
    this.#readThrottle = new ReadThrottle(socket, this.#subscriber, options.messageRate);
    socket.on('close', (code) => this.#onSocketClose(code));
  }

  #onSocketMessage(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new BadMessage('not-text', 'frames must be text');
      this.#handle(parseClientMessage(data.toString()));
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      this.#subscriber.send({ type: 'error', code: error.code, message: error.message });
    }
  }

  #handle(message: ClientMessage): void {
    switch (message.type) {
      case 'ping':
        this.#subscriber.send({ type: 'pong' });
        break;
      case 'hello':
        this.#onHello(message);
        break;
      case 'say':
        this.#requireSession().say(message.id, message.text);
        break;
      case 'name':
        this.#requireSession().setNickname(message.name);
        break;
      case 'hide':
      case 'silence':
      case 'pause':
      case 'pin':
      case 'title':
        this.#onHostMessage(message);
        break;
      case 'watch':
        this.#onWatch(message.watching);
        break;
      case 'bye':
        if (!this.#isWatcher) this.#requireSession();
        this.#isClean = true;
        break;
      case 'leave':
        if (this.#isWatcher) this.#subscriber.close(CLOSE.left, 'watches no longer');
        else void this.#requireSession().leave();
        break;
      default:
        message satisfies never;
    }
  }

  #onHello(hello: ClientMessage & { type: 'hello' }): void {
    if (this.#session || this.#isWatcher) throw new BadMessage('hello-twice', 'hello was sent already');
    this.#settle();
    this.#session = this.#hub.join(this.#subscriber, hello);
  }

  /** A connection that begins by watching has no session, and never gets one. */
  #onWatch(isWatching: boolean): void {
    const { watchers } = this.#hub;
    if (!this.#session) this.#isWatcher = true;
    this.#settle();
    if (!isWatching) {
      watchers.delete(this.#subscriber);
      if (this.#isWatcher) this.#subscriber.close(CLOSE.left, 'watches no longer');
    } else if (!watchers.add(this.#subscriber)) {
      if (this.#isWatcher) this.#subscriber.close(CLOSE.full, 'too many watch');
      else throw new BadMessage('too-many', 'too many watch');
    }
  }

  #settle(): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#admission.settle();
  }

  #onHostMessage(message: HostMessage): void {
    const refuse = (code: ErrorCode) =>
      this.#subscriber.send({ type: 'error', code, message: ACT_ERRORS[code] ?? code });
    const code = this.#hub.moderation.act(this.#requireSession(), message, refuse);
    if (code) refuse(code);
  }

  #requireSession(): Session {
    if (!this.#session) throw new BadMessage('hello-first', 'send hello first');
    return this.#session;
  }

  #onSocketClose(code: number): void {
    clearTimeout(this.#helloTimer);
    this.#readThrottle.end();
    this.#hub.watchers.delete(this.#subscriber);
    const isClean = this.#isClean || CLEAN_CLOSES.includes(code);
    const { reloadMs, resumeMs } = this.#timeouts;
    this.#session?.detach(this.#subscriber, isClean ? reloadMs : resumeMs);
  }
}
