/**
 * Sessions at the other gateways of a cluster: lists them with the people here, and lets a browser resume its session
 * when its gateway is gone.
 */
import type { ClusterEngine } from '../../cluster/engine.ts';
import {
  encodePresence,
  LIST_EVERY_MS,
  RemotePresence,
  type SharedSession,
  sessionKey,
} from '../../cluster/remote-presence.ts';
import type { Session } from '../../session/session.ts';

/** How long changes of sessions are gathered before the other gateways get them, ms. */
const CHANGE_DELAY_MS = 100;

export interface SharedPresenceParts {
  engine: ClusterEngine;
  /** Id of this gateway in the cluster. */
  gateway: string;
  sessions: ReadonlyMap<string, Session>;
  /** How long a session may be resumed, ms. */
  resumeMs: number;
  /** The people at other gateways may have changed. */
  onChange(): void;
}

export class SharedPresence {
  readonly #parts: SharedPresenceParts;
  readonly #remote: RemotePresence;
  readonly #stops: (() => void)[];
  #version = 0;
  #delay: NodeJS.Timeout | undefined;

  constructor(parts: SharedPresenceParts) {
    this.#parts = parts;
    this.#remote = new RemotePresence(parts.gateway, parts.resumeMs);
    const timer = setInterval(() => this.#onInterval(), LIST_EVERY_MS);
    this.#stops = [
      () => clearInterval(timer),
      parts.engine.subscribe('presence', (body) => this.#onList(body)),
      () => clearTimeout(this.#delay),
    ];
  }

  /** Sessions at other gateways. */
  get sessions(): Iterable<SharedSession> {
    return this.#remote.sessions.values();
  }

  /** Returns the session at another gateway that has this secret id. */
  find(id: string): SharedSession | undefined {
    return this.#remote.sessions.get(sessionKey(id));
  }

  /** The sessions of this gateway have changed. */
  onChange(): void {
    this.#delay ??= setTimeout(() => this.#publish(), CHANGE_DELAY_MS);
  }

  /** Publishes changes now, because a session is about to say something. It must be known if this gateway dies. */
  flush(): void {
    if (this.#delay) this.#publish();
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #onInterval(): void {
    if (this.#remote.evict(performance.now())) this.#parts.onChange();
    this.#publish();
  }

  #publish(): void {
    clearTimeout(this.#delay);
    this.#delay = undefined;
    const { engine, gateway, sessions } = this.#parts;
    const listed = [...sessions.values()].filter(({ presence }) => presence !== 'gone').map(toShared);
    for (const body of encodePresence(gateway, ++this.#version, listed)) engine.publish('presence', body);
  }

  #onList(body: Uint8Array): void {
    if (!this.#remote.receive(body, performance.now())) return;
    this.#parts.onChange();
    for (const session of this.#parts.sessions.values()) {
      const moved = session.presence === 'away' ? this.find(session.id) : undefined;
      if (moved?.presence === 'here' && moved.since > session.since)
        void session.leave('moved to another gateway');
    }
  }
}

function toShared({ id, publicId, address, nickname, presence, isHost, since }: Session): SharedSession {
  const state = presence === 'here' ? 'here' : 'away';
  return {
    key: sessionKey(id),
    publicId,
    address: address ?? undefined,
    nickname,
    presence: state,
    isHost,
    since,
  };
}
