/**
 * The scribe of several gateways in front of one room: appends lines to the log that they share, and copies the log
 * into the transcript. Browsers see an entry when it is committed.
 *
 *     line -> shared log -> batch composer -> engine -> shared log -> log copy -> transcript
 */
import { randomUUID } from 'node:crypto';
import type { RateLimit } from '../../../common/token-bucket.ts';
import type { ClusterEngine, LogListener, LogLoss } from '../../cluster/engine.ts';
import type { PeerSignal } from '../../cluster/peer-signals.ts';
import { encodeRecord, type SharedRecord } from '../../cluster/records.ts';
import { SharedLog } from '../../cluster/shared-log.ts';
import type { ClusterStatus } from '../../cluster/status.ts';
import type { CopyRepair } from '../../ops/access-log.ts';
import type { Session } from '../../session/session.ts';
import type { Manner } from '../../upstream/formats/manner.ts';
import type { WireTap } from '../../upstream/tap/wire-observer.ts';
import type { HeardLine } from '../heard-line.ts';
import type { Scribe } from '../local-scribe.ts';
import { Announcer } from './announcer.ts';
import { BatchComposer } from './batch-composer.ts';
import { EngineHealth } from './engine-health.ts';
import { LogCopy, type LogCopyParts } from './log-copy.ts';
import { LogIndex } from './log-index.ts';
import { PeerGateways } from './peer-gateways.ts';
import { RemoteVoices } from './remote-voices.ts';
import { SeenLines } from './seen-lines.ts';

export interface SharedScribeParts
  extends Omit<LogCopyParts, 'index' | 'remoteVoices' | 'composer' | 'seenLines'> {
  tap: WireTap;
  engine: ClusterEngine;
  /** How the room shows who sent a line. */
  senders: Manner['senders'];
}

export interface SharedScribeListener {
  /** An address begins to exceed the rate limit. */
  onFlood(from: string): void;
  /** New messages can be accepted, or no longer. */
  onAcceptingChanged(): void;
  /** The copy was not that of the log, and is followed again. */
  onRepaired(repair: CopyRepair): void;
  /** The log is another one than before. */
  onLogLost(loss: LogLoss): void;
}

/** How often the rule of the shared log is checked, ms: a fraction of its times. */
const CHECK_EVERY_MS = 50;

/** Pause after a repair that has cut the copy, ms. A log that can't be read in one piece must not cost much. */
const REPAIR_PAUSE_MS = 3_000;

/** A signal of this gateway, with the addresses of its voices. */
interface GatewaySignal extends PeerSignal {
  voices: string[];
}

export class SharedScribe implements Scribe, ClusterStatus {
  readonly voices: RemoteVoices;
  readonly announcer: Announcer;
  readonly #parts: SharedScribeParts;
  readonly #log: SharedLog<HeardLine>;
  readonly #copy: LogCopy;
  readonly #seenLines: SeenLines;
  readonly #health: EngineHealth;
  readonly #peers = new PeerGateways();
  readonly #listener: SharedScribeListener;
  readonly #chores: (() => void)[];
  #stopFollowing: () => void = () => {};
  #advancing: NodeJS.Timeout | undefined;
  /** Ends the repair that is under way. */
  #endRepair: () => void = () => {};
  /** When a repair last cut the copy, ms. */
  #cutAt = Number.NEGATIVE_INFINITY;
  #isRepairing = false;
  #repairs = 0;
  #caughtUp: (() => void)[] = [];

  constructor(parts: SharedScribeParts, lineRate: RateLimit, listener: SharedScribeListener) {
    this.#parts = parts;
    this.#listener = listener;
    const { engine, gateway, senders } = parts;
    const index = new LogIndex();
    const remoteVoices = new RemoteVoices(gateway, senders);
    const composer = new BatchComposer({ ...parts, index }, lineRate, (from) => listener.onFlood(from));
    this.voices = remoteVoices;
    this.#health = new EngineHealth(() => listener.onAcceptingChanged());
    this.#seenLines = new SeenLines(parts.tap);
    const seenLines = this.#seenLines;
    this.#copy = new LogCopy({ ...parts, index, remoteVoices, composer, seenLines });
    this.#log = new SharedLog(gateway, {
      wall: () => Date.now(),
      newId: randomUUID,
      compose: (...batch) => composer.compose(...batch),
      advanceAfter: (ms) => this.#advanceAfter(ms),
      append: (id, record, expectedLast) => this.#append(id, record, expectedLast),
      onEntries: (record, position) => this.#copy.append(record, position, this.#log.isCurrent),
      onGenesis: (...genesis) => this.#copy.restart(...genesis),
      onImport: (record, position) => this.#copy.import(record, position),
      onAlive: (position) => this.#copy.keepPosition(position, this.#log.head),
      onTorn: () => this.#repairSoon(),
      onTruncated: (step) => {
        this.#cutAt = performance.now();
        this.#copy.truncate(step);
      },
    });
    this.#restore();
    this.announcer = new Announcer({ ...parts, health: this.#health, index, remoteVoices });
    const timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
    this.#chores = [
      () => clearInterval(timer),
      () => clearTimeout(this.#advancing),
      () => this.#endRepair(),
      engine.onState((state) => state === 'lost' && this.#log.onDisconnected()),
      engine.subscribe('alive', (body) =>
        this.#onSignal(JSON.parse(Buffer.from(body).toString()) as GatewaySignal),
      ),
      () => this.announcer.close(),
    ];
    this.#follow();
  }

  get isAccepting(): boolean {
    return this.#health.isAccepting;
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

  get isRepairing(): boolean {
    return this.#isRepairing;
  }

  get repairs(): number {
    return this.#repairs;
  }

  get unlogged(): number {
    return this.#log.unlogged;
  }

  get unacknowledgedMs(): number {
    return this.#health.unacknowledgedMs;
  }

  get peers(): number {
    return this.#peers.count;
  }

  /** Resolves when everything is read that the log had a moment ago. */
  async caughtUp(): Promise<void> {
    if (!this.#isCaughtUp) await new Promise<void>((resolve) => this.#caughtUp.push(resolve));
  }

  write(line: HeardLine): void {
    this.#seenLines.onLine(line);
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

  /** Returns true if an address is a voice's of another gateway now. */
  isVoice(address: string): boolean {
    return this.#peers.isVoice(address);
  }

  /** Calls back when everything was received that other gateways have announced before. */
  afterAnnouncements(callback: () => void): void {
    this.announcer.afterAnnouncements(callback);
  }

  /** Stops following and appending. */
  close(): void {
    this.#health.close();
    this.#stopFollowing();
    for (const stop of this.#chores) stop();
  }

  #restore(): void {
    const { transcript } = this.#parts;
    if (!transcript.shared || transcript.shared.sequence === 0) return;
    const { sequence, id, epoch, head, isImporting = false } = transcript.shared;
    this.#log.restore({ sequence, id }, epoch, head, transcript.heardUntil, isImporting);
    this.#copy.restore();
  }

  #follow(): void {
    const { position } = this.#log;
    const listener: LogListener = {
      onRecord: (record) => {
        this.#log.onRecord(record, performance.now());
        this.#deliver();
      },
      onCurrent: (last) => {
        this.#log.onCurrent(last, performance.now());
        this.#deliver();
      },
      onLost: (loss) => {
        // One wrong record does not make another log. The new follower notices other losses meanwhile.
        if (loss === 'differs' && this.#log.onReplaced()) this.#follow();
        else this.#lose(loss);
      },
    };
    this.#stopFollowing();
    this.#stopFollowing = this.#parts.engine.follow(position.sequence > 0 ? position : 'beginning', listener);
  }

  #lose(loss: LogLoss): void {
    this.#endRepair();
    this.#log.onLost();
    this.#follow();
    this.#listener.onLogLost(loss);
  }

  #repairSoon(): void {
    this.#isRepairing = true;
    const end = new AbortController();
    const wait = Math.max(0, this.#cutAt + REPAIR_PAUSE_MS - performance.now());
    const timer = setTimeout(() => this.#repair(end.signal), wait);
    this.#endRepair = () => {
      clearTimeout(timer);
      end.abort();
    };
  }

  #repair(end: AbortSignal): void {
    const log = this.#log;
    this.#health.request(
      (signal) => this.#parts.engine.countKnown(log.trail, AbortSignal.any([signal, end])),
      (known) => {
        if (end.aborted) return;
        const { head } = log;
        if (!log.onCompared(known)) {
          this.#lose('differs');
          return;
        }
        this.#repairs++;
        this.#listener.onRepaired({ dropped: head - log.head, kept: log.head });
        this.#follow();
      },
    );
  }

  #check(): void {
    const signal = this.#log.check(performance.now());
    if (signal) {
      const message: GatewaySignal = { ...signal, voices: this.#ownAddresses };
      this.#parts.engine.publish('alive', Buffer.from(JSON.stringify(message)));
    }
    this.#peers.evict();
    this.#health.check(this.#log.isCurrent);
  }

  /** A terminal may get the address of a voice that the room lost, but not yet that of a voice that left. */
  get #ownAddresses(): string[] {
    const isOwn = ([address, session]: [string, Session]): boolean =>
      session.address === address || session.presence === 'gone';
    return [...this.#parts.voices].filter(isOwn).map(([address]) => address);
  }

  #onSignal(signal: GatewaySignal): void {
    if (signal.by === this.#parts.gateway) return;
    this.#peers.onSignal(signal.by, signal.voices);
    this.#log.onSignal(signal, performance.now());
  }

  #advanceAfter(ms: number): void {
    this.#advancing ??= setTimeout(() => {
      this.#advancing = undefined;
      this.#log.advance(performance.now());
    }, ms);
  }

  #append(id: string, record: SharedRecord, expectedLast: number): void {
    const encoded = { id, body: encodeRecord(record) };
    this.#health.request(
      (signal) => this.#parts.engine.append(encoded, expectedLast, signal),
      (result) => {
        if (result.outcome === 'refused') this.#log.onRefused(id);
        else this.#log.onAppended(id, result.sequence, performance.now());
        this.#deliver();
      },
    );
  }

  #deliver(): void {
    this.#copy.deliver();
    if (!this.#isCaughtUp) return;
    this.#isRepairing = false;
    for (const resolve of this.#caughtUp.splice(0)) resolve();
  }

  get #isCaughtUp(): boolean {
    return this.#log.isCurrent && this.#log.epoch !== undefined;
  }
}
