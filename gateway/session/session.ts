/**
 * One browser in the room: its voice, what it says, and the WebSocket through which it reads, if one is there.
 *
 *     here --- socket closed, bye ---> lingering --- time is up ---> leaving ---> gone
 *       \ <------- comes back -----------'                              |
 *        `---- leave ---------------------------------------------------'
 *
 * A member outlives its WebSocket for a while: who reloads a page or drives through a tunnel keeps the address,
 * and a message under way is not said twice.
 */
import { randomUUID } from 'node:crypto';
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Subscriber } from '../downstream/subscriber.ts';
import type { Peer } from '../lib/client-address.ts';
import type { AccessLog, LeaveReason, LoggedClient } from '../ops/access-log.ts';
import { CLOSE, type Limits, parseNickname, type RoomTrouble } from '../protocol.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { DeferredReads } from '../upstream/deferred-reads.ts';
import type { Dialer } from '../upstream/dialer.ts';
import { Voice, type VoiceListener, type VoiceOptions } from '../upstream/voice.ts';
import { Notices } from './notices.ts';
import {
  type EchoMatch,
  type Receipt,
  SendQueue,
  type SendQueueListener,
  type SendQueueOptions,
} from './send-queue.ts';
import type { SendQueues } from './send-queues.ts';

/** How long what is being said may hold up the end of the process, ms. */
const STOP_DRAIN_MS = 1_000;

export interface SessionOptions extends SendQueueOptions, VoiceOptions {
  limits: Limits;
  /** How many bytes may wait to be sent before the browser is read no further. */
  queuedBytes: number;
  /** How many bytes of the server's private words the browser gets. */
  noticeRate: RateLimit;
  /** How long what is still to be said may hold up a leave, ms. */
  drainMs: number;
}

/** The room as a member needs it. */
export interface SessionHub {
  readonly dialer: Dialer;
  readonly deferredReads: DeferredReads;
  readonly accessLog: AccessLog;
  /** What waits of all members. */
  readonly queues: SendQueues;
  /** Does the ear hear the room? */
  readonly listening: boolean;
  /** Why the ear can't follow the room, or keeps out of it. */
  readonly trouble: RoomTrouble | undefined;
  readonly log: Pick<
    Transcript,
    'epoch' | 'head' | 'tail' | 'keeps' | 'isCompleteSince' | 'afterFlush' | 'flush'
  >;
  movedSince(time: number): boolean;
  /** Is it sure that the room repeats what voices send, and has it done so since `time`? */
  repeatsSince(time: number): boolean;
  /** Returns false if another session has, or had until a moment ago, this address in the room. */
  mayUse(session: Session, address: string): boolean;
  voiceOnSend(session: Session, line: string): void;
  /** A voice received private text, so the room answers. */
  onPrivateText(): void;
  onVoiceOpen(session: Session, address: string): void;
  onVoiceLost(session: Session, address: string): void;
  /** `delayMs`: since the say came. */
  onReceipt(receipt: Receipt, delayMs: number): void;
  onReturn(recovered: boolean): void;
  onSessionGone(session: Session): void;
  /** It came, went, or is called otherwise. */
  onSessionChanged(): void;
}

/** Where a browser wants to read from. */
export interface ReadPosition {
  seq: number;
  /** It has seen this log up to there. */
  known: boolean;
  /** It was here before. */
  returning: boolean;
}

/** What a browser is told when its member leaves, and what the journal notes. */
interface Departure {
  code: number;
  reason: string;
  why: LeaveReason;
}

type State =
  | { name: 'here'; browser: Subscriber; place: ReadPosition; resumed: boolean; welcomed: boolean }
  | { name: 'lingering'; timer: NodeJS.Timeout }
  | { name: 'leaving'; deadline: NodeJS.Timeout; browser: Subscriber | undefined; farewell: Departure }
  | { name: 'gone' };

export class Session implements LoggedClient, SendQueueListener, VoiceListener {
  readonly id = randomUUID();
  /** Known to all, while the session is this browser's secret. */
  readonly publicId = randomUUID().slice(0, 8);
  readonly #hub: SessionHub;
  readonly #options: SessionOptions;
  readonly #voice: Voice;
  readonly #sendQueue: SendQueue;
  readonly #notices: Notices;
  /** The last notice may go on in its line. */
  #isNoticeOpen = false;
  #gone: Promise<void> | undefined;
  #goneNow: (() => void) | undefined;
  readonly since = Date.now();
  #state: State;
  /** Where its browser was when last seen. */
  #peer: Peer;
  #address: string | null = null;
  /** All that its voice has had, the last at the end. */
  #addresses: string[] = [];
  #nickname: string | undefined;

  constructor(room: SessionHub, options: SessionOptions, browser: Subscriber, place: ReadPosition) {
    this.#hub = room;
    this.#options = options;
    this.#peer = browser.peer;
    this.#sendQueue = new SendQueue(this, options);
    this.#notices = new Notices(
      options.noticeRate,
      (message) => this.subscriber?.sendIfWritable(message) ?? false,
    );
    this.#voice = new Voice(this, room.dialer, room.deferredReads, options);
    this.#state = { name: 'here', browser, place, resumed: false, welcomed: false };
    this.#welcome();
  }

  get subscriber(): Subscriber | undefined {
    return this.#state.name === 'here' || this.#state.name === 'leaving' ? this.#state.browser : undefined;
  }

  /** Its `IP:PORT` in the room, null while out of it. */
  get address(): string | null {
    return this.#address;
  }

  get nickname(): string | undefined {
    return this.#nickname;
  }

  get presence(): 'here' | 'away' | 'gone' {
    const { name } = this.#state;
    if (name === 'lingering') return 'away';
    return name === 'here' ? 'here' : 'gone';
  }

  get lastAddress(): string | undefined {
    return this.#addresses.at(-1);
  }

  get peer(): Peer {
    return this.#peer;
  }

  /** When this member's voice last heard a broadcast, ms since 1970. */
  get lastBroadcastAt(): number {
    return this.#voice.lastBroadcastAt;
  }

  /** Says that have not gone out yet. */
  get waiting(): number {
    return this.#sendQueue.waiting;
  }

  /** Is this, or was it, this member's own address in the room? */
  owns(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** Another WebSocket goes on with this session. False if it is too late. */
  resume(browser: Subscriber, place: ReadPosition): boolean {
    const state = this.#state;
    if (state.name === 'leaving' || state.name === 'gone') return false;
    if (state.name === 'here') state.browser.close(CLOSE.replaced, 'the session goes on elsewhere');
    else clearTimeout(state.timer);
    this.#peer = browser.peer;
    this.#state = { name: 'here', browser, place, resumed: true, welcomed: false };
    this.#hub.onSessionChanged();
    this.#welcome();
    return true;
  }

  /** An empty name is none. */
  setNickname(name: string): void {
    const nickname = name || undefined;
    if (nickname === this.#nickname) return;
    this.#nickname = nickname;
    this.#hub.onSessionChanged();
  }

  say(id: string, text: string): void {
    const { nickname } = parseNickname(text);
    if (nickname !== undefined) this.setNickname(nickname);
    this.#sendQueue.enqueue(id, text);
    if (this.#isQueueFull) this.subscriber?.pause('room');
  }

  /** The ear heard `line` under this member's address. */
  matchEcho(line: string, more: boolean): EchoMatch {
    return this.#sendQueue.matchEcho(line, more);
  }

  /** What it has sent that may be heard as one of `words`. */
  sentAs(words: string[]): string | undefined {
    return this.#sendQueue.findSentLine(words);
  }

  /** The ear gained or lost the room. */
  onEarChanged(): void {
    this.#onRoomChanged();
  }

  /** The WebSocket of `browser` is closed: stays in the room for `lingerMs`, in case it comes back. */
  detach(browser: Subscriber, lingerMs: number): void {
    if (this.#state.name !== 'here' || this.#state.browser !== browser) return;
    this.#state = {
      name: 'lingering',
      timer: setTimeout(() => void this.leave('did not come back'), lingerMs),
    };
    this.#hub.onSessionChanged();
  }

  /** Says what is still to be said, then leaves the room. Safe in any state; done when it is out. */
  leave(why: LeaveReason = 'left'): Promise<void> {
    this.#sendQueue.refuse('left');
    const farewell = { code: CLOSE.left, reason: 'left the room', why };
    return this.#beginLeaving(farewell, this.#options.drainMs);
  }

  /** The gateway stops: what is being said is said to its end, the rest fails, and the voice leaves. */
  shutDown(): Promise<void> {
    this.#sendQueue.abort('closing');
    const farewell = {
      code: CLOSE.restart,
      reason: 'the gateway restarts',
      why: 'the gateway stops',
    } as const;
    return this.#beginLeaving(farewell, STOP_DRAIN_MS);
  }

  #beginLeaving(farewell: Departure, lastWordsMs: number): Promise<void> {
    const state = this.#state;
    this.#gone ??= new Promise((resolve) => {
      this.#goneNow = resolve;
    });
    if (state.name === 'gone') return this.#gone;
    if (state.name === 'lingering') clearTimeout(state.timer);
    if (state.name === 'leaving') clearTimeout(state.deadline);
    const deadline = setTimeout(() => this.#depart(), lastWordsMs);
    this.#state = { name: 'leaving', deadline, browser: this.subscriber, farewell };
    this.#hub.onSessionChanged();
    this.onIdle();
    return this.#gone;
  }

  #depart(): void {
    if (this.#state.name !== 'leaving') return;
    const { deadline, browser, farewell } = this.#state;
    clearTimeout(deadline);
    this.#sendQueue.end();
    this.#notices.close();
    this.#hub.log.flush();
    browser?.close(farewell.code, farewell.reason);
    this.#hub.accessLog.left(this, farewell.why);
    this.#state = { name: 'gone' };
    void this.#voice.leave().then(() => {
      if (this.#address) this.#hub.onVoiceLost(this, this.#address);
      this.#address = null;
      this.#hub.onSessionGone(this);
      this.#goneNow?.();
    });
  }

  mayUse(address: string): boolean {
    return this.#hub.mayUse(this, address);
  }

  onVoiceOpen(address: string): void {
    this.#address = address;
    this.#addresses = this.#addresses.filter((known) => known !== address).concat(address);
    this.#hub.onVoiceOpen(this, address);
    this.#onRoomChanged();
  }

  onVoiceLost(): void {
    if (this.#address) this.#hub.onVoiceLost(this, this.#address);
    this.#address = null;
    this.#isNoticeOpen = false;
    this.#sendQueue.onVoiceLost();
    this.#onRoomChanged();
  }

  onPrivateText(text: string): void {
    this.#hub.onPrivateText();
    const words = text.replace(/^\n+/, '');
    let continues = this.#isNoticeOpen && words === text;
    if (words) {
      for (const { text, answers } of this.#sendQueue.answersIn(words)) {
        const notice = { type: 'notice', text, ...(answers !== undefined && { answers }) } as const;
        const isSent = this.#notices.send(continues ? { ...notice, continues } : notice);
        this.#isNoticeOpen = isSent && !text.endsWith('\n');
        continues = false;
      }
    } else this.#isNoticeOpen = false;
    this.#sendQueue.onPrivateText(text);
  }

  onChunk(line: string): void {
    this.#hub.voiceOnSend(this, line);
    this.#voice.write(line);
  }

  onReceipt(receipt: Receipt): void {
    const send = (kept: boolean): void => {
      // The words themselves may wait for the next fan-out, and come first.
      this.subscriber?.sendNext();
      this.subscriber?.send({ type: 'receipt', ...receipt, ...(!kept && { kept }) });
    };
    // A kill takes what is not written yet, so a receipt waits for the disk. It does not wait for one that refuses.
    if (receipt.state === 'heard') this.#hub.log.afterFlush(send);
    else send(true);
  }

  speechOnQueueChange(bytes: number): void {
    this.#hub.queues.add(bytes);
    if (bytes < 0 && this.#hasQueueDrained) this.subscriber?.resume('room');
  }

  onSettled(receipt: Receipt, delayMs: number): void {
    this.#hub.onReceipt(receipt, delayMs);
  }

  roomMovedSince(time: number): boolean {
    return this.#hub.movedSince(time);
  }

  /** The room says others' words and not ours: it never took this connection in, or has forgotten it. */
  onUnheard(time: number): void {
    if (this.#hub.repeatsSince(time)) this.#voice.reconnect();
  }

  onIdle(): void {
    if (this.#state.name === 'leaving' && this.#sendQueue.idle) this.#depart();
  }

  /** With too much waiting in all queues together, a browser is read only while its own queue is empty. */
  get #isQueueFull(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.#sendQueue;
    const isCrowded = this.#hub.queues.isFull && waitingBytes > 0;
    return waiting >= limits.openSays || waitingBytes >= queuedBytes || isCrowded;
  }

  get #hasQueueDrained(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.#sendQueue;
    const isCrowded = this.#hub.queues.isFull && waitingBytes > 0;
    return waiting <= limits.openSays / 2 && waitingBytes <= queuedBytes / 2 && !isCrowded;
  }

  /** In a room that nobody can follow a person may still answer what the room asks. */
  get #roomOpen(): boolean {
    const { listening, trouble } = this.#hub;
    return (listening || trouble !== undefined) && this.#voice.address !== null;
  }

  #onRoomChanged(): void {
    if (this.#roomOpen) this.#sendQueue.resume();
    else this.#sendQueue.pause();
    if (this.#state.name !== 'here') return;
    if (!this.#state.welcomed) this.#welcome();
    else this.#sendRoom(this.#state.browser);
  }

  #sendRoom(browser: Subscriber): void {
    const { trouble } = this.#hub;
    const state = this.#roomOpen ? 'open' : 'connecting';
    browser.send({ type: 'room', state, you: this.#voice.address, ...(trouble && { trouble }) });
  }

  /** As soon as the voice is in the room, or it is known that it can't be for now. */
  #welcome(): void {
    if (this.#state.name !== 'here' || (this.#hub.listening && !this.#voice.address)) return;
    this.#state.welcomed = true;
    const { browser, place, resumed } = this.#state;
    const { log, accessLog } = this.#hub;
    if (resumed) accessLog.resumed(this);
    else accessLog.joined(this);
    const recovered = place.known && log.isCompleteSince(place.seq);
    if (place.returning) this.#hub.onReturn(recovered);
    browser.send({
      type: 'welcome',
      session: this.id,
      epoch: log.epoch,
      me: this.publicId,
      you: this.#voice.address,
      head: log.head,
      tail: log.tail,
      after: place.seq,
      recovered,
      resumed,
      ...(!log.keeps && { disk: 'failing' }),
      limits: this.#options.limits,
    });
    if (!this.#roomOpen || this.#hub.trouble) this.#sendRoom(browser);
    browser.read(place.seq);
  }
}
