/**
 * The room as the gateway knows it: what the ear hears goes into the transcript, and from there to every
 * browser that reads it.
 *
 *     ear --- heard ---> recorder ---> transcript ---> fan out ---> browsers
 */
import { once } from 'node:events';
import { isLoopback } from '../../common/ip.ts';
import type { RateLimit } from '../../common/token-bucket.ts';
import { HEADER_SUFFIX } from '../../tcp-server/wire.ts';
import { CatchUpScheduler } from '../downstream/catch-up-scheduler.ts';
import { type ClientConnection, type Encoder, Subscriber } from '../downstream/subscriber.ts';
import { TokenBucketPerAddress } from '../limits/token-bucket-per-address.ts';
import type { AccessLog } from '../ops/access-log.ts';
import { Counters } from '../ops/counters.ts';
import { CLOSE, type ClientMessage, type Entry, type RoomTrouble } from '../protocol.ts';
import type { Receipt } from '../session/send-queue.ts';
import { SendQueues } from '../session/send-queues.ts';
import { type ReadPosition, Session, type SessionHub, type SessionOptions } from '../session/session.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { DeferredReads } from '../upstream/deferred-reads.ts';
import { Dialer, type DialerOptions } from '../upstream/dialer.ts';
import { Ear } from '../upstream/ear.ts';
import type { RoomText } from '../upstream/formats/dice-parser.ts';
import { closeGracefully } from '../upstream/room-connection.ts';
import { DEAF_AFTER_MS, DEAF_MAX_MS, DeafEarWatch } from './deaf-ear.ts';
import { FanOut } from './fan-out.ts';
import { PresenceList, REMEMBERED_ENTRIES } from './presence.ts';
import { Recorder } from './recorder.ts';
import { RoomProbe } from './room-probe.ts';
import { RoomWatch } from './room-watch.ts';

export interface HubOptions {
  dialer: DialerOptions;
  session: SessionOptions;
  /** Browsers in the room at the same time, those that may come back included. */
  maxSessions: number;
  /** What a newcomer reads of the past, entries. */
  historyEntries: number;
  /** How many bytes of the past one address may read from disk over WebSockets. */
  catchUpRate: RateLimit;
  /** How fast lines under one address become entries of their own. */
  linePace: RateLimit;
  /** What may wait to be sent into the room, of all browsers, bytes. */
  queuedBytes: number;
  /** How long a browser may show no sign of life, ms. */
  stallTimeoutMs: number;
  /** How long a room that is asked after may be silent before it is looked at, ms; 0: never looked at. */
  quietMs: number;
}

/** Signs of life asked for within a stall time-out: one or two may be late. */
const CHECKS_PER_STALL = 3;

/**
 * An ear that is connected may still wait for the room to accept it, and nothing tells. Who hears words is in; after
 * so much silence it is presumed, ms. A loaded server accepts well within it.
 */
const PRESUMED_HEARING_MS = 2_000;

/** How long text under the address of a voice that the room lost may still be that voice's, ms. */
const ECHO_AFTER_MS = 5_000;

/**
 * How long an address of a browser that left is nobody else's, ms. The system keeps it in TIME_WAIT for longer, because
 * the gateway closes first.
 */
const ECHO_AFTER_LEAVE_MS = 30_000;

/** How long a room that was silent may take to answer, ms. */
const ANSWER_MS = 3_000;

/** How long a connection that is to show whether the room waits for the ear may wait to be made, ms. */
const PROBE_MS = 10_000;

/** How often browsers are told of a flood, ms: a page holds one note of it, and moves that to the newest message. */
const FLOOD_NOTE_EVERY_MS = 5_000;

export class Hub implements SessionHub {
  readonly dialer: Dialer;
  readonly accessLog: AccessLog;
  readonly deferredReads = new DeferredReads(() => (this.#ear.isOpen ? this.#voices.size : 0));
  readonly counters = new Counters();
  readonly queues: SendQueues;
  /** What may be read from disk to catch up, by address. */
  readonly #diskAllowances: TokenBucketPerAddress;
  readonly #transcript: Transcript;
  readonly #options: HubOptions;
  readonly #roomProbe: RoomProbe;
  readonly #watch: RoomWatch;
  readonly #recorder: Recorder;
  readonly #ear: Ear;
  readonly #deafEar: DeafEarWatch;
  readonly #sessions = new Map<string, Session>();
  readonly presence = new PresenceList(this.#sessions);
  readonly #voices = new Map<string, Session>();
  readonly #checks: NodeJS.Timeout;
  readonly #catchUp = new CatchUpScheduler();
  readonly #fanOut: FanOut;
  /** Entries that are not counted yet. */
  readonly #recorded: Omit<Entry, 'seq'>[] = [];
  /** Runs from the ear's opening until it is sure to hear. */
  #hearing: NodeJS.Timeout | undefined;
  /** When the ear connected, and when a voice last received private text, ms since 1970; 0 for never. */
  #connectedAt = 0;
  #privateAt = 0;
  /** How long an ear that hears nothing is waited for: longer each time. */
  #deafMs = DEAF_AFTER_MS;
  /** When the room last repeated or answered a say, ms since 1970; 0: it may be a silent one. */
  #answeredAt = 0;
  /** When browsers were last told of a flood, ms since 1970. */
  #floodedAt = 0;

  constructor(transcript: Transcript, accessLog: AccessLog, options: HubOptions) {
    this.#transcript = transcript;
    this.#fanOut = new FanOut(transcript, this.#sessions);
    this.accessLog = accessLog;
    this.#options = options;
    this.#diskAllowances = new TokenBucketPerAddress(options.catchUpRate);
    this.queues = new SendQueues(options.queuedBytes);
    this.dialer = new Dialer(options.dialer);
    this.#recorder = new Recorder(transcript, options.linePace, {
      sessionAt: (address) => this.#voices.get(address),
      onRecorded: (entry) => this.#recorded.push(entry),
      gathered: () => this.#publish(),
      flooding: (from) => this.#onFlood(from),
    });
    this.#watch = new RoomWatch(
      { format: options.session.format, mayProbe: options.quietMs > 0 },
      {
        probe: () => this.#probe(),
        keepOut: (ms) => this.#ear.reconnect(ms),
        onAccepted: () => this.#earOnAccepted(),
        onTrouble: (trouble) => this.#onTrouble(trouble),
      },
    );
    this.#roomProbe = new RoomProbe(options.quietMs, {
      heardAt: () => Math.max(this.#ear.heardAt, this.#answeredAt),
      probe: () => this.#probeRoom(),
    });
    this.#ear = new Ear(
      {
        onConnected: () => this.#onEarConnected(),
        onOpen: () => this.#onEarOpen(),
        onLost: () => this.#onEarLost(),
        onHeard: (heard) => this.#onEarHeard(heard),
        isOwn: (address) => this.#voices.has(address),
        isAwaited: (since) => this.#isEarAwaited(since),
      },
      this.dialer,
      this.deferredReads,
      options.session,
    );
    this.#deafEar = new DeafEarWatch({
      openedAt: () => this.#ear.openedAt,
      heardAt: () => Math.max(this.#ear.heardAt, this.#privateAt),
      probe: () => this.#probeRoom(),
      onDeafEar: () => this.#ear.reconnect(),
    });
    this.presence.restore(transcript.find({ limit: REMEMBERED_ENTRIES }).map(asEntry));
    this.#checks = setInterval(() => this.#check(), options.stallTimeoutMs / CHECKS_PER_STALL);
  }

  get listening(): boolean {
    return this.#ear.isOpen;
  }

  get trouble(): RoomTrouble | undefined {
    return this.#watch.trouble;
  }

  /** undefined: the ear hears the room, and the room has shown of late that it does not hang. */
  async whyNotReady(): Promise<string | undefined> {
    const isAlive = this.trouble === undefined && this.listening && (await this.#roomProbe.isResponsive());
    if (this.trouble !== undefined) return this.#describe(this.trouble);
    return isAlive && this.listening ? undefined : 'the room does not answer';
  }

  #describe(trouble: RoomTrouble): string {
    const { format } = this.#options.session;
    if (trouble === 'asks') {
      return 'the room asks each connection for something first, a name perhaps, and the gateway can not log in: see docs/servers.md';
    }
    const other = format === 'dice' ? 'plain' : 'dice';
    return `the room does not talk as ROOM_FORMAT=${format} says: try ROOM_FORMAT=${other}, see docs/servers.md`;
  }

  get log(): Transcript {
    return this.#transcript;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get voices(): number {
    return [...this.#sessions.values()].filter(({ address }) => address !== null).length;
  }

  /** Of the browsers that are behind, by how many entries. */
  get lags(): number[] {
    return [...this.#sessions.values()]
      .map(({ subscriber }) => subscriber?.behind ?? 0)
      .filter((behind) => behind > 0);
  }

  get queuedMessages(): number {
    return [...this.#sessions.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get bytesHeard(): number {
    return this.#ear.bytes;
  }

  movedSince(time: number): boolean {
    return this.#answeredAt === 0 || this.#ear.openedAt > time || this.#talksSince(time);
  }

  /** A server with logins keeps a text for other reasons, and a new connection would have to log in again. */
  repeatsSince(time: number): boolean {
    return this.#ear.isProven && this.#talksSince(time);
  }

  #talksSince(time: number): boolean {
    const { heardAt, openedAt } = this.#ear;
    const talksOn = heardAt > time + this.#options.session.receiptTimeoutMs;
    return this.#answeredAt > 0 && openedAt <= time && talksOn;
  }

  reader(line: ClientConnection, format: Encoder): Subscriber {
    const { ip } = line.peer;
    const allowance = isLoopback(ip) ? undefined : this.#diskAllowances.of(ip);
    return new Subscriber(line, this.#transcript, this.#catchUp, format, allowance);
  }

  /** A browser that says hello: the member it was, if that is still here, or a new one. */
  join(browser: Subscriber, hello: ClientMessage & { type: 'hello' }): Session | undefined {
    const place = this.#readPositionOf(hello);
    const known = hello.session === undefined ? undefined : this.#sessions.get(hello.session);
    return known?.resume(browser, place) ? known : this.#admit(browser, place);
  }

  /** A plain-text socket: reads from now on, as a terminal does. */
  joinNow(browser: Subscriber): Session | undefined {
    return this.#admit(browser, { seq: this.#transcript.head, known: false, returning: false });
  }

  /** Tells all browsers whether what is said is kept. */
  diskChanged(): void {
    const state = this.#transcript.keeps ? 'working' : 'failing';
    for (const { subscriber } of this.#sessions.values()) subscriber?.send({ type: 'disk', state });
  }

  /** Sends all browsers away for a moment: they reconnect to the log under its new epoch. */
  restartLog(): void {
    for (const { subscriber } of this.#sessions.values())
      subscriber?.close(CLOSE.restart, 'the log begins again');
  }

  /** Everybody leaves, gently; done when the room has closed all connections. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    clearTimeout(this.#hearing);
    this.#watch.stop();
    this.#fanOut.flush();
    await Promise.all([...this.#sessions.values()].map((session) => session.shutDown()));
    this.presence.close();
    await this.#ear.leave();
    this.#recorder.flush();
  }

  mayUse(session: Session, address: string): boolean {
    return (this.#voices.get(address) ?? session) === session;
  }

  voiceOnSend(session: Session, line: string): void {
    this.#deafEar.onSend();
    if (this.#isPlain) this.#recorder.noteSent(session, line);
    else this.#watch.voiceOnSend(line);
  }

  onPrivateText(): void {
    this.#privateAt = Date.now();
  }

  onVoiceOpen(session: Session, address: string): void {
    this.#voices.set(address, session);
    this.presence.onChange();
  }

  onVoiceLost(session: Session, address: string): void {
    this.presence.onChange();
    const echoMs = session.presence === 'gone' ? ECHO_AFTER_LEAVE_MS : ECHO_AFTER_MS;
    setTimeout(() => {
      if (this.#voices.get(address) === session && session.address !== address) this.#voices.delete(address);
    }, echoMs).unref();
  }

  onReceipt({ state }: Receipt, delayMs: number): void {
    this.counters.receipt(state, delayMs);
    if (state === 'heard') this.#answeredAt = Date.now();
  }

  onReturn(recovered: boolean): void {
    this.counters.returned(recovered);
  }

  onSessionGone(session: Session): void {
    this.#sessions.delete(session.id);
  }

  /** Comes in and says goodbye: a room that does not hang says it too. */
  async #probeRoom(): Promise<boolean> {
    const late = AbortSignal.timeout(ANSWER_MS);
    return await Promise.race([this.#probe(late), once(late, 'abort').then(() => false)]);
  }

  async #probe(giveUp = AbortSignal.timeout(PROBE_MS)): Promise<boolean> {
    const connection = await this.dialer.dial({ onRead: () => true, signal: giveUp });
    if (!connection) return false;
    await closeGracefully(connection.socket, this.#options.session.leaveTimeoutMs);
    return true;
  }

  onSessionChanged(): void {
    this.presence.onChange();
  }

  /** Undefined when the room is full, which the browser is told. */
  #admit(browser: Subscriber, place: ReadPosition): Session | undefined {
    if (this.#sessions.size >= this.#options.maxSessions) {
      this.counters.refused('full');
      browser.close(CLOSE.full, 'the room is full');
      return undefined;
    }
    const session = new Session(this, this.#options.session, browser, place);
    this.#sessions.set(session.id, session);
    this.presence.onChange();
    return session;
  }

  #readPositionOf({ epoch, after }: ClientMessage & { type: 'hello' }): ReadPosition {
    const log = this.#transcript;
    const returning = after !== undefined;
    if (epoch === log.epoch && returning && after <= log.head) return { seq: after, known: true, returning };
    return { seq: log.beforeNewest(this.#options.historyEntries), known: false, returning };
  }

  /** The room may send voices no broadcasts. */
  get #hasQuietVoices(): boolean {
    return this.#options.dialer.proxyProtocol === 'v2';
  }

  #onEarConnected(): void {
    this.#connectedAt = Date.now();
    if (this.#hasQuietVoices) this.#watch.earOnOpen();
  }

  /** Voices show whether the room has accepted the ear. Quiet voices don't, so the ear waits for the answer to a probe. */
  #isEarAwaited(since: number): boolean {
    if (this.#broadcastAt > since) return true;
    const waitedMs = Date.now() - this.#connectedAt;
    return this.#hasQuietVoices && !this.#watch.isAccepted && waitedMs < PRESUMED_HEARING_MS;
  }

  #onEarOpen(): void {
    this.#hearing = setTimeout(() => this.#presumeHearing(), PRESUMED_HEARING_MS);
    if (!this.#hasQuietVoices) this.#watch.earOnOpen();
    this.#onEarChanged();
  }

  #presumeHearing(): void {
    if (this.#watch.isAccepted) this.#endGap();
  }

  #earOnAccepted(): void {
    this.#roomProbe.noteAnswer();
    if (this.trouble === undefined) this.#endGap();
  }

  #onTrouble(trouble: RoomTrouble | undefined): void {
    this.accessLog.roomTrouble(trouble && this.#describe(trouble));
    for (const session of this.#sessions.values()) session.onEarChanged();
  }

  #onEarLost(): void {
    clearTimeout(this.#hearing);
    this.#watch.earOnLost();
    if (this.#ear.lostAt > 0) this.#transcript.beginGap(this.#ear.lostAt);
    this.#onEarChanged();
  }

  /** Between two ears, or two processes, words may have passed unheard. */
  #endGap(): void {
    clearTimeout(this.#hearing);
    const before = this.#transcript.head;
    this.#transcript.endGap();
    if (this.#transcript.head === before) return;
    this.counters.gap();
    this.#fanOut.request();
  }

  #onEarChanged(): void {
    this.#recorder.reset();
    this.deferredReads.resumeAll();
    for (const session of this.#sessions.values()) session.onEarChanged();
  }

  #onEarHeard(heard: RoomText[]): void {
    this.#watch.earOnHeard(heard);
    if (this.#isPlain && heard.some(({ text }) => this.#hasHeader(text))) this.#watch.foundStrange();
    if (heard.some(({ kind }) => kind === 'message')) this.#endGap();
    for (const part of heard) this.#recorder.record(part);
    this.#publish();
  }

  #publish(): void {
    if (this.#recorded.length === 0) return;
    this.#fanOut.request();
    // First those who wait for the words, then the books.
    for (const entry of this.#recorded.splice(0)) this.#count(entry);
  }

  /** Does a plain line bring what one of our voices has sent, behind a header of the dice kind? */
  #hasHeader(text: string): boolean {
    const says = text.indexOf(HEADER_SUFFIX);
    const voice = says > 0 ? this.#voices.get(text.slice(0, says)) : undefined;
    return voice?.sentAs([text.slice(says + HEADER_SUFFIX.length)]) !== undefined;
  }

  get #isPlain(): boolean {
    return this.#options.session.format === 'plain';
  }

  /** Says who floods, once in a while: an attacker can write any address. */
  #onFlood(from: string): void {
    const now = Date.now();
    if (Math.abs(now - this.#floodedAt) < FLOOD_NOTE_EVERY_MS) return;
    this.#floodedAt = now;
    this.accessLog.flooding(from);
    for (const { subscriber } of this.#sessions.values()) subscriber?.sendIfWritable({ type: 'flood', from });
  }

  #count(entry: Omit<Entry, 'seq'>): void {
    if (this.#isPlain && entry.said) this.#watch.prove();
    this.counters.entry();
    if (entry.forged) this.counters.forged();
    this.presence.onEntry(entry);
  }

  /** When one of the voices last heard a broadcast. */
  get #broadcastAt(): number {
    let newest = 0;
    for (const { lastBroadcastAt } of this.#sessions.values()) newest = Math.max(newest, lastBroadcastAt);
    return newest;
  }

  #check(): void {
    const now = Date.now();
    for (const { subscriber } of this.#sessions.values())
      subscriber?.pingOrClose(now, this.#options.stallTimeoutMs);
    const broadcastAt = this.#broadcastAt;
    const settled = now - broadcastAt > 1_000;
    const { isOpen, heardAt, openedAt } = this.#ear;
    if (!this.#isPlain && this.trouble === 'asks' && !isOpen && settled && broadcastAt > this.#ear.lostAt)
      this.#watch.voiceOnHeader();
    if (isOpen && this.#hasQuietVoices) this.#deafEar.check();
    if (heardAt > openedAt) this.#deafMs = DEAF_AFTER_MS;
    if (isOpen && settled && broadcastAt > Math.max(heardAt + DEAF_AFTER_MS, openedAt + this.#deafMs)) {
      this.#deafMs = Math.min(2 * this.#deafMs, DEAF_MAX_MS);
      this.#ear.reconnect();
    }
  }
}

function asEntry(json: string): Entry {
  return JSON.parse(json) as Entry;
}
