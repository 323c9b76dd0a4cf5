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
import type { Socket } from 'node:net';
import type { Browser } from '../downstream/subscriber.ts';
import type { Peer } from '../lib/client-address.ts';
import type { Pace } from '../limits/token-bucket.ts';
import type { Journal, Visitor, WhyLeft } from '../ops/access-log.ts';
import { CLOSE, type Limits, parseNickname, type RoomTrouble } from '../protocol.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { Naps } from '../upstream/deferred-reads.ts';
import type { Dialer } from '../upstream/dialer.ts';
import { Voice, type VoiceOptions, type VoiceOwner } from '../upstream/voice.ts';
import { Notices } from './notices.ts';
import { type Receipt, Speech, type SpeechOptions, type SpeechOwner, type Verdict } from './send-queue.ts';
import type { SendQueues } from './send-queues.ts';

/** How long what is being said may hold up the end of the process, ms. */
const STOP_WORDS_MS = 1_000;

export interface MemberOptions extends SpeechOptions, VoiceOptions {
  limits: Limits;
  /** How many bytes may wait to be sent before the browser is read no further. */
  queuedBytes: number;
  /** How many bytes of the server's private words the browser gets. */
  noticeRate: Pace;
  /** How long what is still to be said may hold up a leave, ms. */
  lastWordsMs: number;
}

/** The room as a member needs it. */
export interface MemberRoom {
  readonly dialer: Dialer;
  readonly naps: Naps;
  readonly journal: Journal;
  /** What waits of all members. */
  readonly queues: SendQueues;
  /** Does the ear hear the room? */
  readonly listening: boolean;
  /** Why the ear can't follow the room, or keeps out of it. */
  readonly trouble: RoomTrouble | undefined;
  readonly log: Pick<Transcript, 'epoch' | 'head' | 'tail' | 'keeps' | 'isWholeAfter' | 'whenKept' | 'flush'>;
  movedSince(time: number): boolean;
  /** Is it sure that the room repeats what voices send, and has it done so since `time`? */
  repeatsSince(time: number): boolean;
  /** Tells the room of the new connection of a voice; returns its `IP:PORT` there. */
  announce(member: Member, socket: Socket): string;
  voiceOnSend(member: Member, line: string): void;
  voiceOnOpen(member: Member, address: string): void;
  voiceOnLost(member: Member, address: string): void;
  /** `delayMs`: since the say came. */
  receipted(receipt: Receipt, delayMs: number): void;
  returned(recovered: boolean): void;
  memberOnGone(member: Member): void;
  /** It came, went, or is called otherwise. */
  memberOnChanged(): void;
}

/** Where a browser wants to read from. */
export interface Place {
  seq: number;
  /** It has seen this log up to there. */
  known: boolean;
  /** It was here before. */
  returning: boolean;
}

/** What a browser is told when its member leaves, and what the journal notes. */
interface Farewell {
  code: number;
  reason: string;
  why: WhyLeft;
}

type State =
  | { name: 'here'; browser: Browser; place: Place; resumed: boolean; welcomed: boolean }
  | { name: 'lingering'; timer: NodeJS.Timeout }
  | { name: 'leaving'; deadline: NodeJS.Timeout; browser: Browser | undefined; farewell: Farewell }
  | { name: 'gone' };

export class Member implements Visitor, SpeechOwner, VoiceOwner {
  readonly session = randomUUID();
  /** Known to all, while the session is this browser's secret. */
  readonly name = randomUUID().slice(0, 8);
  readonly #room: MemberRoom;
  readonly #options: MemberOptions;
  readonly #voice: Voice;
  readonly #speech: Speech;
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

  constructor(room: MemberRoom, options: MemberOptions, browser: Browser, place: Place) {
    this.#room = room;
    this.#options = options;
    this.#peer = browser.peer;
    this.#speech = new Speech(this, options);
    this.#notices = new Notices(options.noticeRate, (message) => this.browser?.offer(message) ?? false);
    this.#voice = new Voice(this, room.dialer, room.naps, options);
    this.#state = { name: 'here', browser, place, resumed: false, welcomed: false };
    this.#welcome();
  }

  get browser(): Browser | undefined {
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
  get broadcastAt(): number {
    return this.#voice.broadcastAt;
  }

  /** Says that have not gone out yet. */
  get waiting(): number {
    return this.#speech.waiting;
  }

  /** Is this, or was it, this member's own address in the room? */
  owns(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** Another WebSocket goes on with this session. False if it is too late. */
  comeBack(browser: Browser, place: Place): boolean {
    const state = this.#state;
    if (state.name === 'leaving' || state.name === 'gone') return false;
    if (state.name === 'here') state.browser.close(CLOSE.replaced, 'the session goes on elsewhere');
    else clearTimeout(state.timer);
    this.#peer = browser.peer;
    this.#state = { name: 'here', browser, place, resumed: true, welcomed: false };
    this.#room.memberOnChanged();
    this.#welcome();
    return true;
  }

  /** An empty name is none. */
  callItself(name: string): void {
    const nickname = name || undefined;
    if (nickname === this.#nickname) return;
    this.#nickname = nickname;
    this.#room.memberOnChanged();
  }

  say(id: string, text: string): void {
    const { nickname } = parseNickname(text);
    if (nickname !== undefined) this.callItself(nickname);
    this.#speech.say(id, text);
    if (this.#isQueueFull) this.browser?.pause('room');
  }

  /** The ear heard `line` under this member's address. */
  hear(line: string, more: boolean): Verdict {
    return this.#speech.hear(line, more);
  }

  /** What it has sent that may be heard as one of `words`. */
  sentAs(words: string[]): string | undefined {
    return this.#speech.sentAs(words);
  }

  /** The ear gained or lost the room. */
  earChanged(): void {
    this.#roomChanged();
  }

  /** The WebSocket of `browser` is closed: stays in the room for `lingerMs`, in case it comes back. */
  linger(browser: Browser, lingerMs: number): void {
    if (this.#state.name !== 'here' || this.#state.browser !== browser) return;
    this.#state = {
      name: 'lingering',
      timer: setTimeout(() => void this.leave('did not come back'), lingerMs),
    };
    this.#room.memberOnChanged();
  }

  /** Says what is still to be said, then leaves the room. Safe in any state; done when it is out. */
  leave(why: WhyLeft = 'left'): Promise<void> {
    this.#speech.refuse('left');
    const farewell = { code: CLOSE.left, reason: 'left the room', why };
    return this.#beginLeaving(farewell, this.#options.lastWordsMs);
  }

  /** The gateway stops: what is being said is said to its end, the rest fails, and the voice leaves. */
  stop(): Promise<void> {
    this.#speech.cutShort('closing');
    const farewell = {
      code: CLOSE.restart,
      reason: 'the gateway restarts',
      why: 'the gateway stops',
    } as const;
    return this.#beginLeaving(farewell, STOP_WORDS_MS);
  }

  #beginLeaving(farewell: Farewell, lastWordsMs: number): Promise<void> {
    const state = this.#state;
    this.#gone ??= new Promise((resolve) => {
      this.#goneNow = resolve;
    });
    if (state.name === 'gone') return this.#gone;
    if (state.name === 'lingering') clearTimeout(state.timer);
    if (state.name === 'leaving') clearTimeout(state.deadline);
    const deadline = setTimeout(() => this.#depart(), lastWordsMs);
    this.#state = { name: 'leaving', deadline, browser: this.browser, farewell };
    this.#room.memberOnChanged();
    this.speechOnIdle();
    return this.#gone;
  }

  #depart(): void {
    if (this.#state.name !== 'leaving') return;
    const { deadline, browser, farewell } = this.#state;
    clearTimeout(deadline);
    this.#speech.end();
    this.#notices.close();
    this.#room.log.flush();
    browser?.close(farewell.code, farewell.reason);
    this.#room.journal.left(this, farewell.why);
    this.#state = { name: 'gone' };
    void this.#voice.leave().then(() => {
      if (this.#address) this.#room.voiceOnLost(this, this.#address);
      this.#address = null;
      this.#room.memberOnGone(this);
      this.#goneNow?.();
    });
  }

  announce(socket: Socket): string {
    return this.#room.announce(this, socket);
  }

  voiceOnOpen(address: string): void {
    this.#address = address;
    this.#addresses = this.#addresses.filter((known) => known !== address).concat(address);
    this.#room.voiceOnOpen(this, address);
    this.#roomChanged();
  }

  voiceOnLost(): void {
    if (this.#address) this.#room.voiceOnLost(this, this.#address);
    this.#address = null;
    this.#isNoticeOpen = false;
    this.#speech.lose();
    this.#roomChanged();
  }

  voiceOnWords(text: string): void {
    const words = text.replace(/^\n+/, '');
    let continues = this.#isNoticeOpen && words === text;
    if (words) {
      for (const { text, answers } of this.#speech.answersIn(words)) {
        const notice = { type: 'notice', text, ...(answers !== undefined && { answers }) } as const;
        const isSent = this.#notices.send(continues ? { ...notice, continues } : notice);
        this.#isNoticeOpen = isSent && !text.endsWith('\n');
        continues = false;
      }
    } else this.#isNoticeOpen = false;
    this.#speech.answer(text);
  }

  speechOnPiece(line: string): void {
    this.#room.voiceOnSend(this, line);
    this.#voice.write(line);
  }

  speechOnReceipt(receipt: Receipt): void {
    const send = (kept: boolean): void => {
      // The words themselves may wait for the next fan-out, and come first.
      this.browser?.pump();
      this.browser?.send({ type: 'receipt', ...receipt, ...(!kept && { kept }) });
    };
    // A kill takes what is not written yet, so a receipt waits for the disk. It does not wait for one that refuses.
    if (receipt.state === 'heard') this.#room.log.whenKept(send);
    else send(true);
  }

  speechOnQueueChange(bytes: number): void {
    this.#room.queues.add(bytes);
    if (bytes < 0 && this.#hasQueueDrained) this.browser?.resume('room');
  }

  speechOnSettled(receipt: Receipt, delayMs: number): void {
    this.#room.receipted(receipt, delayMs);
  }

  roomMovedSince(time: number): boolean {
    return this.#room.movedSince(time);
  }

  /** The room says others' words and not ours: it never took this connection in, or has forgotten it. */
  speechOnUnheard(time: number): void {
    if (this.#room.repeatsSince(time)) this.#voice.renew();
  }

  speechOnIdle(): void {
    if (this.#state.name === 'leaving' && this.#speech.idle) this.#depart();
  }

  /** With too much waiting in all queues together, a browser is read only while its own queue is empty. */
  get #isQueueFull(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.#speech;
    const isCrowded = this.#room.queues.isFull && waitingBytes > 0;
    return waiting >= limits.openSays || waitingBytes >= queuedBytes || isCrowded;
  }

  get #hasQueueDrained(): boolean {
    const { limits, queuedBytes } = this.#options;
    const { waiting, waitingBytes } = this.#speech;
    const isCrowded = this.#room.queues.isFull && waitingBytes > 0;
    return waiting <= limits.openSays / 2 && waitingBytes <= queuedBytes / 2 && !isCrowded;
  }

  /** In a room that nobody can follow a person may still answer what the room asks. */
  get #roomOpen(): boolean {
    const { listening, trouble } = this.#room;
    return (listening || trouble !== undefined) && this.#voice.address !== null;
  }

  #roomChanged(): void {
    if (this.#roomOpen) this.#speech.open();
    else this.#speech.pause();
    if (this.#state.name !== 'here') return;
    if (!this.#state.welcomed) this.#welcome();
    else this.#sendRoom(this.#state.browser);
  }

  #sendRoom(browser: Browser): void {
    const { trouble } = this.#room;
    const state = this.#roomOpen ? 'open' : 'connecting';
    browser.send({ type: 'room', state, you: this.#voice.address, ...(trouble && { trouble }) });
  }

  /** As soon as the voice is in the room, or it is known that it can't be for now. */
  #welcome(): void {
    if (this.#state.name !== 'here' || (this.#room.listening && !this.#voice.address)) return;
    this.#state.welcomed = true;
    const { browser, place, resumed } = this.#state;
    const { log, journal } = this.#room;
    if (resumed) journal.cameBack(this);
    else journal.joined(this);
    const recovered = place.known && log.isWholeAfter(place.seq);
    if (place.returning) this.#room.returned(recovered);
    browser.send({
      type: 'welcome',
      session: this.session,
      epoch: log.epoch,
      me: this.name,
      you: this.#voice.address,
      head: log.head,
      tail: log.tail,
      after: place.seq,
      recovered,
      resumed,
      ...(!log.keeps && { disk: 'failing' }),
      limits: this.#options.limits,
    });
    if (!this.#roomOpen || this.#room.trouble) this.#sendRoom(browser);
    browser.read(place.seq);
  }
}
