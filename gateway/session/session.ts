/**
 * One person across reconnects: a voice, a send queue, and the subscriber of the current WebSocket, if there is one.
 *
 *     here --- socket closed, `bye` ---> detached --- time-out ---> leaving ---> gone
 *       \ <---------- resumed -----------'                             |
 *        `---- `leave` ------------------------------------------------'
 *
 * A session outlives its WebSocket for a while. So a reloaded page keeps its address in the room, and a message in
 * flight is not sent twice.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Subscriber } from '../downstream/subscriber.ts';
import type { Peer } from '../lib/client-address.ts';
import type { AccessLog, LeaveReason, LoggedClient } from '../ops/access-log.ts';
import type { Counters } from '../ops/counters.ts';
import {
  CLOSE,
  type Entry,
  type FailReason,
  type Limits,
  parseNickname,
  type RoomTrouble,
} from '../protocol.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { DeferredReads } from '../upstream/deferred-reads.ts';
import type { Dialer } from '../upstream/dialer.ts';
import type { ConnectionReport } from '../upstream/room-connection.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import { Voice, type VoiceListener, type VoiceOptions } from '../upstream/voice.ts';
import { Notices } from './notices.ts';
import type { Receipt } from './outgoing-message.ts';
import { SendQueue, type SendQueueListener, type SendQueueOptions } from './send-queue.ts';
import type { SendQueues } from './send-queues.ts';

/** How long messages that are partly sent may delay the end of the process, ms. */
const SHUTDOWN_DRAIN_MS = 1_000;

/** A new nickname is complete when it did not change for this time, ms. */
const NAME_SETTLES_MS = 1_000;

/** A nickname this soon after the session began is complete, because the page has stored it, ms. */
const NAME_AT_ONCE_MS = 500;

export interface SessionOptions extends SendQueueOptions, VoiceOptions {
  limits: Limits;
  /** Bytes that may wait to be sent before the gateway stops reading the client. */
  queuedBytes: number;
  /** Rate limit of the server's private text to the client, bytes. */
  noticeRate: RateLimit;
  /** How long queued messages may delay a leave, ms. */
  drainMs: number;
}

/** The hub as a session uses it. An interface, because imports go from the hub to the session. */
export interface SessionHub {
  readonly dialer: Dialer;
  readonly accessLog: AccessLog;
  readonly counters: Counters;
  readonly tap: WireTap;
  /** Counts what waits in all sessions together. */
  readonly queues: SendQueues;
  readonly log: Pick<
    Transcript,
    'epoch' | 'head' | 'tail' | 'keeps' | 'isCompleteSince' | 'afterFlush' | 'flush'
  >;
  /** Reserves the login name of a session that fits `wanted` best, from try 0 on. Returns the name. */
  claimName(session: Session, wanted: string, attempt: number): string;
  readonly ear: {
    readonly deferredReads: DeferredReads;
    /** True while the ear hears the room. */
    readonly isOpen: boolean;
    /** The reason why the ear can't follow the room. */
    readonly trouble: RoomTrouble | undefined;
    readonly suggestedSetting: string | undefined;
    onVoiceSend(session: Session, text: string): void;
    /** A voice received private text, so the room answers. */
    onPrivateText(): void;
    /** The room has echoed or answered a message. */
    onEcho(): void;
    hasMovedSince(time: number): boolean;
    hasRepeatedSince(time: number): boolean;
  };
  /** Returns false if another session has, or had until a moment ago, this address in the room. */
  mayUse(session: Session, address: string): boolean;
  onVoiceOpen(session: Session, address: string): void;
  onVoiceLost(session: Session, address: string): void;
  /** Announces chunks before they are sent, where several gateways serve the room. */
  readonly announce:
    | ((session: Session, ...announcement: Parameters<NonNullable<SendQueueListener['announce']>>) => void)
    | undefined;
  /** The session came, went, or has another nickname. */
  onSessionChanged(session: Session): void;
  onSessionGone(session: Session): void;
  readonly moderation: {
    /** Browsers may not send, except those of hosts. */
    readonly isPaused: boolean;
    /** The room can have hosts. */
    readonly hasHosts: boolean;
    readonly hasLab: boolean;
    /** How long messages of the person with this public id are still refused; 0 if they are not. */
    silencedSeconds(publicId: string): number;
    /** Sends the state of the room, and what hosts changed after `revision`. */
    welcome(subscriber: Subscriber, revision: number | undefined): void;
  };
}

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

/** The person of a session. A session of another gateway that is gone continues with its ids and nickname. */
export interface SessionIdentity {
  id?: string | undefined;
  publicId?: string | undefined;
  nickname?: string | undefined;
  /** Secret of a person's browser, from which the public id follows. */
  person?: string | undefined;
}

/** How the client's WebSocket is closed when the session ends, and what the access log notes. */
interface Departure {
  code: number;
  reason: string;
  why: LeaveReason;
}

type State =
  | {
      name: 'here';
      subscriber: Subscriber;
      position: ReadPosition;
      isResumed: boolean;
      isWelcomed: boolean;
    }
  | { name: 'detached'; timer: NodeJS.Timeout }
  | {
      name: 'leaving';
      deadline: NodeJS.Timeout;
      subscriber: Subscriber | undefined;
      departure: Departure;
    }
  | { name: 'gone' };

/** Characters of a hash in base64: nobody finds another secret with the same hash. */
const PUBLIC_ID_CHARACTERS = 16;

/** Derives the public id from the secret, so that no other client can have it. */
function publicIdOf(person: string): string {
  return createHash('sha256').update(person).digest('base64url').slice(0, PUBLIC_ID_CHARACTERS);
}

export class Session implements LoggedClient, SendQueueListener, VoiceListener {
  /** Secret of the client, because it resumes the session. */
  readonly id: string;
  /** Known to everybody in the room. All sessions of a person have the same. */
  readonly publicId: string;
  readonly since = Date.now();
  readonly sendQueue: SendQueue;
  readonly #hub: SessionHub;
  readonly #options: SessionOptions;
  readonly #voice: Voice;
  readonly #notices: Notices;
  /** The last notice ended without a newline, so that the next continues its line. */
  #isNoticeOpen = false;
  #gone: Promise<void> | undefined;
  #resolveGone: (() => void) | undefined;
  #state: State;
  /** Address of the newest WebSocket. */
  #peer: Peer;
  #address: string | null = null;
  /** All addresses of this session's voice, the newest last. */
  #addresses: string[] = [];
  #nickname: string | undefined;
  /** The name that the room knows, in a room with logins. */
  #loginName: string | undefined;
  /** The voice has left to log in under another name, which is no loss of the room. */
  #isRenaming = false;
  /** The name that the person has chosen there. */
  #wantedName: string | undefined;
  #loginTimer: NodeJS.Timeout | undefined;
  #isHost: boolean;

  constructor(
    hub: SessionHub,
    options: SessionOptions,
    subscriber: Subscriber,
    position: ReadPosition,
    { id = randomUUID(), publicId, person, nickname }: SessionIdentity,
  ) {
    this.id = id;
    this.publicId = publicId ?? (person === undefined ? randomUUID().slice(0, 8) : publicIdOf(person));
    this.#nickname = nickname;
    this.#hub = hub;
    this.#options = options;
    this.#peer = subscriber.peer;
    this.#isHost = subscriber.isHost;
    this.sendQueue = new SendQueue(this, options);
    this.#notices = new Notices(
      options.noticeRate,
      (message) => this.subscriber?.sendIfWritable(message) ?? false,
    );
    this.#voice = new Voice(this, hub.dialer, hub.ear.deferredReads, options);
    const isResumed = publicId !== undefined;
    this.#state = { name: 'here', subscriber, position, isResumed, isWelcomed: false };
    this.#welcome();
  }

  get subscriber(): Subscriber | undefined {
    return this.#state.name === 'here' || this.#state.name === 'leaving' ? this.#state.subscriber : undefined;
  }

  /** `IP:PORT` in the room, null while the voice is out of it. */
  get address(): string | null {
    return this.#address;
  }

  get nickname(): string | undefined {
    return this.#nickname;
  }

  /** The name that the room knows, or undefined in a room without logins and before the login. */
  get loginName(): string | undefined {
    return this.#loginName;
  }

  /** True while the room waits for a name that the person has not chosen. */
  get awaitsName(): boolean {
    return this.#hasLogin && this.#wantedName === undefined;
  }

  get presence(): 'here' | 'away' | 'gone' {
    const { name } = this.#state;
    if (name === 'detached') return 'away';
    return name === 'here' ? 'here' : 'gone';
  }

  get lastAddress(): string | undefined {
    return this.#addresses.at(-1);
  }

  get peer(): Peer {
    return this.#peer;
  }

  /** The current, or last, client has the hosts' passphrase. */
  get isHost(): boolean {
    return this.#isHost;
  }

  get isSilenced(): boolean {
    return this.#hub.moderation.silencedSeconds(this.publicId) > 0;
  }

  /** When the voice last received a broadcast, ms since 1970. */
  get lastBroadcastAt(): number {
    return this.#voice.lastBroadcastAt;
  }

  get voiceReport(): ConnectionReport {
    return this.#voice.report;
  }

  /** Returns true if the voice has, or had, this address in the room. */
  owns(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** Returns false if the session has ended. */
  resume(subscriber: Subscriber, position: ReadPosition): boolean {
    const state = this.#state;
    if (state.name === 'leaving' || state.name === 'gone') return false;
    if (state.name === 'here') state.subscriber.close(CLOSE.replaced, 'the session goes on elsewhere');
    else clearTimeout(state.timer);
    this.#peer = subscriber.peer;
    this.#isHost = subscriber.isHost;
    this.#state = { name: 'here', subscriber, position, isResumed: true, isWelcomed: false };
    this.#hub.onSessionChanged(this);
    this.#welcome();
    return true;
  }

  /** An empty name removes the nickname. */
  setNickname(name: string): void {
    const nickname = name || undefined;
    if (nickname === this.#nickname) return;
    if (this.#hasLogin) {
      if (nickname !== undefined) this.#chooseName(nickname);
      return;
    }
    this.#nickname = nickname;
    this.#hub.onSessionChanged(this);
  }

  /** A name that the room has refused is not tried again, because a page may repeat messages with it. */
  #chooseName(name: string): void {
    if (name === this.#wantedName) return;
    const isIn = name === this.#loginName && this.#voice.address !== null;
    if (isIn && !this.#loginTimer) return;
    this.#wantedName = name;
    clearTimeout(this.#loginTimer);
    this.#loginTimer = undefined;
    // The person has returned to the name before it was changed in the room.
    if (isIn) return;
    // A page sends a nickname at each key, and the room sees each login.
    const delayMs = Date.now() - this.since < NAME_AT_ONCE_MS ? 0 : NAME_SETTLES_MS;
    this.#loginTimer = setTimeout(() => this.#logIn(), delayMs);
  }

  #logIn(): void {
    clearTimeout(this.#loginTimer);
    this.#loginTimer = undefined;
    this.#isRenaming = this.#voice.address !== null;
    this.#voice.logIn();
  }

  say(id: string, text: string): void {
    const { nickname, text: words } = parseNickname(text);
    if (nickname !== undefined) this.setNickname(nickname);
    // A message goes out under the name that it carries.
    if (this.#loginTimer) this.#logIn();
    // A room with logins writes the name itself.
    this.sendQueue.enqueue(id, this.#hasLogin ? words : text, this.#refusal);
    if (this.#isQueueFull) this.subscriber?.pause('queue');
  }

  /** Returns the sent line without an echo that equals one of `lines`. */
  findSentLine(lines: string[]): string | undefined {
    return this.sendQueue.findSentLine(lines);
  }

  /** The log has an entry of a message of this session. `root`: the seq of the message's first entry. */
  onLogged({ id, left }: NonNullable<Entry['said']>, root: number): void {
    this.sendQueue.onLogged(id, left, root);
  }

  /** Announces chunks in the cluster, where there is one. */
  get announce(): SendQueueListener['announce'] {
    return this.#hub.announce && ((...announcement) => this.#hub.announce?.(this, ...announcement));
  }

  /** The ear gained or lost the room. */
  onEarChanged(): void {
    this.#onRoomChanged();
  }

  /** The WebSocket is closed. The session stays in the room for `resumeMs`, so that it can be resumed. */
  detach(subscriber: Subscriber, resumeMs: number): void {
    if (this.#state.name !== 'here' || this.#state.subscriber !== subscriber) return;
    this.#state = {
      name: 'detached',
      timer: setTimeout(() => void this.leave('did not come back'), resumeMs),
    };
    this.#hub.onSessionChanged(this);
  }

  /** Sends what is queued, then leaves the room. Safe in any state. Resolves when the voice has left. */
  leave(why: LeaveReason = 'left'): Promise<void> {
    this.sendQueue.refuse('left');
    return this.#beginLeaving({ code: CLOSE.left, reason: 'left the room', why }, this.#options.drainMs);
  }

  /** The gateway stops. Completes messages that are partly sent, fails the others, and leaves the room. */
  shutDown(): Promise<void> {
    this.sendQueue.abort('closing');
    const departure = {
      code: CLOSE.restart,
      reason: 'the gateway restarts',
      why: 'the gateway stops',
    } as const;
    return this.#beginLeaving(departure, SHUTDOWN_DRAIN_MS);
  }

  #beginLeaving(departure: Departure, drainMs: number): Promise<void> {
    const state = this.#state;
    this.#gone ??= new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    if (state.name === 'gone') return this.#gone;
    if (state.name === 'detached') clearTimeout(state.timer);
    if (state.name === 'leaving') clearTimeout(state.deadline);
    const deadline = setTimeout(() => this.#depart(), drainMs);
    this.#state = { name: 'leaving', deadline, subscriber: this.subscriber, departure };
    this.#hub.onSessionChanged(this);
    this.onIdle();
    return this.#gone;
  }

  #depart(): void {
    if (this.#state.name !== 'leaving') return;
    const { deadline, subscriber, departure } = this.#state;
    clearTimeout(deadline);
    clearTimeout(this.#loginTimer);
    this.sendQueue.end();
    this.#notices.close();
    this.#hub.log.flush();
    subscriber?.close(departure.code, departure.reason);
    this.#hub.accessLog.left(this, departure.why);
    this.#state = { name: 'gone' };
    void this.#voice.leave().then(() => {
      if (this.#address) this.#hub.onVoiceLost(this, this.#address);
      this.#address = null;
      this.#hub.onSessionGone(this);
      this.#resolveGone?.();
    });
  }

  mayUse(address: string): boolean {
    return this.#hub.mayUse(this, address);
  }

  loginNameFor(attempt: number): string | undefined {
    return this.#wantedName === undefined ? undefined : this.#hub.claimName(this, this.#wantedName, attempt);
  }

  onVoiceOpen(address: string, name: string): void {
    this.#address = address;
    this.#isRenaming = false;
    if (this.#hasLogin) this.#loginName = this.#nickname = name;
    this.#addresses = this.#addresses.filter((known) => known !== address).concat(address);
    this.#hub.onVoiceOpen(this, address);
    this.#onRoomChanged();
  }

  onVoiceLost(): void {
    if (this.#address) this.#hub.onVoiceLost(this, this.#address);
    this.#address = null;
    this.#isNoticeOpen = false;
    this.sendQueue.onVoiceLost();
    this.#onRoomChanged();
  }

  onPrivateText(text: string): void {
    this.#hub.ear.onPrivateText();
    const visible = text.replace(/^\n+/, '');
    let continues = this.#isNoticeOpen && visible === text;
    if (visible) {
      for (const answer of this.sendQueue.answers.split(visible)) {
        const { text: lines, answers } = answer;
        const notice = { type: 'notice', text: lines, ...(answers !== undefined && { answers }) } as const;
        const isSent = this.#notices.send(continues ? { ...notice, continues } : notice);
        this.#isNoticeOpen = isSent && !lines.endsWith('\n');
        continues = false;
      }
    } else this.#isNoticeOpen = false;
    this.sendQueue.onPrivateText(text);
  }

  onChunk(text: string): void {
    const written = this.#voice.say(text);
    this.#hub.ear.onVoiceSend(this, text);
    this.#hub.tap.observer?.onWrite(this.id, text, Buffer.byteLength(written));
  }

  onReceipt(receipt: Receipt, delayMs: number, isRepeat: boolean): void {
    const isHeard = receipt.state === 'heard';
    if (!isRepeat && isHeard) this.#hub.ear.onEcho();
    const send = (isKept: boolean): void => {
      this.#sendReceipt(receipt, isKept);
      if (!isRepeat) this.#hub.counters.receipt(receipt.state, delayMs);
    };
    // A kill loses entries that are not written yet, so a receipt waits for the disk, unless the disk refuses.
    if (isHeard) this.#hub.log.afterFlush(send);
    else send(true);
  }

  #sendReceipt(receipt: Receipt, isKept: boolean): void {
    // The entries precede their receipt, also where the fan-out is still to come.
    this.subscriber?.sendNext();
    this.subscriber?.send({ type: 'receipt', ...receipt, ...(!isKept && { kept: false }) });
  }

  onQueueChange(bytes: number): void {
    this.#hub.queues.add(bytes);
    if (bytes < 0 && this.#hasQueueDrained) this.subscriber?.resume('queue');
  }

  hasRoomMovedSince(time: number): boolean {
    return this.#hub.ear.hasMovedSince(time);
  }

  /** A room that repeats other messages but not this one has never accepted the voice, or has forgotten it. */
  onChunkLost(time: number): void {
    if (this.#hub.ear.hasRepeatedSince(time)) this.#voice.reconnect();
  }

  onIdle(): void {
    if (this.#state.name === 'leaving' && this.sendQueue.isIdle) this.#depart();
  }

  /** Why a message is refused now. */
  get #refusal(): FailReason | undefined {
    if (this.#isHost) return undefined;
    if (this.isSilenced) return 'silenced';
    return this.#hub.moderation.isPaused ? 'paused' : undefined;
  }

  get #hasLogin(): boolean {
    return this.#options.manner.login?.needsName === true;
  }

  get #isQueueFull(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.sendQueue;
    return waiting >= limits.openSays || waitingBytes >= queuedBytes || this.#isOverTotal;
  }

  get #hasQueueDrained(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.sendQueue;
    return waiting <= limits.openSays / 2 && waitingBytes <= queuedBytes / 2 && !this.#isOverTotal;
  }

  /** When all queues together are full, a client is read only while its own queue is empty. */
  get #isOverTotal(): boolean {
    return this.#hub.queues.isFull && this.sendQueue.waitingBytes > 0;
  }

  /** In a room that the ear can't follow, a person may still answer what the room asks. */
  get #isRoomOpen(): boolean {
    const { isOpen, trouble } = this.#hub.ear;
    return (isOpen || trouble !== undefined) && this.#voice.address !== null;
  }

  #onRoomChanged(): void {
    if (this.#isRoomOpen) this.sendQueue.resume();
    else this.sendQueue.pause();
    if (this.#state.name !== 'here') return;
    if (!this.#state.isWelcomed) this.#welcome();
    else if (this.#isRenaming && this.#hub.ear.isOpen) return;
    else this.#sendRoomState(this.#state.subscriber);
  }

  #sendRoomState(subscriber: Subscriber): void {
    const { ear } = this.#hub;
    const trouble = this.awaitsName ? 'name' : ear.trouble;
    const setting = this.awaitsName ? undefined : ear.suggestedSetting;
    const state = this.#isRoomOpen ? 'open' : 'connecting';
    // While another name is chosen, the page must keep it.
    const name = this.#voice.address === null || this.#loginTimer ? undefined : this.#loginName;
    subscriber.send({
      type: 'room',
      state,
      you: this.#voice.address,
      ...(trouble && { trouble }),
      ...(setting && { setting }),
      ...(name !== undefined && { name }),
    });
  }

  /** Sends `welcome` when the voice is in the room, or at once while the ear is out of it and where one logs in. */
  #welcome(): void {
    if (this.#state.name !== 'here') return;
    // A login may take a while, and may need a name that the page asks for.
    if (this.#hub.ear.isOpen && !this.#voice.address && !this.#hasLogin) return;
    this.#state.isWelcomed = true;
    const { subscriber, position, isResumed } = this.#state;
    const { log, accessLog, counters, ear, moderation } = this.#hub;
    if (isResumed) accessLog.resumed(this);
    else accessLog.joined(this);
    const recovered = position.known && log.isCompleteSince(position.seq);
    if (position.returning) counters.resumed(recovered);
    subscriber.send({
      type: 'welcome',
      session: this.id,
      epoch: log.epoch,
      me: this.publicId,
      you: this.#voice.address,
      // A gateway that joins a cluster may be behind what the browser has read.
      head: Math.max(log.head, position.seq),
      tail: log.tail,
      after: position.seq,
      recovered,
      resumed: isResumed,
      ...(moderation.hasHosts && { host: this.#isHost }),
      ...(moderation.hasLab && this.#isHost && { lab: true }),
      ...(!log.keeps && { disk: 'failing' }),
      limits: this.#options.limits,
    });
    if (!this.#isRoomOpen || ear.trouble || this.#hasLogin) this.#sendRoomState(subscriber);
    moderation.welcome(subscriber, position.revision);
    const seconds = moderation.silencedSeconds(this.publicId);
    if (seconds > 0) subscriber.send({ type: 'silenced', seconds });
    subscriber.read(position.seq);
  }
}
