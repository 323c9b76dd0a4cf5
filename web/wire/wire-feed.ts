import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Connection, type ConnectionListener } from '../../connection/connection.ts';
import type { ConnectionEffects } from '../../connection/socket.ts';
import { CLOSE, type ClientMessage, type ServerMessage } from '../../gateway/protocol.ts';
import { WireLog } from './wire-log.ts';

/** `full`: too many watch. */
export type FeedState = 'connecting' | 'watching' | 'offline' | 'full';

/**
 * Watches the gateway over a connection of its own, without a session, while an element shows See TCP.
 *
 *     first element ---> connecting ---> watching <---> offline       last element gone ---> the connection ends
 */
export class WireFeed implements ConnectionListener {
  readonly log = new WireLog();
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  #state: FeedState = 'connecting';

  constructor(effects: ConnectionEffects) {
    this.#connection = new Connection(effects, this);
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Watches until the returned function is called. */
  listen(onChange: () => void): () => void {
    if (this.#listeners.size === 0) this.#connection.open();
    this.#listeners.add(onChange);
    return () => {
      this.#listeners.delete(onChange);
      if (this.#listeners.size === 0) this.#connection.leave();
    };
  }

  hello(): ClientMessage {
    return { type: 'watch', watching: true };
  }

  onMessage(message: ServerMessage): void {
    if (message.type === 'hidden') this.log.hide(message.seqs);
    else if (message.type !== 'seen') return;
    else this.log.add(message);
    this.#change('watching');
  }

  onLost(code: number): void {
    this.log.restart();
    this.#change(code === CLOSE.full ? 'full' : code === CLOSE.left ? 'connecting' : 'offline');
  }

  #change(state: FeedState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Draws its host again when the feed changes, unless `isSame` says that nothing is new for it. */
export class FeedController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #feed: WireFeed;
  readonly #isSame: () => boolean;
  #end: () => void = () => {};

  constructor(host: ReactiveControllerHost, feed: WireFeed, isSame: () => boolean = () => false) {
    this.#host = host;
    this.#feed = feed;
    this.#isSame = isSame;
    host.addController(this);
  }

  hostConnected(): void {
    this.#end = this.#feed.listen(() => this.#isSame() || this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#end();
  }
}
