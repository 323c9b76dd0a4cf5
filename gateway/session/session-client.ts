/** Welcomes the client of a session, and reports the state of the room to it. A client is one WebSocket. */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { LoggedClient } from '../ops/access-log.ts';
import type { Limits } from '../protocol.ts';
import type { SessionHub } from './session-hub.ts';
import type { SessionLogin } from './session-login.ts';

/** From where a client reads the log. */
export interface ReadPosition {
  seq: number;
  /** The client has read this log up to `seq`. */
  known: boolean;
  /** The client was connected before. */
  returning: boolean;
  /** The last act of a host that the client knows. */
  revision?: number;
}

/** The session as its client sees it. */
export interface ClientSession extends LoggedClient {
  /** Secret of the client, because it resumes the session. */
  readonly id: string;
  readonly publicId: string;
  readonly isHost: boolean;
  readonly address: string | null;
  /** The room waits for a name that the person has not chosen. */
  readonly awaitsName: boolean;
  /** Undefined in a room without logins. */
  readonly login: SessionLogin | undefined;
  /** Messages go into the room now. */
  readonly isRoomOpen: boolean;
}

/** A client that has just come. */
export interface Arrival {
  subscriber: Subscriber;
  position: ReadPosition;
  /** The session goes on with another WebSocket, or from another gateway. */
  isResumed: boolean;
}

export class SessionClient {
  readonly subscriber: Subscriber;
  readonly #session: ClientSession;
  readonly #hub: SessionHub<never>;
  readonly #limits: Limits;
  readonly #arrival: Arrival;
  #isWelcomed = false;

  constructor(session: ClientSession, hub: SessionHub<never>, limits: Limits, arrival: Arrival) {
    this.subscriber = arrival.subscriber;
    this.#session = session;
    this.#hub = hub;
    this.#limits = limits;
    this.#arrival = arrival;
  }

  /**
   * Sends the state of the room. `welcome` comes first: when the voice is in the room, or at once while the ear is out of
   * it and where one logs in.
   */
  sendState(): void {
    const { login, address } = this.#session;
    const { ear } = this.#hub;
    if (this.#isWelcomed) {
      if (!login?.isRenaming || !ear.isOpen) this.#sendRoomState();
      return;
    }
    // A login may take a while, and may need a name that the page asks for.
    if (!ear.isOpen || address !== null || login) this.#welcome();
  }

  #sendRoomState(): void {
    const { login, address, isRoomOpen, awaitsName } = this.#session;
    const { ear } = this.#hub;
    const trouble = awaitsName ? 'name' : ear.trouble;
    const setting = awaitsName ? undefined : ear.suggestedSetting;
    // While another name is chosen, the page must keep it.
    const name = address === null || login?.isPending ? undefined : login?.name;
    this.subscriber.send({
      type: 'room',
      state: isRoomOpen ? 'open' : 'connecting',
      you: address,
      ...(trouble && { trouble }),
      ...(setting && { setting }),
      ...(name !== undefined && { name }),
    });
  }

  #welcome(): void {
    this.#isWelcomed = true;
    const session = this.#session;
    const { position, isResumed } = this.#arrival;
    const { log, accessLog, counters, ear, moderation } = this.#hub;
    if (isResumed) accessLog.resumed(session);
    else accessLog.joined(session);
    const recovered = position.known && log.isCompleteSince(position.seq);
    if (position.returning) counters.resumed(recovered);
    this.subscriber.send({
      type: 'welcome',
      session: session.id,
      epoch: log.epoch,
      me: session.publicId,
      you: session.address,
      // A gateway that joins a cluster may be behind what the browser has read.
      head: Math.max(log.head, position.seq),
      tail: log.tail,
      after: position.seq,
      recovered,
      resumed: isResumed,
      ...(moderation.hasHosts && { host: session.isHost }),
      ...(moderation.hasLab && session.isHost && { lab: true }),
      ...(!log.keeps && { disk: 'failing' }),
      limits: this.#limits,
    });
    if (!session.isRoomOpen || ear.trouble || session.login) this.#sendRoomState();
    moderation.welcome(this.subscriber, position.revision);
    const seconds = moderation.silencedSeconds(session.publicId);
    if (seconds > 0) this.subscriber.send({ type: 'silenced', seconds });
    this.subscriber.read(position.seq);
  }
}
