/**
 * Reads a stream in order: what JetStream republishes as it commits, and what was missed by its sequence. No consumer is
 * involved, because a consumer needs up to half a minute to find a new leader after a server's death.
 *
 *     checking -- the log is the same, and ends later --> reading -- nothing is missing --> live
 *         ^                                                                                  |
 *         `--------------- connected again, silence, or a sequence from the past ------------'
 */
import type { LogLoss, LogPosition, LogRecord } from '../engine.ts';
import type { JetStreamManager, NatsConnection, StreamInfo } from './packages.ts';
import { recordOf, type StreamRecords } from './stream-records.ts';
import { findStream, type StreamNames } from './streams.ts';

/** Records requested at once while catching up. More did not make it faster. */
const READ_AHEAD = 128;
/** Live records kept while older ones are missing. Further ones are requested again. */
const MAX_EARLY = 1000;
const NANOSECONDS_PER_MS = 1_000_000;
/** After this much silence the stream is asked for its end, ms. A leader may die between commit and republishing. */
const CHECK_AFTER_MS = 500;
/** Pause after a request that failed, or a record that a replica does not have yet, ms. */
const RETRY_MS = 50;
/** Time in which a stream must be missing before it is created again, ms. */
const RECREATE_AFTER_MS = 3000;
/** Attempts to read a record. Any replica may get the request, also one that is stopped, or behind. */
const READ_ATTEMPTS = 6;

export interface FollowerListener {
  onRecord(record: LogRecord): void;
  onCurrent(last: number): void;
  onLost(loss: LogLoss): void;
}

export interface FollowedStream {
  connection: NatsConnection;
  manager: JetStreamManager;
  names: StreamNames;
  records: StreamRecords;
  /**
   * Time in which the stream must look lost before it is called lost, ms. A new leader may lag for a moment. With 0 the
   * first look counts.
   */
  lostAfterMs: number;
  /** Creates the stream again after it was deleted. */
  recreate(): Promise<void>;
}

export class StreamFollower {
  readonly #source: FollowedStream;
  readonly #listener: FollowerListener;
  #last: LogPosition;
  /** Time of creation of the stream, which tells it from another of the same name. */
  #created: string | undefined;
  /** Sequence up to which the stream is known to reach. */
  #known = 0;
  readonly #early = new Map<number, LogRecord>();
  #state: 'checking' | 'live' | 'closed' = 'live';
  /** Whether a check was requested during another. */
  #checkAgain = false;
  /** Whether the next complete check is reported. */
  #owesCurrent = false;
  #heardAt = performance.now();
  /** Since when the stream has looked lost at each check, and how. */
  #suspicion: { loss: LogLoss; since: number } | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;

  constructor(source: FollowedStream, after: LogPosition | 'beginning', listener: FollowerListener) {
    this.#source = source;
    this.#listener = listener;
    this.#last = after === 'beginning' ? { sequence: 0, id: '' } : after;
    const subscription = source.connection.subscribe(source.names.live, {
      callback: (error, message) => {
        if (error === null) this.#onLive(recordOf(message));
      },
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.#timer = setInterval(() => {
      if (this.#suspicion || performance.now() - this.#heardAt >= CHECK_AFTER_MS) void this.#check();
    }, CHECK_AFTER_MS / 2);
    void this.#check(true);
  }

  get last(): number {
    return this.#last.sequence;
  }

  /** Looks for records that were missed while the connection was away, and tells when there are none. */
  onReconnect(): void {
    void this.#check(true);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #onLive(record: LogRecord): void {
    if (this.#state === 'closed') return;
    this.#heardAt = performance.now();
    this.#known = Math.max(this.#known, record.sequence);
    if (record.sequence <= this.#last.sequence) {
      // A record that a reconnect repeats, or one of a stream that begins anew.
      if (record.sequence === this.#last.sequence && record.id === this.#last.id) return;
      void this.#check();
      return;
    }
    if (this.#state === 'live' && record.sequence === this.#last.sequence + 1) {
      this.#deliver(record);
      return;
    }
    if (this.#early.size < MAX_EARLY) this.#early.set(record.sequence, record);
    // A read that is under way ends at the last known record.
    if (this.#state === 'live') void this.#check();
  }

  #deliver(record: LogRecord): void {
    this.#last = { sequence: record.sequence, id: record.id };
    this.#listener.onRecord(record);
  }

  async #check(tell = false): Promise<void> {
    this.#owesCurrent ||= tell;
    if (this.#state === 'closed') return;
    if (this.#state === 'checking') {
      this.#checkAgain = true;
      return;
    }
    this.#state = 'checking';
    try {
      do {
        this.#checkAgain = false;
        await this.#checkOnce();
      } while (this.#checkAgain && this.#isChecking);
    } finally {
      if (this.#isChecking) this.#state = 'live';
    }
  }

  /** A function, because a state that was awaited may be another. */
  get #isChecking(): boolean {
    return this.#state === 'checking';
  }

  async #checkOnce(): Promise<void> {
    const { manager, names } = this.#source;
    let info: StreamInfo | undefined;
    do {
      if (!this.#isChecking) return;
      try {
        info = await findStream(manager, names.stream);
      } catch {
        // Each new leader lags for a moment, so two of them prove nothing.
        this.#suspicion = undefined;
        await pause(RETRY_MS);
        continue;
      }
      if (info === undefined) {
        await this.#onMissing();
      }
    } while (info === undefined);
    const loss = await this.#lossOf(info);
    if (!this.#isChecking) return;
    if (loss !== undefined) {
      this.#suspect(loss, info);
      return;
    }
    this.#suspicion = undefined;
    this.#created = info.created;
    this.#heardAt = performance.now();
    this.#known = Math.max(this.#known, info.state.last_seq);
    const isComplete = await this.#read();
    if (!isComplete || !this.#isChecking || !this.#owesCurrent) return;
    this.#owesCurrent = false;
    this.#listener.onCurrent(this.#last.sequence);
  }

  /**
   * Tells how the stream differs from the one that was followed, if it does. Its records tell that. Its time of creation
   * alone does not, because servers have told another one of the same stream.
   */
  async #lossOf({ created, state }: StreamInfo): Promise<LogLoss | undefined> {
    const { sequence, id } = this.#last;
    const isOther = this.#created !== undefined && this.#created !== created;
    if (sequence > state.last_seq) return isOther ? 'deleted' : 'went back';
    if (sequence === 0) return undefined;
    if (sequence < state.first_seq) return isOther ? 'deleted' : undefined;
    try {
      const { records } = this.#source;
      const record = (await records.fromLeader(sequence)) ?? (await records.fromAny(sequence));
      const isSame = record === undefined || record.id === id;
      return isSame ? undefined : isOther ? 'deleted' : 'differs';
    } catch {
      return undefined;
    }
  }

  /**
   * Believes a loss only after it was seen for a time, and the leader's followers have answered it in that time. A leader
   * that has lost them goes on to tell its end for 10 to 20 s, without what was committed last before its election.
   */
  #suspect(loss: LogLoss, info: StreamInfo): void {
    const now = performance.now();
    const { lostAfterMs } = this.#source;
    if (this.#suspicion?.loss !== loss) this.#suspicion = { loss, since: now };
    if (now - this.#suspicion.since < lostAfterMs) return;
    if (lostAfterMs > 0 && !hasMajority(info, lostAfterMs)) return;
    this.close();
    this.#listener.onLost(loss);
  }

  /** Creates a stream again that was missing for some time. The next check finds that it is another. */
  async #onMissing(): Promise<void> {
    const now = performance.now();
    if (this.#suspicion?.loss !== 'deleted') this.#suspicion = { loss: 'deleted', since: now };
    await pause(RETRY_MS);
    if (now - this.#suspicion.since < RECREATE_AFTER_MS) return;
    await this.#source.recreate().catch(() => {});
  }

  /** Delivers everything up to the known end, from the early records and by requests. Returns false if one is missing. */
  async #read(): Promise<boolean> {
    const requested: Promise<LogRecord | undefined>[] = [];
    let next = this.#last.sequence + 1;
    while (this.#last.sequence < this.#known) {
      for (; next <= this.#known && requested.length < READ_AHEAD; next++) requested.push(this.#find(next));
      const record = await requested.shift();
      if (!this.#isChecking) return false;
      if (record !== undefined) {
        this.#deliver(record);
        continue;
      }
      if (!(await this.#skipForgotten())) return false;
      requested.length = 0;
      next = this.#last.sequence + 1;
    }
    for (const sequence of this.#early.keys()) {
      if (sequence <= this.#last.sequence) this.#early.delete(sequence);
    }
    return true;
  }

  /** Skips records that the stream has forgotten. A record that a replica does not have yet is requested again. */
  async #skipForgotten(): Promise<boolean> {
    try {
      const info = await findStream(this.#source.manager, this.#source.names.stream);
      const first = info?.state.first_seq ?? 0;
      if (first > this.#last.sequence + 1) {
        this.#last = { sequence: first - 1, id: '' };
        return true;
      }
    } catch {}
    await pause(RETRY_MS);
    // A stream that begins anew may lack the record for ever.
    this.#checkAgain = true;
    return false;
  }

  /**
   * Asks the leader first. A replica lacks records for seconds after its server has slept, and NATS 2.9 calls it current.
   * A server that was killed may even keep a record that was never committed.
   */
  async #find(sequence: number): Promise<LogRecord | undefined> {
    const { records } = this.#source;
    for (let attempt = 1; attempt <= READ_ATTEMPTS && this.#isChecking; attempt++) {
      const record =
        this.#early.get(sequence) ??
        (await records.fromLeader(sequence).catch(() => undefined)) ??
        (await records.fromAny(sequence).catch(() => undefined));
      if (record !== undefined) return record;
      await pause(RETRY_MS);
    }
    return undefined;
  }
}

/** Returns whether a majority, the leader included, has taken part within a time. One server alone has no followers. */
function hasMajority({ cluster }: StreamInfo, withinMs: number): boolean {
  const followers = cluster?.replicas ?? [];
  const answering = followers.filter(({ active }) => active < withinMs * NANOSECONDS_PER_MS);
  return 1 + answering.length > (1 + followers.length) / 2;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
