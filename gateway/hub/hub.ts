/**
 * The room as the gateway knows it: what the ear hears goes into the transcript, and from there to every
 * browser that reads it.
 *
 *     ear --- heard ---> recorder ---> transcript ---> fan out ---> browsers
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SAYS } from '../../tcp-server/wire.ts';
import { Turns } from '../downstream/catch-up-scheduler.ts';
import { Browser, type Format, type Line } from '../downstream/subscriber.ts';
import { isLoopback } from '../lib/ip.ts';
import { AllowancePerAddress, type Pace } from '../limits/token-bucket.ts';
import type { Journal } from '../ops/access-log.ts';
import { Counters } from '../ops/counters.ts';
import { CLOSE, type ClientMessage, type Entry, type RoomTrouble } from '../protocol.ts';
import type { Receipt } from '../session/send-queue.ts';
import { SendQueues } from '../session/send-queues.ts';
import { Member, type MemberOptions, type MemberRoom, type Place } from '../session/session.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { Naps } from '../upstream/deferred-reads.ts';
import { Dialer, type DialerOptions } from '../upstream/dialer.ts';
import { Ear } from '../upstream/ear.ts';
import type { Heard } from '../upstream/formats/dice-parser.ts';
import type { ProxyProtocol } from '../upstream/proxy-header.ts';
import { Announcer } from '../upstream/proxy-header-writer.ts';
import { closeGently } from '../upstream/room-connection.ts';
import { Cadence } from './fan-out-throttle.ts';
import { People, REMEMBERED_ENTRIES } from './presence.ts';
import { Recorder } from './recorder.ts';
import { Liveness } from './room-probe.ts';
import { RoomWatch } from './room-watch.ts';

export interface RoomOptions {
  dialer: DialerOptions;
  member: MemberOptions;
  /** How the room is told for whom a connection is. */
  proxyProtocol: ProxyProtocol | 'off';
  /** Browsers in the room at the same time, those that may come back included. */
  maxMembers: number;
  /** What a newcomer reads of the past, entries. */
  historyEntries: number;
  /** How many bytes of the past one address may read from disk over WebSockets. */
  catchUpRate: Pace;
  /** How fast lines under one address become entries of their own. */
  linePace: Pace;
  /** What may wait to be sent into the room, of all browsers, bytes. */
  queuedBytes: number;
  /** How long a browser may show no sign of life, ms. */
  stallTimeoutMs: number;
  /** How long a room that is asked after may be silent before it is looked at, ms; 0: never looked at. */
  quietMs: number;
}

/** Signs of life asked for within a stall time-out: one or two may be late. */
const CHECKS_PER_STALL = 3;

/** Voices hear broadcasts and the ear has heard nothing for so long: it was never accepted, ms. */
const DEAF_AFTER_MS = 5_000;

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

/** The longest time between two connections of an ear that goes on hearing nothing, ms. */
const DEAF_MAX_MS = 10 * 60_000;

/** How often browsers are told of a flood, ms: a page holds one note of it, and moves that to the newest message. */
const FLOOD_NOTE_EVERY_MS = 5_000;

export class Room implements MemberRoom {
  readonly dialer: Dialer;
  readonly journal: Journal;
  readonly naps = new Naps(() => (this.#ear.open ? this.#voices.size : 0));
  readonly counters = new Counters();
  readonly queues: SendQueues;
  /** What may be read from disk to catch up, by address. */
  readonly #diskAllowances: AllowancePerAddress;
  readonly #transcript: Transcript;
  readonly #options: RoomOptions;
  readonly #announcer: Announcer;
  readonly #liveness: Liveness;
  readonly #watch: RoomWatch;
  readonly #recorder: Recorder;
  readonly #ear: Ear;
  readonly #members = new Map<string, Member>();
  readonly people = new People(this.#members);
  readonly #voices = new Map<string, Member>();
  readonly #checks: NodeJS.Timeout;
  readonly #turns = new Turns();
  readonly #cadence = new Cadence(() => this.#fanOut());
  /** Entries that are not counted yet. */
  readonly #recorded: Omit<Entry, 'seq'>[] = [];
  /** The newest seq of the last fan-out. */
  #fannedOut: number;
  /** Runs from the ear's opening until it is sure to hear. */
  #hearing: NodeJS.Timeout | undefined;
  /** How long an ear that hears nothing is waited for: longer each time. */
  #deafMs = DEAF_AFTER_MS;
  /** When the room last repeated or answered a say, ms since 1970; 0: it may be a silent one. */
  #answeredAt = 0;
  /** When browsers were last told of a flood, ms since 1970. */
  #floodedAt = 0;

  constructor(transcript: Transcript, journal: Journal, options: RoomOptions) {
    this.#transcript = transcript;
    this.#fannedOut = transcript.head;
    this.journal = journal;
    this.#options = options;
    this.#diskAllowances = new AllowancePerAddress(options.catchUpRate);
    this.queues = new SendQueues(options.queuedBytes);
    this.dialer = new Dialer(options.dialer);
    this.#recorder = new Recorder(transcript, options.linePace, {
      voiceAt: (address) => this.#voices.get(address),
      recorded: (entry) => this.#recorded.push(entry),
      gathered: (length) => this.#publish(length),
      flooding: (from) => this.#onFlood(from),
    });
    this.#announcer = new Announcer(options.proxyProtocol);
    this.#watch = new RoomWatch(
      { format: options.member.format, mayProbe: options.quietMs > 0 },
      {
        probe: () => this.#probe(),
        keepOut: (ms) => this.#ear.renew(ms),
        onAccepted: () => this.#earOnAccepted(),
        onTrouble: (trouble) => this.#onTrouble(trouble),
      },
    );
    this.#liveness = new Liveness(options.quietMs, {
      heardAt: () => Math.max(this.#ear.heardAt, this.#answeredAt),
      ask: () => this.#ask(),
    });
    this.#ear = new Ear(
      this.dialer,
      {
        announce: (socket) => this.#announcer.own(socket),
        onOpen: () => this.#earOnOpen(),
        onLost: () => this.#earOnLost(),
        onHeard: (heard) => this.#earOnHeard(heard),
        onBytes: (count) => this.naps.heard(count),
        isOwn: (address) => this.#voices.has(address),
        othersHeardSince: (time) => this.#broadcastAt > time,
      },
      options.member.format,
      options.member.leaveTimeoutMs,
    );
    this.people.remember(transcript.find({ limit: REMEMBERED_ENTRIES }).map(asEntry));
    this.#checks = setInterval(() => this.#check(), options.stallTimeoutMs / CHECKS_PER_STALL);
  }

  get listening(): boolean {
    return this.#ear.open;
  }

  get trouble(): RoomTrouble | undefined {
    return this.#watch.trouble;
  }

  /** undefined: the ear hears the room, and the room has shown of late that it does not hang. */
  async whyNotReady(): Promise<string | undefined> {
    const isAlive = this.trouble === undefined && this.listening && (await this.#liveness.alive());
    if (this.trouble !== undefined) return this.#describe(this.trouble);
    return isAlive && this.listening ? undefined : 'the room does not answer';
  }

  #describe(trouble: RoomTrouble): string {
    const { format } = this.#options.member;
    if (trouble === 'asks') {
      return 'the room asks each connection for something first, a name perhaps, and the gateway can not log in: see docs/servers.md';
    }
    const other = format === 'dice' ? 'plain' : 'dice';
    return `the room does not talk as ROOM_FORMAT=${format} says: try ROOM_FORMAT=${other}, see docs/servers.md`;
  }

  get log(): Transcript {
    return this.#transcript;
  }

  get members(): number {
    return this.#members.size;
  }

  get voices(): number {
    return [...this.#members.values()].filter(({ address }) => address !== null).length;
  }

  /** Of the browsers that are behind, by how many entries. */
  get lags(): number[] {
    return [...this.#members.values()]
      .map(({ browser }) => browser?.behind ?? 0)
      .filter((behind) => behind > 0);
  }

  get saysWaiting(): number {
    return [...this.#members.values()].reduce((sum, { waiting }) => sum + waiting, 0);
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
    const talksOn = heardAt > time + this.#options.member.receiptTimeoutMs;
    return this.#answeredAt > 0 && openedAt <= time && talksOn;
  }

  reader(line: Line, format: Format): Browser {
    const { ip } = line.peer;
    const allowance = isLoopback(ip) ? undefined : this.#diskAllowances.of(ip);
    return new Browser(line, this.#transcript, this.#turns, format, allowance);
  }

  /** A browser that says hello: the member it was, if that is still here, or a new one. */
  join(browser: Browser, hello: ClientMessage & { type: 'hello' }): Member | undefined {
    const place = this.#placeOf(hello);
    const known = hello.session === undefined ? undefined : this.#members.get(hello.session);
    return known?.comeBack(browser, place) ? known : this.#admit(browser, place);
  }

  /** A plain-text socket: reads from now on, as a terminal does. */
  joinNow(browser: Browser): Member | undefined {
    return this.#admit(browser, { seq: this.#transcript.head, known: false, returning: false });
  }

  /** Tells all browsers whether what is said is kept. */
  diskChanged(): void {
    const state = this.#transcript.keeps ? 'working' : 'failing';
    for (const { browser } of this.#members.values()) browser?.send({ type: 'disk', state });
  }

  /** Sends all browsers away for a moment: they reconnect to the log under its new epoch. */
  restartLog(): void {
    for (const { browser } of this.#members.values()) browser?.close(CLOSE.restart, 'the log begins again');
  }

  /** Everybody leaves, gently; done when the room has closed all connections. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    clearTimeout(this.#hearing);
    this.#watch.stop();
    this.#fanOut();
    this.#cadence.stop();
    await Promise.all([...this.#members.values()].map((member) => member.stop()));
    this.people.close();
    await this.#ear.leave();
    this.#recorder.flush();
  }

  announce(member: Member, socket: Socket): string {
    const isTaken = (address: string): boolean => (this.#voices.get(address) ?? member) !== member;
    return this.#announcer.voice(socket, member.peer, isTaken);
  }

  voiceOnSend(member: Member, line: string): void {
    if (this.#isPlain) this.#recorder.noteSent(member, line);
    else this.#watch.voiceOnSend(line);
  }

  voiceOnOpen(member: Member, address: string): void {
    this.#voices.set(address, member);
    this.people.changed();
  }

  voiceOnLost(member: Member, address: string): void {
    this.people.changed();
    const echoMs = member.presence === 'gone' ? ECHO_AFTER_LEAVE_MS : ECHO_AFTER_MS;
    setTimeout(() => {
      if (this.#voices.get(address) === member && member.address !== address) this.#voices.delete(address);
    }, echoMs).unref();
  }

  receipted({ state }: Receipt, delayMs: number): void {
    this.counters.receipt(state, delayMs);
    if (state === 'heard') this.#answeredAt = Date.now();
  }

  returned(recovered: boolean): void {
    this.counters.returned(recovered);
  }

  memberOnGone(member: Member): void {
    this.#members.delete(member.session);
  }

  /** Comes in and says goodbye: a room that does not hang says it too. */
  async #ask(): Promise<boolean> {
    const late = AbortSignal.timeout(ANSWER_MS);
    return await Promise.race([this.#probe(late), once(late, 'abort').then(() => false)]);
  }

  async #probe(giveUp = AbortSignal.timeout(PROBE_MS)): Promise<boolean> {
    const socket = await this.dialer.dial(() => true, giveUp, true);
    if (!socket) return false;
    this.#announcer.own(socket);
    await closeGently(socket, this.#options.member.leaveTimeoutMs);
    return true;
  }

  memberOnChanged(): void {
    this.people.changed();
  }

  /** Undefined when the room is full, which the browser is told. */
  #admit(browser: Browser, place: Place): Member | undefined {
    if (this.#members.size >= this.#options.maxMembers) {
      this.counters.refused('full');
      browser.close(CLOSE.full, 'the room is full');
      return undefined;
    }
    const member = new Member(this, this.#options.member, browser, place);
    this.#members.set(member.session, member);
    this.people.changed();
    return member;
  }

  #placeOf({ epoch, after }: ClientMessage & { type: 'hello' }): Place {
    const log = this.#transcript;
    const returning = after !== undefined;
    if (epoch === log.epoch && returning && after <= log.head) return { seq: after, known: true, returning };
    return { seq: log.beforeNewest(this.#options.historyEntries), known: false, returning };
  }

  #earOnOpen(): void {
    this.#hearing = setTimeout(() => this.#presumeHearing(), PRESUMED_HEARING_MS);
    this.#watch.earOnOpen();
    this.#earChanged();
  }

  #presumeHearing(): void {
    if (this.#watch.isAccepted) this.#hearRoom();
  }

  #earOnAccepted(): void {
    this.#liveness.noteAnswer();
    if (this.trouble === undefined) this.#hearRoom();
  }

  #onTrouble(trouble: RoomTrouble | undefined): void {
    this.journal.roomTrouble(trouble && this.#describe(trouble));
    for (const member of this.#members.values()) member.earChanged();
  }

  #earOnLost(): void {
    clearTimeout(this.#hearing);
    this.#watch.earOnLost();
    if (this.#ear.lostAt > 0) this.#transcript.loseRoom(this.#ear.lostAt);
    this.#earChanged();
  }

  /** Between two ears, or two processes, words may have passed unheard. */
  #hearRoom(): void {
    clearTimeout(this.#hearing);
    const before = this.#transcript.head;
    this.#transcript.hearRoom();
    if (this.#transcript.head === before) return;
    this.counters.gap();
    this.#cadence.ask();
  }

  #earChanged(): void {
    this.#recorder.begin();
    this.naps.end();
    for (const member of this.#members.values()) member.earChanged();
  }

  #earOnHeard(heard: Heard[]): void {
    this.#watch.earOnHeard(heard);
    if (this.#isPlain && heard.some(({ text }) => this.#hasHeader(text))) this.#watch.foundStrange();
    if (heard.some(({ kind }) => kind === 'message')) this.#hearRoom();
    for (const part of heard) this.#recorder.record(part);
    this.#publish(heard.reduce((sum, { text }) => sum + text.length, 0));
  }

  #publish(length: number): void {
    if (this.#recorded.length === 0) return;
    this.#cadence.ask(length);
    // First those who wait for the words, then the books.
    for (const entry of this.#recorded.splice(0)) this.#count(entry);
  }

  /** Does a plain line bring what one of our voices has sent, behind a header of the dice kind? */
  #hasHeader(text: string): boolean {
    const says = text.indexOf(SAYS);
    const voice = says > 0 ? this.#voices.get(text.slice(0, says)) : undefined;
    return voice?.sentAs([text.slice(says + SAYS.length)]) !== undefined;
  }

  get #isPlain(): boolean {
    return this.#options.member.format === 'plain';
  }

  /** Says who floods, once in a while: an attacker can write any address. */
  #onFlood(from: string): void {
    const now = Date.now();
    if (Math.abs(now - this.#floodedAt) < FLOOD_NOTE_EVERY_MS) return;
    this.#floodedAt = now;
    this.journal.flooding(from);
    for (const { browser } of this.#members.values()) browser?.offer({ type: 'flood', from });
  }

  #count(entry: Omit<Entry, 'seq'>): void {
    if (this.#isPlain && entry.said) this.#watch.prove();
    this.counters.entry();
    if (entry.forged) this.counters.forged();
    this.people.hear(entry);
  }

  /**
   * What is new goes to all who are up to date, encoded once; the others read it when they get there. Returns how many
   * were written to.
   */
  #fanOut(): number {
    const batch = this.#transcript.batch(this.#fannedOut);
    this.#fannedOut = this.#transcript.head;
    let written = 0;
    for (const { browser } of this.#members.values()) if (browser?.pump(batch)) written++;
    return written;
  }

  /** When one of the voices last heard a broadcast. */
  get #broadcastAt(): number {
    let newest = 0;
    for (const { broadcastAt } of this.#members.values()) newest = Math.max(newest, broadcastAt);
    return newest;
  }

  #check(): void {
    const now = Date.now();
    for (const { browser } of this.#members.values()) browser?.check(now, this.#options.stallTimeoutMs);
    const broadcastAt = this.#broadcastAt;
    const settled = now - broadcastAt > 1_000;
    const { open, heardAt, openedAt } = this.#ear;
    if (!this.#isPlain && this.trouble === 'asks' && !open && settled && broadcastAt > this.#ear.lostAt)
      this.#watch.voiceOnHeader();
    if (heardAt > openedAt) this.#deafMs = DEAF_AFTER_MS;
    if (open && settled && broadcastAt > Math.max(heardAt + DEAF_AFTER_MS, openedAt + this.#deafMs)) {
      this.#deafMs = Math.min(2 * this.#deafMs, DEAF_MAX_MS);
      this.#ear.renew();
    }
  }
}

function asEntry(json: string): Entry {
  return JSON.parse(json) as Entry;
}
