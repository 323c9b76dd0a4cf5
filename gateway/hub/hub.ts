/**
 * All sessions of the room: admits them, knows their voices' addresses, and connects the parts that serve them.
 *
 *     ear ---> ear supervisor ---> recorder ---> scribe ---> transcript ---> fan-out ---> subscribers
 */
import { isLoopback } from '../../common/ip.ts';
import type { RateLimit } from '../../common/token-bucket.ts';
import type { ClusterEngine } from '../cluster/engine.ts';
import type { ClusterStatus } from '../cluster/status.ts';
import { CatchUpScheduler } from '../downstream/catch-up-scheduler.ts';
import type { Encoder } from '../downstream/encoders.ts';
import { type ClientConnection, Subscriber } from '../downstream/subscriber.ts';
import { TimeSlices } from '../lib/time-slices.ts';
import { TokenBucketPerAddress } from '../limits/token-bucket-per-address.ts';
import type { AccessLog, CopyRepair } from '../ops/access-log.ts';
import { Counters } from '../ops/counters.ts';
import { CLOSE, type ClientMessage, type Entry, type SeenConnection } from '../protocol.ts';
import { type SendQueueLimits, SendQueues } from '../session/send-queues.ts';
import { Session, type SessionOptions } from '../session/session.ts';
import type { ReadPosition } from '../session/session-client.ts';
import type { SessionHub } from '../session/session-hub.ts';
import type { SessionIdentity } from '../session/session-identity.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { Dialer, type DialerOptions } from '../upstream/dialer.ts';
import { loginNameOf } from '../upstream/formats/login-name.ts';
import { Watchers } from '../upstream/tap/watchers.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import { SharedPresence } from './cluster/shared-presence.ts';
import { SharedRules } from './cluster/shared-rules.ts';
import { SharedScribe } from './cluster/shared-scribe.ts';
import { EarSupervisor } from './ear-supervisor.ts';
import { EntryFanOut } from './fan-out.ts';
import { Moderation, type ModerationOptions } from './hosts/moderation.ts';
import { LocalScribe } from './local-scribe.ts';
import { PresenceList, type PresentSession, REMEMBERED_ENTRIES } from './presence.ts';
import { Recorder } from './recorder.ts';

export interface HubOptions {
  dialer: DialerOptions;
  session: SessionOptions;
  moderation: ModerationOptions;
  /** Sessions at the same time, including detached ones. */
  maxSessions: number;
  /** The ear's name in a room with logins. */
  earName: string;
  /** Entries that a new session reads of the past. */
  historyEntries: number;
  /** Rate limit of catching up from disk, bytes per address. */
  catchUpRate: RateLimit;
  /** How fast the lines of an address become entries of their own. */
  lineRate: RateLimit;
  /** Limits of what waits to be sent into the room. Beyond them the gateway stops reading clients. */
  queues: SendQueueLimits;
  /** How long a WebSocket may show no sign of life, ms. */
  stallTimeoutMs: number;
  /** Set where several gateways serve the room. */
  cluster: { engine: ClusterEngine; gateway: string; resumeMs: number } | undefined;
  /** After this much silence readiness needs a probe of the room, ms. 0 disables all probes. */
  quietMs: number;
}

/** Pings within a stall time-out, because one or two may be late. */
const CHECKS_PER_STALL = 3;

/** How long text under the address of a lost voice may still be an echo, ms. */
const ECHO_AFTER_MS = 5_000;

/**
 * How long the address of a session that left stays reserved, ms. The system keeps it in TIME_WAIT for longer, because
 * the gateway closes first.
 */
const ECHO_AFTER_LEAVE_MS = 30_000;

/** How far a gateway of a cluster may be behind another one, entries. */
const BEHIND_MAX_ENTRIES = 10_000;

/** How often a flood is reported to clients, ms. A page moves its one note of the flood to the newest message. */
const FLOOD_NOTE_EVERY_MS = 5_000;

export class Hub implements SessionHub<Session> {
  readonly dialer: Dialer;
  readonly accessLog: AccessLog;
  readonly counters = new Counters();
  readonly queues: SendQueues;
  readonly presence: PresenceList;
  readonly ear: EarSupervisor;
  readonly moderation: Moderation;
  /** Observes the bytes of the room while somebody watches. */
  readonly tap: WireTap = { observer: undefined };
  readonly watchers: Watchers;
  /** Shares the event loop among downloads, searches and reads from disk. */
  readonly slices = new TimeSlices();
  readonly #options: HubOptions;
  readonly #transcript: Transcript;
  readonly #recorder: Recorder;
  /** Set where several gateways serve the room. */
  readonly #shared: SharedScribe | undefined;
  readonly #sharedPresence: SharedPresence | undefined;
  readonly #sharedRules: SharedRules | undefined;
  readonly #fanOut: EntryFanOut;
  readonly #catchUp = new CatchUpScheduler(this.slices);
  /** How much each address may still read from disk. */
  readonly #diskBuckets: TokenBucketPerAddress;
  readonly #sessions = new Map<string, Session>();
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  readonly #voices = new Map<string, Session>();
  /** Sessions by the names with which they log in, or did until a moment ago. */
  readonly #speakers = new Map<string, Session>();
  readonly #checks: NodeJS.Timeout;
  /** When clients were last notified of a flood, ms since 1970. */
  #floodNotedAt = 0;

  constructor(transcript: Transcript, accessLog: AccessLog, options: HubOptions) {
    this.#transcript = transcript;
    this.#options = options;
    this.accessLog = accessLog;
    this.queues = new SendQueues(options.queues);
    this.dialer = new Dialer(options.dialer);
    this.presence = new PresenceList(
      this.#sessions,
      options.session.manner.senders === 'name',
      () => this.#remotePeople,
    );
    this.presence.restore(transcript.find({ limit: REMEMBERED_ENTRIES }).map(parseEntry));
    this.#diskBuckets = new TokenBucketPerAddress(options.catchUpRate);
    this.#fanOut = new EntryFanOut(transcript, this.#sessions, this.slices);
    const { dialer, counters, presence } = this;
    this.moderation = new Moderation(
      {
        transcript,
        accessLog,
        sessions: this.#sessions,
        people: () => [...this.#sessions.values(), ...(this.#sharedPresence?.sessions ?? [])],
        sharing: () => this.#sharedRules,
        onChange: () => presence.onChange(),
        onHidden: (root, address) => {
          this.watchers.onHidden(root);
          if (address !== undefined) presence.onHidden(address);
        },
      },
      options.moderation,
    );
    const fanOut = this.#fanOut;
    const voices = this.#voices;
    const { tap } = this;
    const { manner } = options.session;
    this.watchers = new Watchers({
      tap,
      manner,
      log: transcript,
      connections: (max) => this.#reportConnections(max),
    });
    const parts = { transcript, fanOut, counters, presence, voices, tap };
    const onFlood = (from: string) => this.#onFlood(from);
    const { cluster } = options;
    this.#shared =
      cluster &&
      new SharedScribe(
        { ...parts, ...cluster, sessions: this.#sessions, senders: manner.senders },
        options.lineRate,
        {
          onFlood,
          onAcceptingChanged: () => this.ear.onAcceptingChanged(),
          onRepaired: (repair) => this.#onRepaired(repair),
          onLogLost: (loss) => this.accessLog.logLost(loss),
        },
      );
    this.#sharedPresence =
      cluster &&
      new SharedPresence({ ...cluster, sessions: this.#sessions, onChange: () => presence.onChange() });
    const { moderation } = this;
    this.#sharedRules =
      cluster &&
      new SharedRules({
        ...cluster,
        transcript,
        rules: () => moderation.rules,
        adopt: (rules) => moderation.adopt(rules),
      });
    const scribe = this.#shared ?? new LocalScribe(parts, options.lineRate, onFlood);
    this.#recorder = new Recorder({
      manner,
      scribe,
      tap,
      voices,
      speakers: this.#speakers,
      cluster: this.#shared,
    });
    this.ear = new EarSupervisor(
      { dialer, accessLog, fanOut, scribe, tap, voices, recorder: this.#recorder, sessions: this.#sessions },
      {
        ...options.session,
        quietMs: options.quietMs,
        earName: options.earName,
        hasQuietVoices: options.dialer.proxyProtocol === 'v2',
      },
    );
    this.#checks = setInterval(() => this.#check(), options.stallTimeoutMs / CHECKS_PER_STALL);
  }

  /** The state of this gateway in its cluster. */
  get cluster(): ClusterStatus | undefined {
    return this.#shared;
  }

  /** Resolves when the transcript and the hosts' rules are what the cluster had a moment ago. */
  async caughtUp(): Promise<void> {
    if (!this.#shared) return;
    await this.#shared.caughtUp();
    // The cluster may have forgotten which of the entries were hidden that the other gateways have evicted.
    this.#transcript.prune();
    await this.#sharedRules?.caughtUp();
  }

  get announce(): SessionHub<Session>['announce'] {
    const shared = this.#shared;
    if (!shared) return undefined;
    return (session, ...announcement) => {
      this.#sharedPresence?.flush();
      shared.announcer.announce(session, ...announcement);
    };
  }

  get log(): Transcript {
    return this.#transcript;
  }

  /** Number of sessions. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Number of voices in the room. */
  get voices(): number {
    return [...this.#sessions.values()].filter(({ address }) => address !== null).length;
  }

  /** How many entries each subscriber is behind, without those that are up to date. */
  get lags(): number[] {
    return [...this.#sessions.values()]
      .map(({ subscriber }) => subscriber?.behind ?? 0)
      .filter((behind) => behind > 0);
  }

  get queuedMessages(): number {
    return [...this.#sessions.values()].reduce((sum, { sendQueue }) => sum + sendQueue.waiting, 0);
  }

  subscribe(connection: ClientConnection, encoder: Encoder): Subscriber {
    const { ip } = connection.peer;
    const diskBucket = isLoopback(ip) ? undefined : this.#diskBuckets.of(ip);
    return new Subscriber(connection, this.#transcript, this.#catchUp, encoder, diskBucket);
  }

  /** Resumes the session that `hello` names, or creates one. Returns undefined if the room is full. */
  join(subscriber: Subscriber, hello: ClientMessage & { type: 'hello' }): Session | undefined {
    const position = this.#readPositionOf(hello);
    const known = hello.session === undefined ? undefined : this.#sessions.get(hello.session);
    return known?.resume(subscriber, position)
      ? known
      : this.#admit(subscriber, position, this.#identityOf(hello));
  }

  /** Creates a session that reads from now on, as a terminal does. Returns undefined if the room is full. */
  joinNow(subscriber: Subscriber): Session | undefined {
    return this.#admit(subscriber, { seq: this.#transcript.head, known: false, returning: false }, {});
  }

  /** Notifies all clients whether the disk keeps new entries. */
  onDiskChanged(): void {
    const state = this.#transcript.keeps ? 'working' : 'failing';
    for (const { subscriber } of this.#sessions.values()) subscriber?.send({ type: 'disk', state });
  }

  /** Closes all WebSockets, so that clients reconnect to the log under its new epoch. It has entries up to `kept`. */
  onNewEpoch(kept: number): void {
    this.#sharedRules?.onNewEpoch(kept, this.#shared?.isCurrent === true);
    for (const { subscriber } of this.#sessions.values())
      subscriber?.close(CLOSE.restart, 'the log begins again');
    this.watchers.close(CLOSE.restart, 'the log begins again');
  }

  /** All sessions leave gracefully. Resolves when the room has closed all connections. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    this.ear.stop();
    this.#fanOut.flush();
    await Promise.all([...this.#sessions.values()].map((session) => session.shutDown()));
    this.watchers.close(CLOSE.restart, 'the gateway restarts');
    this.presence.close();
    this.moderation.close();
    await this.ear.leave();
    this.#recorder.flush();
    this.#shared?.close();
    this.#sharedPresence?.close();
    this.#sharedRules?.close();
  }

  mayUse(session: Session, address: string): boolean {
    return (this.#voices.get(address) ?? session) === session;
  }

  onVoiceOpen(session: Session, address: string): void {
    this.#voices.set(address, session);
    this.#onPeopleChange();
  }

  claimName(session: Session, wanted: string, attempt: number): string {
    for (let n = attempt; ; n++) {
      const name = loginNameOf(wanted, n);
      const owner = this.#speakers.get(name);
      const isFree = owner === undefined || owner === session || owner.presence === 'gone';
      if (!isFree || name === this.#options.earName) continue;
      this.#speakers.set(name, session);
      return name;
    }
  }

  onVoiceLost(session: Session, address: string): void {
    this.presence.onChange();
    if (session.presence === 'gone') this.#freeNames(session);
    const echoMs = session.presence === 'gone' ? ECHO_AFTER_LEAVE_MS : ECHO_AFTER_MS;
    setTimeout(() => {
      if (this.#voices.get(address) === session && session.address !== address) this.#voices.delete(address);
      this.#freeNames(session);
    }, echoMs).unref();
  }

  onSessionChanged(session: Session): void {
    this.presence.onSession(session);
    this.#sharedPresence?.onChange();
  }

  onSessionGone(session: Session): void {
    this.#freeNames(session);
    this.#sessions.delete(session.id);
  }

  #onPeopleChange(): void {
    this.presence.onChange();
    this.#sharedPresence?.onChange();
  }

  get #remotePeople(): PresentSession[] {
    return [...(this.#sharedPresence?.sessions ?? [])].map((session) => ({
      ...session,
      address: session.address ?? null,
      isSilenced: this.moderation.silencedSeconds(session.publicId) > 0,
      subscriber: undefined,
    }));
  }

  #freeNames(session: Session): void {
    for (const [name, owner] of this.#speakers) {
      const isUsed = session.presence !== 'gone' && session.loginName === name;
      if (owner === session && !isUsed) this.#speakers.delete(name);
    }
  }

  /** A session of another gateway continues here, because its browser has come here. */
  #identityOf({ session: id, person }: ClientMessage & { type: 'hello' }): SessionIdentity {
    const shared = id === undefined || this.#sessions.has(id) ? undefined : this.#sharedPresence?.find(id);
    return shared ? { id, publicId: shared.publicId, nickname: shared.nickname } : { person };
  }

  #admit(subscriber: Subscriber, position: ReadPosition, identity: SessionIdentity): Session | undefined {
    if (this.#sessions.size >= this.#options.maxSessions) {
      this.counters.refused('full');
      subscriber.close(CLOSE.full, 'the room is full');
      return undefined;
    }
    const session = new Session(this, this.#options.session, subscriber, position, identity);
    this.#sessions.set(session.id, session);
    this.#onPeopleChange();
    return session;
  }

  #readPositionOf({ epoch, after, revision }: ClientMessage & { type: 'hello' }): ReadPosition {
    const log = this.#transcript;
    const returning = after !== undefined;
    // The copy of a shared log may be behind the one that the browser has read.
    const newest = log.head + (this.#shared ? BEHIND_MAX_ENTRIES : 0);
    if (epoch === log.epoch && returning && after <= newest) {
      return { seq: after, known: true, returning, ...(revision !== undefined && { revision }) };
    }
    return { seq: log.beforeNewest(this.#options.historyEntries), known: false, returning };
  }

  /** Closes the WebSockets that may have received entries that the log does not have. */
  #onRepaired(repair: CopyRepair): void {
    this.accessLog.repaired(repair);
    if (repair.dropped === 0) return;
    const reason = 'the log has other entries';
    for (const { subscriber } of this.#sessions.values())
      if (subscriber?.mayHaveRead(repair.kept + 1)) subscriber.close(CLOSE.corrected, reason);
    this.watchers.close(CLOSE.restart, reason);
  }

  /** Reports the flooding address now and then. An attacker can forge any address. */
  #onFlood(from: string): void {
    const now = Date.now();
    if (Math.abs(now - this.#floodNotedAt) < FLOOD_NOTE_EVERY_MS) return;
    this.#floodNotedAt = now;
    this.accessLog.flooding(from);
    for (const { subscriber } of this.#sessions.values()) subscriber?.sendIfWritable({ type: 'flood', from });
  }

  #check(): void {
    const now = Date.now();
    for (const { subscriber } of this.#sessions.values())
      subscriber?.pingOrClose(now, this.#options.stallTimeoutMs);
    this.watchers.pingOrClose(now, this.#options.stallTimeoutMs);
    this.ear.check();
  }

  #reportConnections(max: number): SeenConnection[] {
    const reports: SeenConnection[] = [{ kind: 'ear', ...this.ear.report }];
    for (const { voiceReport } of this.#sessions.values()) {
      if (reports.length >= max) break;
      reports.push({ kind: 'voice', ...voiceReport });
    }
    return reports;
  }
}

function parseEntry(json: string): Entry {
  return JSON.parse(json) as Entry;
}
