/**
 * The scribe of several gateways in front of one room: appends lines to the log that they share, and copies the log
 * into the transcript. Browsers see an entry when it is committed.
 *
 *     line -> shared log -> engine -> shared log -> transcript -> sessions -> fan-out -> counters, presence
 */
import { createHash, randomUUID } from 'node:crypto';
import type { RateLimit } from '../../../common/token-bucket.ts';
import type { ClusterEngine, LogPosition } from '../../cluster/engine.ts';
import { charactersOf, type HeardPiece, textAfter } from '../../cluster/heard-text.ts';
import { type BatchRecord, encodeRecord, type SharedRecord } from '../../cluster/records.ts';
import { type GapBefore, type PeerSignal, SharedLog } from '../../cluster/shared-log.ts';
import type { ClusterStatus } from '../../cluster/status.ts';
import type { Counters } from '../../ops/counters.ts';
import type { Entry } from '../../protocol.ts';
import type { Announced } from '../../session/send-queue.ts';
import type { Session } from '../../session/session.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { EntryWriter, type NewEntry } from '../entry-writer.ts';
import type { EntryFanOut } from '../fan-out.ts';
import type { PresenceList } from '../presence.ts';
import type { RecorderCluster } from '../recorder.ts';
import type { HeardLine, Scribe } from '../scribe.ts';
import { type Announcement, RemoteVoices } from './remote-voices.ts';
import { SaidIndex } from './said-index.ts';

export interface SharedScribeParts {
  engine: ClusterEngine;
  /** Id of this gateway in the cluster. */
  gateway: string;
  transcript: Transcript;
  fanOut: EntryFanOut;
  counters: Counters;
  presence: PresenceList;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
  sessions: ReadonlyMap<string, Session>;
}

export interface SharedScribeListener {
  /** An address begins to exceed the rate limit. */
  onFlood(from: string): void;
  /** New messages can be accepted, or no longer. */
  onAcceptingChanged(): void;
}

/** How often the rule of the shared log is checked, ms: a fraction of its times. */
const CHECK_EVERY_MS = 50;

/** How long the engine may keep a request before pages are told, ms. A slow disk must not make them flicker. */
const STALLED_MS = 2_000;

/** The voices of a gateway without a signal for this time are gone, ms. */
const REMOTE_GONE_MS = 5_000;

/** Entries that are searched for says at the start. */
const RESTORED_ENTRIES = 10_000;

/** Addresses whose last message a line may continue. */
const ROOTS_MAX = 1_000;

/** A signal of this gateway, with the addresses of its voices. */
interface GatewaySignal extends PeerSignal {
  voices: string[];
}

export class SharedScribe implements Scribe, RecorderCluster, ClusterStatus {
  readonly voices: RemoteVoices;
  readonly #parts: SharedScribeParts;
  readonly #listener: SharedScribeListener;
  readonly #log: SharedLog<HeardLine>;
  readonly #writer: EntryWriter;
  readonly #said = new SaidIndex();
  /** The first entry of the last message of each address. The longest silent comes first. */
  readonly #roots = new Map<string, number>();
  /** Addresses of the voices of each other gateway. */
  readonly #remote = new Map<string, { addresses: ReadonlySet<string>; at: number }>();
  readonly #end = new AbortController();
  readonly #chores: (() => void)[] = [];
  /** When each request to the engine began that has no answer, ms. */
  readonly #requests = new Set<{ since: number }>();
  #stopFollowing: () => void = () => {};
  #lostAt: number | undefined;
  #isAccepting = true;
  /** Entries of the batch that is being composed. */
  #composed: Entry[] = [];
  #nextSeq = 0;
  /** First entries of the says of that batch. */
  #composedSays = new Map<string, number>();
  #uncounted: Entry[] = [];
  #caughtUp: (() => void)[] = [];

  constructor(parts: SharedScribeParts, lineRate: RateLimit, listener: SharedScribeListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.voices = new RemoteVoices(parts.gateway);
    const { transcript, presence } = parts;
    this.#writer = new EntryWriter(
      lineRate,
      { observer: undefined },
      {
        get now() {
          return transcript.now;
        },
        append: (entry) => this.#compose(entry),
        claimName: (content, now) => presence.claimName(content, now),
        onGathered: () => {},
        onFlood: (from) => listener.onFlood(from),
      },
    );
    this.#log = new SharedLog(parts.gateway, {
      wall: () => Date.now(),
      newId: randomUUID,
      compose: (pieces, first, gap) => this.#composeBatch(pieces, first, gap),
      append: (id, record, expectedLast) => this.#append(id, record, expectedLast),
      onEntries: (record, position) => this.#onEntries(record, position),
      onGenesis: (epoch, head, kept, position) => this.#onGenesis(epoch, head, kept, position),
      onAlive: (position) => this.#keepPosition(position),
    });
    this.#restore();
    this.#follow();
  }

  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  get appends(): boolean {
    return this.#log.appender === this.#parts.gateway;
  }

  get isAligned(): boolean {
    return this.#log.alignment.isAligned;
  }

  get isCurrent(): boolean {
    return this.#log.isCurrent;
  }

  get unlogged(): number {
    return this.#log.unlogged;
  }

  get unacknowledgedMs(): number {
    const [oldest] = this.#requests;
    return oldest ? performance.now() - oldest.since : 0;
  }

  get peers(): number {
    return this.#remote.size;
  }

  /** Resolves when everything is read that the log had a moment ago. */
  async caughtUp(): Promise<void> {
    if (!this.#log.isCurrent || this.#log.epoch === undefined)
      await new Promise<void>((resolve) => this.#caughtUp.push(resolve));
  }

  write(line: HeardLine): void {
    this.#log.hear(line, line.heard, performance.now());
  }

  publish(): void {
    this.#log.advance(performance.now());
  }

  /** Gathered lines never wait longer than their batch. */
  flush(): void {}

  beginGap(): void {
    this.#log.onEarLost();
  }

  endGap(): void {
    if (!this.#log.alignment.isOpen) this.#log.onEarOpen(performance.now());
  }

  isVoice(address: string): boolean {
    for (const { addresses } of this.#remote.values()) if (addresses.has(address)) return true;
    return false;
  }

  afterAnnouncements(callback: () => void): void {
    void this.#request((signal) => this.#parts.engine.announcementsReceived(signal)).then(callback, () => {});
  }

  /** Announces chunks of a session. It is done when the engine has the announcement. */
  announce(
    session: Session,
    id: string,
    chunks: string[],
    attempt: number,
    onDone: (outcome: Announced) => void,
  ): void {
    const { engine, gateway } = this.#parts;
    const { publicId: by, isHost, lastAddress: address = '' } = session;
    const announcement: Announcement = { gateway, by, id, isHost, address, chunks };
    // A browser chooses the id, so that it may hold any character.
    const key = createHash('sha256').update(`${by} ${attempt} ${id}`).digest('base64url');
    const body = Buffer.from(JSON.stringify(announcement));
    void this.#request((signal) => engine.announce(key, body, signal)).then(
      (outcome) => {
        onDone(outcome);
        const logged = outcome === 'known' ? this.#said.find(by, id) : undefined;
        if (logged) session.onLogged({ by, id, left: logged.left }, logged.root);
      },
      () => {},
    );
  }

  /** Stops following and appending. */
  close(): void {
    this.#end.abort();
    this.#stopFollowing();
    for (const stop of this.#chores) stop();
  }

  #restore(): void {
    const { transcript, engine } = this.#parts;
    const { shared } = transcript;
    if (shared && shared.sequence > 0) {
      const { sequence, id, epoch, head } = shared;
      this.#log.restore({ sequence, id }, epoch, head, transcript.heardUntil);
      for (const json of transcript.find({ limit: RESTORED_ENTRIES })) this.#index(JSON.parse(json) as Entry);
    }
    const timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#chores.push(
      () => clearInterval(timer),
      engine.onState((state) => state === 'lost' && this.#log.onDisconnected()),
      engine.subscribe('alive', (body) =>
        this.#onSignal(JSON.parse(Buffer.from(body).toString()) as GatewaySignal),
      ),
      engine.followAnnouncements((body) =>
        this.#onAnnouncement(JSON.parse(Buffer.from(body).toString()) as Announcement),
      ),
    );
  }

  #follow(): void {
    const { position } = this.#log;
    this.#stopFollowing = this.#parts.engine.follow(position.sequence > 0 ? position : 'beginning', {
      onRecord: (record) => {
        this.#log.onRecord(record, performance.now());
        this.#deliver();
      },
      onCurrent: (last) => {
        this.#log.onCurrent(last, performance.now());
        this.#deliver();
      },
      onLost: () => {
        this.#stopFollowing();
        this.#log.onLost();
        this.#follow();
      },
    });
  }

  #check(): void {
    const signal = this.#log.check(performance.now());
    if (signal) {
      const voices = [...this.#parts.voices.keys()];
      const message: GatewaySignal = { ...signal, voices };
      this.#parts.engine.publish('alive', Buffer.from(JSON.stringify(message)));
    }
    const now = performance.now();
    for (const [by, { at }] of this.#remote) if (now - at > REMOTE_GONE_MS) this.#remote.delete(by);
    this.#checkAccepting();
  }

  #checkAccepting(): void {
    const now = performance.now();
    if (this.#log.isCurrent) this.#lostAt = undefined;
    else this.#lostAt ??= now;
    const isLost = this.#lostAt !== undefined && now - this.#lostAt > STALLED_MS;
    const isAccepting = !isLost && this.unacknowledgedMs <= STALLED_MS;
    if (isAccepting === this.#isAccepting) return;
    this.#isAccepting = isAccepting;
    this.#listener.onAcceptingChanged();
  }

  async #request<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const request = { since: performance.now() };
    this.#requests.add(request);
    try {
      return await run(this.#end.signal);
    } finally {
      this.#requests.delete(request);
    }
  }

  #onAnnouncement(announcement: Announcement): void {
    const logged = this.#said.find(announcement.by, announcement.id);
    this.voices.onAnnouncement(announcement, logged?.left);
  }

  #onSignal(signal: GatewaySignal): void {
    if (signal.by === this.#parts.gateway) return;
    this.#remote.set(signal.by, { addresses: new Set(signal.voices), at: performance.now() });
    this.#log.onSignal(signal, performance.now());
  }

  #append(id: string, record: SharedRecord, expectedLast: number): void {
    const { engine } = this.#parts;
    const encoded = { id, ...encodeRecord(record) };
    void this.#request((signal) => engine.append(encoded, expectedLast, signal)).then(
      (result) => {
        if (result.outcome === 'refused') this.#log.onRefused(id);
        else this.#log.onAppended(id, result.sequence, performance.now());
        this.#deliver();
      },
      () => {},
    );
  }

  #composeBatch(
    pieces: readonly HeardPiece<HeardLine>[],
    first: number,
    gap: GapBefore | undefined,
  ): string[] {
    this.#composed = [];
    this.#composedSays.clear();
    this.#nextSeq = first;
    const { now } = this.#parts.transcript;
    if (gap && gap.since > 0)
      this.#compose({ at: now, from: '', text: '', gap: { since: Math.min(gap.since, now), until: now } });
    const messages = new Set<HeardLine['message']>();
    for (const piece of pieces) {
      const { message, isContinuation } = piece.line;
      const isBegun = isContinuation || piece.logged > headerLength(piece.line);
      if (!messages.has(message)) message.root = isBegun && !gap ? this.#roots.get(message.from) : undefined;
      messages.add(message);
      this.#writer.write(this.#unloggedLine(piece));
    }
    this.#writer.flush();
    return this.#composed.map((entry) => JSON.stringify(entry));
  }

  /** Returns the part of a line that is not in the log, as a continuation of the rest. */
  #unloggedLine({ line, logged }: HeardPiece<HeardLine>): HeardLine {
    const loggedText = Math.max(0, logged - headerLength(line));
    const text = textAfter(line.text, loggedText);
    const isContinuation = line.isContinuation || loggedText > 0;
    const { said } = line;
    const root =
      said && (this.#composedSays.get(`${said.by} ${said.id}`) ?? this.#said.find(said.by, said.id)?.root);
    return { ...line, text, isContinuation, continues: root };
  }

  #compose(fields: NewEntry): number {
    const entry: Entry = { seq: this.#nextSeq++, ...fields };
    this.#composed.push(entry);
    const { said } = entry;
    if (said) this.#composedSays.set(`${said.by} ${said.id}`, entry.continues ?? entry.seq);
    return entry.seq;
  }

  #onEntries({ entries, first, by }: BatchRecord, position: LogPosition): void {
    const { transcript, presence, gateway } = this.#parts;
    const parsed = entries.map((json) => ({ json, entry: JSON.parse(json) as Entry }));
    const head = first + entries.length - 1;
    const isKnown = head <= transcript.head;
    transcript.appendShared(parsed, { ...position, epoch: transcript.epoch, head });
    for (const { entry } of parsed) {
      this.#index(entry);
      if (!this.#log.isCurrent || isKnown) continue;
      this.#uncounted.push(entry);
      const isFirst = entry.continues === undefined && !entry.forged;
      if (by !== gateway && isFirst) presence.claimName(entry, entry.at);
    }
  }

  /** Notes where the messages of an address and of a say begin, and reports the entry to the session that said it. */
  #index({ seq, at, from, said, gap, continues }: Entry): void {
    if (gap) this.#roots.clear();
    const root = continues ?? seq;
    this.#roots.delete(from);
    this.#roots.set(from, root);
    if (this.#roots.size > ROOTS_MAX) this.#roots.delete(this.#roots.keys().next().value as string);
    if (!said) return;
    const logged = this.#said.add(said.by, said.id, root, said.left, at);
    this.voices.onLogged(from, said.by, said.id, said.left);
    for (const session of this.#sessionsOf(from, said.by)) session.onLogged(said, logged.root);
  }

  /** A message is perhaps said by another gateway that the session has left. */
  #sessionsOf(from: string, by: string): Session[] {
    const session = this.#parts.voices.get(from);
    if (session?.publicId === by) return [session];
    return [...this.#parts.sessions.values()].filter(({ publicId }) => publicId === by);
  }

  #onGenesis(epoch: string, head: number, kept: number, position: LogPosition): void {
    const { transcript, fanOut } = this.#parts;
    const progress = { ...position, epoch, head };
    if (epoch === transcript.shared?.epoch) return;
    transcript.restart(kept, progress);
    fanOut.restart();
    this.#said.clear();
    this.#roots.clear();
  }

  #keepPosition(position: LogPosition): void {
    const { transcript } = this.#parts;
    transcript.appendShared([], { ...position, epoch: transcript.epoch, head: this.#log.head });
  }

  /** Delivers first, and updates counters and presence afterwards. */
  #deliver(): void {
    const { fanOut, counters, presence } = this.#parts;
    fanOut.request();
    for (const entry of this.#uncounted.splice(0)) {
      if (entry.gap) counters.gap();
      else counters.entry();
      if (entry.forged) counters.forged();
      presence.onEntry(entry);
    }
    if (this.#log.isCurrent && this.#log.epoch !== undefined)
      for (const resolve of this.#caughtUp.splice(0)) resolve();
  }
}

/** Number of characters of the header in front of a line. */
function headerLength({ heard, text }: HeardLine): number {
  return charactersOf(heard).length - charactersOf(text).length;
}
