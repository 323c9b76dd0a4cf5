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
import { randomUUID } from 'node:crypto';
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Subscriber } from '../downstream/subscriber.ts';
import type { Peer } from '../lib/client-address.ts';
import type { LeaveReason } from '../ops/access-log.ts';
import { CLOSE, type Entry, type FailReason, type Limits, parseNickname } from '../protocol.ts';
import type { ConnectionReport } from '../upstream/room-connection.ts';
import { Voice, type VoiceListener, type VoiceOptions } from '../upstream/voice.ts';
import { Notices } from './notices.ts';
import type { Receipt } from './outgoing-message.ts';
import { SendQueue, type SendQueueListener, type SendQueueOptions } from './send-queue.ts';
import { type ClientSession, type ReadPosition, SessionClient } from './session-client.ts';
import type { SessionHub } from './session-hub.ts';
import { publicIdOf, type SessionIdentity } from './session-identity.ts';
import { SessionLogin } from './session-login.ts';

/** How long messages that are partly sent may delay the end of the process, ms. */
const SHUTDOWN_DRAIN_MS = 1_000;

export interface SessionOptions extends SendQueueOptions, VoiceOptions {
  limits: Limits;
  /** Rate limit of the server's private text to the client, bytes. */
  noticeRate: RateLimit;
  /** How long queued messages may delay a leave, ms. */
  drainMs: number;
}

/** How the client's WebSocket is closed when the session ends, and what the access log notes. */
interface Departure {
  code: number;
  reason: string;
  why: LeaveReason;
}

type State =
  | { name: 'here'; client: SessionClient }
  | { name: 'detached'; timer: NodeJS.Timeout }
  | { name: 'leaving'; deadline: NodeJS.Timeout; subscriber: Subscriber | undefined; departure: Departure }
  | { name: 'gone' };

export class Session implements ClientSession, SendQueueListener, VoiceListener {
  /** Secret of the client, because it resumes the session. */
  readonly id: string;
  /** Known to everybody in the room. All sessions of a person have the same. */
  readonly publicId: string;
  readonly since = Date.now();
  readonly sendQueue: SendQueue;
  /** Undefined in a room without logins. */
  readonly login: SessionLogin | undefined;
  readonly #hub: SessionHub<Session>;
  readonly #options: SessionOptions;
  readonly #voice: Voice;
  readonly #notices: Notices;
  #gone: Promise<void> | undefined;
  #resolveGone: (() => void) | undefined;
  #state: State;
  /** Address of the newest WebSocket. */
  #peer: Peer;
  #address: string | null = null;
  /** All addresses of this session's voice, the newest last. */
  #addresses: string[] = [];
  #nickname: string | undefined;
  #isHost: boolean;

  constructor(
    hub: SessionHub<Session>,
    options: SessionOptions,
    subscriber: Subscriber,
    position: ReadPosition,
    identity: SessionIdentity,
  ) {
    const { id = randomUUID(), publicId, nickname } = identity;
    this.id = id;
    this.publicId = publicIdOf(identity);
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
    if (options.manner.login?.needsName) this.login = new SessionLogin(this.#voice);
    const isResumed = publicId !== undefined;
    const client = new SessionClient(this, hub, options.limits, { subscriber, position, isResumed });
    this.#state = { name: 'here', client };
    client.sendState();
  }

  get subscriber(): Subscriber | undefined {
    const state = this.#state;
    if (state.name === 'here') return state.client.subscriber;
    return state.name === 'leaving' ? state.subscriber : undefined;
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
    return this.login?.name;
  }

  /** True while the room waits for a name that the person has not chosen. */
  get awaitsName(): boolean {
    return this.login !== undefined && this.login.wanted === undefined;
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
    if (state.name === 'here') state.client.subscriber.close(CLOSE.replaced, 'the session goes on elsewhere');
    else clearTimeout(state.timer);
    this.#peer = subscriber.peer;
    this.#isHost = subscriber.isHost;
    const arrival = { subscriber, position, isResumed: true };
    const client = new SessionClient(this, this.#hub, this.#options.limits, arrival);
    this.#state = { name: 'here', client };
    this.#hub.onSessionChanged(this);
    client.sendState();
    return true;
  }

  /** An empty name removes the nickname. */
  setNickname(name: string): void {
    const nickname = name || undefined;
    if (nickname === this.#nickname) return;
    if (this.login) {
      if (nickname !== undefined) this.login.choose(nickname);
      return;
    }
    this.#nickname = nickname;
    this.#hub.onSessionChanged(this);
  }

  say(id: string, text: string): void {
    const { nickname, text: words } = parseNickname(text);
    if (nickname !== undefined) this.setNickname(nickname);
    this.login?.flush();
    // A room with logins writes the name itself.
    this.sendQueue.enqueue(id, this.login ? words : text, this.#refusal);
    if (this.#hub.queues.isFull(this.sendQueue)) this.subscriber?.pause('queue');
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

  /** The WebSocket is closed. The session stays in the room for `resumeMs`, so that it can be resumed. */
  detach(subscriber: Subscriber, resumeMs: number): void {
    if (this.#state.name !== 'here' || this.#state.client.subscriber !== subscriber) return;
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
    const { restart: code } = CLOSE;
    const departure = { code, reason: 'the gateway restarts', why: 'the gateway stops' } as const;
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
    this.login?.close();
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
    const wanted = this.login?.wanted;
    return wanted === undefined ? undefined : this.#hub.claimName(this, wanted, attempt);
  }

  onVoiceOpen(address: string, name: string): void {
    this.#address = address;
    if (this.login) {
      this.#nickname = name;
      this.login.onVoiceOpen(name);
    }
    this.#addresses = this.#addresses.filter((known) => known !== address).concat(address);
    this.#hub.onVoiceOpen(this, address);
    this.onRoomChanged();
  }

  onVoiceLost(): void {
    if (this.#address) this.#hub.onVoiceLost(this, this.#address);
    this.#address = null;
    this.#notices.endLine();
    this.sendQueue.onVoiceLost();
    this.onRoomChanged();
  }

  onPrivateText(text: string): void {
    this.#hub.ear.onPrivateText();
    this.#notices.sendText(text, this.sendQueue.answers);
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
    if (bytes < 0 && this.#hub.queues.hasDrained(this.sendQueue)) this.subscriber?.resume('queue');
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

  /** In a room that the ear can't follow, a person may still answer what the room asks. */
  get isRoomOpen(): boolean {
    const { isOpen, trouble } = this.#hub.ear;
    return (isOpen || trouble !== undefined) && this.#voice.address !== null;
  }

  /** The voice or the ear gained or lost the room. */
  onRoomChanged(): void {
    if (this.isRoomOpen) this.sendQueue.resume();
    else this.sendQueue.pause();
    if (this.#state.name === 'here') this.#state.client.sendState();
  }
}
