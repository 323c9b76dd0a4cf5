/**
 * The room as the gateway knows it: what the ear hears goes into the transcript, and from there to every
 * browser that reads it.
 *
 *     ear --- heard ---> record ---> transcript ---> fan out ---> browsers
 */
import type { Socket } from 'node:net';
import { formatAddress } from '../tcp-server/wire.ts';
import { Browser, type Format } from './browser.ts';
import { Dialer, type DialerOptions } from './dialer.ts';
import { Ear } from './ear.ts';
import type { Journal } from './journal.ts';
import { Member, type MemberOptions, type MemberRoom, type Place } from './member.ts';
import type { Heard } from './parser.ts';
import type { Peer } from './peer.ts';
import { People, REMEMBERED_ENTRIES } from './people.ts';
import type { ClientMessage, Entry } from './protocol.ts';
import { canonicalIp, type End, type ProxyProtocol, proxyHeader } from './proxy-header.ts';
import type { Receipt } from './speech.ts';
import type { Transcript } from './transcript.ts';

export interface RoomOptions {
  dialer: DialerOptions;
  member: MemberOptions;
  /** How the room is told for whom a connection is. */
  proxyProtocol: ProxyProtocol | 'off';
  /** Browsers in the room at the same time, those that may come back included. */
  maxMembers: number;
  /** What a newcomer reads of the past, entries. */
  historyEntries: number;
  /** How long a browser may show no sign of life, ms. */
  stallTimeoutMs: number;
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

/** How long what is heard under the address of a voice that is gone may still be its words, ms. */
const ECHO_AFTER_MS = 5_000;

const MAX_PORT = 65_535;

/** Who is speaking: what a header named last. `root`: the entry that their next words continue. */
interface Speaking {
  from: string;
  root: number | undefined;
}

/** Counted since the start, for the metrics. */
export interface Counters {
  entries: number;
  forged: number;
  receipts: Record<Receipt['state'], number>;
  refused: number;
}

export class Room implements MemberRoom {
  readonly dialer: Dialer;
  readonly journal: Journal;
  readonly counters: Counters = {
    entries: 0,
    forged: 0,
    receipts: { heard: 0, unconfirmed: 0, failed: 0 },
    refused: 0,
  };
  readonly #transcript: Transcript;
  readonly #options: RoomOptions;
  readonly #ear: Ear;
  readonly #members = new Map<string, Member>();
  readonly people = new People(this.#members);
  readonly #voices = new Map<string, Member>();
  readonly #checks: NodeJS.Timeout;
  #speaking: Speaking | null = null;
  /** Runs from the ear's opening until it is sure to hear. */
  #hearing: NodeJS.Timeout | undefined;
  /** The room has repeated or answered a say: it is no silent one. */
  #answers = false;

  constructor(transcript: Transcript, journal: Journal, options: RoomOptions) {
    this.#transcript = transcript;
    this.journal = journal;
    this.#options = options;
    this.dialer = new Dialer(options.dialer);
    this.#ear = new Ear(
      this.dialer,
      {
        announce: (socket) => this.#announce(socket, null),
        onOpen: () => this.#earOnOpen(),
        onLost: () => this.#earOnLost(),
        onHeard: (heard) => this.#earOnHeard(heard),
        othersHeardSince: (time) => this.#broadcastAt > time,
      },
      options.member.leaveTimeoutMs,
    );
    this.people.remember(transcript.find({ limit: REMEMBERED_ENTRIES }).map(asEntry));
    this.#checks = setInterval(() => this.#check(), options.stallTimeoutMs / CHECKS_PER_STALL);
  }

  get listening(): boolean {
    return this.#ear.open;
  }

  get log(): Transcript {
    return this.#transcript;
  }

  get members(): number {
    return this.#members.size;
  }

  get bytesHeard(): number {
    return this.#ear.bytes;
  }

  get full(): boolean {
    return this.#members.size >= this.#options.maxMembers;
  }

  movedSince(time: number): boolean {
    const { heardAt, openedAt } = this.#ear;
    return !this.#answers || openedAt > time || heardAt > time + this.#options.member.receiptTimeoutMs;
  }

  reader(socket: ConstructorParameters<typeof Browser>[0], peer: Peer, format: Format): Browser {
    return new Browser(socket, peer, this.#transcript, format);
  }

  /** A browser that says hello: the member it was, if that is still here, or a new one. */
  join(browser: Browser, hello: ClientMessage & { type: 'hello' }): Member {
    const place = this.#placeOf(hello);
    const known = hello.session === undefined ? undefined : this.#members.get(hello.session);
    return known?.comeBack(browser, place) ? known : this.#admit(browser, place);
  }

  /** A plain-text socket: reads from now on, as a terminal does. */
  joinNow(browser: Browser): Member {
    return this.#admit(browser, { seq: this.#transcript.head, known: false });
  }

  /** Everybody leaves, gently; done when the room has closed all connections. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    clearTimeout(this.#hearing);
    await Promise.all([...this.#members.values()].map((member) => member.stop()));
    this.people.close();
    await this.#ear.leave();
  }

  announce(member: Member, socket: Socket): string {
    return this.#announce(socket, this.#endOf(member, socket));
  }

  voiceOnOpen(member: Member, address: string): void {
    this.#voices.set(address, member);
    this.people.changed();
  }

  voiceOnLost(member: Member, address: string): void {
    this.people.changed();
    setTimeout(() => {
      if (this.#voices.get(address) === member && member.address !== address) this.#voices.delete(address);
    }, ECHO_AFTER_MS).unref();
  }

  receipted(receipt: Receipt): void {
    this.counters.receipts[receipt.state]++;
    if (receipt.state === 'heard') this.#answers = true;
  }

  memberOnGone(member: Member): void {
    this.#members.delete(member.session);
  }

  /** Returns the connection's `IP:PORT` in the room. */
  #announce(socket: Socket, from: End | null): string {
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
    const { proxyProtocol } = this.#options;
    if (proxyProtocol === 'off') return formatAddress(localAddress, localPort);
    socket.write(
      proxyHeader(proxyProtocol, from, { ip: canonicalIp(remoteAddress) ?? '', port: remotePort }),
    );
    return formatAddress(from?.ip ?? localAddress, from?.port ?? localPort);
  }

  /**
   * The browser's address, and its port where it is known and free: a page that was reloaded has another one than
   * its voice, and behind one more proxy many have the same or none. What tells voices apart must be one's own.
   */
  #endOf(member: Member, { localPort = 0 }: Socket): End | null {
    const ip = canonicalIp(member.peer.ip);
    if (ip === undefined) return null;
    const isTaken = (port: number): boolean =>
      (this.#voices.get(formatAddress(ip, port)) ?? member) !== member;
    let port = member.peer.port || localPort;
    if (isTaken(port)) port = localPort;
    while (isTaken(port)) port = (port % MAX_PORT) + 1;
    return { ip, port };
  }

  memberOnChanged(): void {
    this.people.changed();
  }

  #admit(browser: Browser, place: Place): Member {
    const member = new Member(this, this.#options.member, browser, place);
    this.#members.set(member.session, member);
    this.people.changed();
    return member;
  }

  #placeOf({ epoch, after }: ClientMessage & { type: 'hello' }): Place {
    const log = this.#transcript;
    if (epoch === log.epoch && after !== undefined && after <= log.head) return { seq: after, known: true };
    return { seq: log.beforeNewest(this.#options.historyEntries), known: false };
  }

  #earOnOpen(): void {
    this.#hearing = setTimeout(() => this.#hearRoom(), PRESUMED_HEARING_MS);
    this.#earChanged();
  }

  #earOnLost(): void {
    clearTimeout(this.#hearing);
    if (this.#ear.lostAt > 0) this.#transcript.loseRoom(this.#ear.lostAt);
    this.#earChanged();
  }

  /** Between two ears, or two processes, words may have passed unheard. */
  #hearRoom(): void {
    clearTimeout(this.#hearing);
    const before = this.#transcript.head;
    this.#transcript.hearRoom();
    if (this.#transcript.head > before) this.#fanOut(before);
  }

  #earChanged(): void {
    this.#speaking = null;
    for (const member of this.#members.values()) member.earChanged();
  }

  #earOnHeard(heard: Heard[]): void {
    if (heard.some(({ kind }) => kind === 'message')) this.#hearRoom();
    const after = this.#transcript.head;
    for (const part of heard) this.#record(part);
    if (this.#transcript.head > after) this.#fanOut(after);
  }

  #record(heard: Heard): void {
    // `words`: to the ear alone, as every voice gets its own greeting.
    if (heard.kind === 'message') this.#speaking = { from: heard.from, root: undefined };
    if (heard.kind !== 'words' && this.#speaking) {
      this.#recordWords(this.#speaking, heard.text, heard.kind === 'more');
    }
  }

  #recordWords(speaking: Speaking, text: string, more: boolean): void {
    const member = this.#voices.get(speaking.from);
    if (!member) {
      this.#append(speaking, { text });
      return;
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) speaking.root = undefined;
      if (line !== '') this.#recordOwn(member, speaking, line, more && index === 0);
    }
  }

  /** A line under the address of one of our voices: each is a piece of a say, or forged. */
  #recordOwn(member: Member, speaking: Speaking, line: string, more: boolean): void {
    const verdict = member.hear(line, more);
    if (verdict.kind === 'forged') {
      // The port of a voice that is gone may be somebody else's by now.
      const forged = member.address === speaking.from;
      if (forged) this.counters.forged++;
      this.#append(speaking, { text: line, ...(forged && { forged }) });
      return;
    }
    speaking.root = verdict.continues ?? speaking.root;
    const said = { by: member.name, id: verdict.id, left: verdict.left };
    const first = this.#append(speaking, { text: line, said });
    if (verdict.kind === 'ours') verdict.recordAs(first);
  }

  /** Returns the seq of the entry that the words belong to. */
  #append(speaking: Speaking, words: Pick<Entry, 'text' | 'forged' | 'said'>): number {
    const { from, root } = speaking;
    const entry = { at: Date.now(), from, ...words, ...(root !== undefined && { continues: root }) };
    const seq = this.#transcript.append(entry);
    this.counters.entries++;
    this.people.hear(entry);
    speaking.root = root ?? seq;
    return speaking.root;
  }

  /** What was just added goes to all who are up to date, encoded once; the others read it when they get there. */
  #fanOut(after: number): void {
    if (this.#members.size === 0) return;
    const batch = this.#transcript.batch(after);
    for (const member of this.#members.values()) member.browser?.pump(batch);
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
    if (this.#ear.open && settled && broadcastAt > this.#ear.heardAt + DEAF_AFTER_MS) this.#ear.renew();
  }
}

function asEntry(json: string): Entry {
  return JSON.parse(json) as Entry;
}
