/**
 * The engine of a cluster on NATS with JetStream: a stream for the log, one for announcements, one for what
 * the hosts have set, and plain subjects for signals.
 */
import { randomUUID } from 'node:crypto';
import type {
  AppendResult,
  ClusterEngine,
  EngineState,
  LogListener,
  LogPosition,
  NewRecord,
  SignalSubject,
} from '../engine.ts';
import { Announcements } from './announcements.ts';
import type { JetStreamManager, NatsConnection, NatsPackages } from './packages.ts';
import { type PublishAnswer, publish } from './publish.ts';
import { Requests } from './requests.ts';
import { pause, StreamFollower } from './stream-follower.ts';
import { StreamRecords } from './stream-records.ts';
import { findStream, isWrongLastSequence, type StreamKind, signalSubject, streamNames } from './streams.ts';

/** Pause between two attempts of one request, ms. While there is no leader, requests fail at once. */
const RETRY_MS = 50;
/** Part of the largest message that is left for headers, bytes. */
const HEADERS_BYTES = 16 * 1024;
/** A mark that the followers have not received for this time was lost with its stream, and another one is written, ms. */
const MARK_LOST_MS = 1_000;
/**
 * Time in which a stream must look lost before it is called lost, ms. A new leader may lag for a moment. Announcements
 * can be read again at any time, and one that is missed makes own words look forged.
 */
const LOST_AFTER_MS: Record<StreamKind, number> = { log: 3_000, hosts: 3_000, says: 0 };
/**
 * Time in which a record must be committed that a leader has taken but not committed, ms: an election among its
 * followers. NATS keeps the id of a record that it has given up, and calls it in flight for ten minutes.
 */
const IN_FLIGHT_MAX_MS = 2_000;
/** Tells an announcement's writer from an earlier one with the same id, when only the answer was lost. */
const ATTEMPT = 'Attempt';

export interface NatsEngineParts {
  packages: NatsPackages;
  connection: NatsConnection;
  manager: JetStreamManager;
  cluster: string;
  recreateStreams(): Promise<void>;
  log: EngineLog;
}

export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
}

export class NatsEngine implements ClusterEngine {
  readonly maxBodyBytes: number;
  readonly #parts: NatsEngineParts;
  readonly #requests: Requests;
  readonly #followers = new Set<StreamFollower>();
  readonly #announcements: Announcements;
  readonly #listeners = new Set<(state: EngineState) => void>();
  readonly #closing = new AbortController();
  #state: EngineState = 'connected';

  constructor(parts: NatsEngineParts) {
    this.#parts = parts;
    const { connection, packages } = parts;
    this.maxBodyBytes = (connection.info?.max_payload ?? 1024 * 1024) - HEADERS_BYTES;
    this.#requests = new Requests(packages, connection);
    this.#announcements = new Announcements((...from) => this.#followStream('says', ...from));
    void this.#watchConnection();
  }

  get state(): EngineState {
    return this.#state;
  }

  onState(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  append(record: NewRecord, expectedLast: number, signal: AbortSignal): Promise<AppendResult> {
    return this.#appendTo('log', record, expectedLast, signal);
  }

  replaceRules(record: NewRecord, expectedLast: number, signal: AbortSignal): Promise<AppendResult> {
    return this.#appendTo('hosts', record, expectedLast, signal);
  }

  followRules(listener: LogListener): () => void {
    return this.#followStream('hosts', 'beginning', listener);
  }

  async #appendTo(
    which: StreamKind,
    record: NewRecord,
    expectedLast: number,
    signal: AbortSignal,
  ): Promise<AppendResult> {
    const { stream, subject } = streamNames(this.#parts.cluster, which);
    const patience = new Patience(IN_FLIGHT_MAX_MS);
    return await this.#untilKnown(signal, async () => {
      const answer = await publish(this.#requests, subject, record.body, {
        'Nats-Msg-Id': record.id,
        'Nats-Expected-Stream': stream,
        // Only the sequence of the whole stream is checked by every replica when it applies a record.
        'Nats-Expected-Last-Sequence': `${expectedLast}`,
      });
      if (isWrongLastSequence(answer.error?.err_code)) return { outcome: 'refused' };
      // Even if it is committed later, no other record is committed in its place.
      if (isInFlight(answer) && patience.isOver()) return { outcome: 'refused' };
      return { outcome: 'committed', sequence: sequenceOf(answer) };
    });
  }

  follow(after: LogPosition | 'beginning', listener: LogListener): () => void {
    return this.#followStream('log', after, listener);
  }

  async lastSequence(signal: AbortSignal): Promise<number> {
    const { stream } = streamNames(this.#parts.cluster, 'log');
    return await this.#untilKnown(signal, async () => {
      const info = await findStream(this.#parts.manager, stream);
      if (info === undefined) throw new Error(`there is no stream ${stream}`);
      return info.state.last_seq;
    });
  }

  async countKnown(positions: readonly LogPosition[], signal: AbortSignal): Promise<number> {
    const { stream } = streamNames(this.#parts.cluster, 'log');
    return await this.#untilKnown(signal, async () => {
      const info = await findStream(this.#parts.manager, stream);
      // A new leader may lag. A log that has lost its end is noticed by its followers.
      const isBehind = !info || positions.some(({ sequence }) => sequence > info.state.last_seq);
      if (isBehind) throw new Error(`${stream} does not have all records`);
      const kept = positions.filter(({ sequence }) => sequence >= info.state.first_seq);
      const records = new StreamRecords(this.#requests, stream);
      const found = await Promise.all(kept.map(({ sequence }) => records.fromLeader(sequence)));
      const wrong = kept.findIndex(({ id }, index) => found[index]?.id !== id);
      return wrong < 0 ? positions.length : positions.length - kept.length + wrong;
    });
  }

  async announce(id: string, body: Uint8Array, signal: AbortSignal): Promise<'new' | 'known'> {
    const { subject } = streamNames(this.#parts.cluster, 'says');
    const attempt = randomUUID();
    const patience = new Patience(IN_FLIGHT_MAX_MS);
    return await this.#untilKnown(signal, async () => {
      const headers = { 'Nats-Msg-Id': id, [ATTEMPT]: attempt };
      const answer = await publish(this.#requests, subject, body, headers);
      // Nobody else may say the message either, so that it is reported.
      if (isInFlight(answer) && patience.isOver()) return 'known';
      const sequence = sequenceOf(answer);
      if (!answer.duplicate) return 'new';
      // The answer to an earlier attempt of this call may have been lost.
      return (await this.#attemptAt(sequence)) === attempt ? 'new' : 'known';
    });
  }

  followAnnouncements(listener: (body: Uint8Array) => void): () => void {
    return this.#announcements.follow(listener);
  }

  async announcementsReceived(signal: AbortSignal): Promise<void> {
    const { subject } = streamNames(this.#parts.cluster, 'says');
    for (let isReceived = false; !isReceived; ) {
      const mark = randomUUID();
      const received = this.#announcements.receives(mark);
      // A message through the stream comes after everything that was acknowledged before, whoever leads the stream. Its
      // sequence proves nothing, because a stream that lost its end gives the same ones again.
      await this.#untilKnown(signal, async () =>
        throwIfFailed(await publish(this.#requests, subject, new Uint8Array(), { 'Nats-Msg-Id': mark })),
      );
      isReceived = await isResolvedWithin(received, MARK_LOST_MS);
      this.#announcements.forget(mark);
      this.#throwIfEnded(signal);
    }
  }

  publish(subject: SignalSubject, body: Uint8Array): void {
    // The client would send what it buffered when the engine is back, and the signal would be old.
    if (this.#state === 'connected') {
      this.#parts.connection.publish(signalSubject(this.#parts.cluster, subject), body);
    }
  }

  subscribe(subject: SignalSubject, listener: (body: Uint8Array) => void): () => void {
    const subscription = this.#parts.connection.subscribe(signalSubject(this.#parts.cluster, subject), {
      callback: (error, { data }) => {
        if (error === null) listener(data);
      },
    });
    return () => subscription.unsubscribe();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the engine is closed'));
    for (const follower of this.#followers) follower.close();
    await this.#parts.connection.close();
  }

  #followStream(which: StreamKind, after: LogPosition | 'beginning', listener: LogListener): () => void {
    const { connection, manager, cluster, recreateStreams: recreate } = this.#parts;
    const names = streamNames(cluster, which);
    const records = new StreamRecords(this.#requests, names.stream);
    const source = { connection, manager, names, records, lostAfterMs: LOST_AFTER_MS[which], recreate };
    const follower = new StreamFollower(source, after, listener);
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
      follower.close();
    };
  }

  /** Repeats an attempt until it has an answer. An attempt must be safe to repeat. */
  async #untilKnown<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#throwIfEnded(signal);
      if (this.#state === 'connected') {
        try {
          return await attempt();
        } catch {}
      }
      await pause(RETRY_MS);
    }
  }

  #throwIfEnded(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  async #attemptAt(sequence: number): Promise<string | undefined> {
    const { manager, cluster } = this.#parts;
    const message = await manager.direct.getMessage(streamNames(cluster, 'says').stream, { seq: sequence });
    // A replica may not have it yet.
    if (message === null) throw new Error(`no announcement ${sequence}`);
    return message.header.get(ATTEMPT);
  }

  async #watchConnection(): Promise<void> {
    const { connection, log } = this.#parts;
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        log.warn(`lost the connection to NATS at ${status.server}`);
        this.#setState('lost');
      } else if (status.type === 'reconnect') {
        log.info(`connected to NATS at ${status.server}`);
        this.#setState('connected');
        for (const follower of this.#followers) follower.onReconnect();
      }
    }
  }

  #setState(state: EngineState): void {
    if (this.#state === state || this.#closing.signal.aborted) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/** A leader has the record, and has not committed it yet, or has given it up. */
function isInFlight({ duplicate = false, seq }: PublishAnswer): boolean {
  return duplicate && seq === 0;
}

/** Returns the sequence of a record that a stream has. */
function sequenceOf(answer: PublishAnswer): number {
  throwIfFailed(answer);
  if (isInFlight(answer)) throw new Error('the record is in flight');
  return answer.seq;
}

function throwIfFailed({ error }: PublishAnswer): void {
  if (error) throw new Error(error.description);
}

/** A time that begins with the first question whether it is over. */
class Patience {
  readonly #ms: number;
  #since: number | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  isOver(): boolean {
    const now = performance.now();
    this.#since ??= now;
    return now - this.#since >= this.#ms;
  }
}

async function isResolvedWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return await Promise.race([promise.then(() => true), timeout]).finally(() => clearTimeout(timer));
}
