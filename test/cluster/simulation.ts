/**
 * Gateways that share a log, in simulated time: they crash, stop, lose their ears, and get late or repeated answers.
 * Everything follows from a seed.
 *
 * The lines of the simulation are places in the text of the room. So the log shows exactly which text it has, also if the
 * room repeats itself.
 */
import assert from 'node:assert/strict';
import type { LogPosition, LogRecord } from '../../gateway/cluster/engine.ts';
import type { PeerSignal } from '../../gateway/cluster/peer-signals.ts';
import {
  type BatchRecord,
  decodeRecord,
  encodeRecord,
  type SharedRecord,
} from '../../gateway/cluster/records.ts';
import { SharedLog } from '../../gateway/cluster/shared-log.ts';

/** Part of the deliveries in schedules with a faulty engine that bring a record which the log does not have. */
const WRONG_RECORDS = 0.02;

/** Part of the appends in schedules with a late engine that are refused, and may be committed later. */
const LATE_RECORDS = 0.02;

/** Text of the room from one place to another. */
interface Stretch {
  from: number;
  to: number;
}

interface Event {
  at: number;
  run: () => void;
}

/** An entry of the log. */
type Logged = Stretch | 'gap';

const CHECK_EVERY_MS = 50;
/** An engine that gave a wrong record notices it after this time, unless another record follows. */
const NOTICES_WRONG_MS = 3_000;
const FAULTS_END_MS = 20_000;
/** Long enough to align, also by silence, and for a takeover by the last rank. */
const SETTLE_MS = 20_000;

/** The others know within this time that a gateway is aligned. */
const NOTICED_MS = 1_500;

/** Returns numbers from 0 to 1 that follow from the seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Simulation {
  readonly random: () => number;
  now = 0;
  /** Text that the room has sent. */
  text = '';
  readonly log: LogRecord[] = [];
  readonly gateways: SimulatedGateway[];
  #outageUntil = 0;
  #ids = 0;
  #spoken = 0;
  #events: Event[] = [];
  readonly #isRepetitive: boolean;
  /** The engine gives a gateway a record that the log does not have now and then. Another gateway notices it. */
  readonly isFaulty: boolean;
  /** The engine refuses a record now and then that it commits later, if no other one is committed in its place. */
  readonly #isLate: boolean;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    this.#isRepetitive = this.random() < 0.3;
    const count = 1 + this.below(4);
    this.isFaulty = seed % 4 === 3 && count > 1;
    this.#isLate = seed % 4 === 1;
    this.gateways = Array.from({ length: count }, (_, index) => new SimulatedGateway(this, `g${index}`));
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  newId(): string {
    return `id${++this.#ids}`;
  }

  after(ms: number, run: () => void): void {
    const at = this.now + ms;
    // The soonest event is the last, so that it is cheap to take. At one time, the older goes first.
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1] as Event).at <= at) index--;
    this.#events.splice(index, 0, { at, run });
  }

  /** Runs the schedule, and throws if the log is not what the room has said. */
  run(): void {
    for (const gateway of this.gateways) this.after(this.below(3_000), () => gateway.start());
    this.after(0, () => this.#talk());
    this.after(0, () => this.#breakSomething());
    this.#runUntil(FAULTS_END_MS);
    for (const gateway of this.gateways) gateway.repair();
    this.#runUntil(FAULTS_END_MS + SETTLE_MS);
    this.#verify();
  }

  /** Appends as an engine does. An id is appended once. */
  append(
    id: string,
    record: SharedRecord,
    expectedLast: number,
    done: (sequence: number | undefined) => void,
  ): void {
    if (record.kind === 'batch' && record.isAfterGap) {
      const right = this.gateways.filter(({ isWrong }) => !isWrong);
      const aligned = right.find(({ alignedSince }) => this.now - alignedSince > NOTICED_MS);
      const isRight = right.some(({ id }) => id === record.by);
      assert.ok(!aligned || !isRight, `${record.by} begins after a gap, though ${aligned?.id} is aligned`);
    }
    const attempt = (): void => {
      if (this.now < this.#outageUntil) {
        this.after(this.#outageUntil - this.now + this.below(100), attempt);
        return;
      }
      const known = this.log.find((logged) => logged.id === id);
      const isNext = expectedLast === this.log.length;
      if (!known && isNext && this.#isLate && this.random() < LATE_RECORDS) {
        this.after(1 + this.below(20), () => done(undefined));
        this.after(this.below(3_000), () => expectedLast === this.log.length && this.#commit(id, record));
        return;
      }
      if (!known && isNext) this.#commit(id, record);
      const sequence = known?.sequence ?? (isNext ? this.log.length : undefined);
      // A lost answer makes the engine's client ask again, and the engine knows the id.
      if (this.random() < 0.1) this.after(this.below(1_500), attempt);
      else this.after(1 + this.below(20), () => done(sequence));
    };
    this.after(1 + this.below(10), attempt);
  }

  #commit(id: string, record: SharedRecord): void {
    const logged = { sequence: this.log.length + 1, id, body: encodeRecord(record) };
    this.log.push(logged);
    for (const gateway of this.gateways) gateway.deliver(logged);
  }

  signal(from: SimulatedGateway, signal: PeerSignal): void {
    for (const gateway of this.gateways) {
      if (gateway !== from)
        this.after(1 + this.below(20), () => gateway.post((log) => log.onSignal(signal, this.now)));
    }
  }

  #talk(): void {
    const from = `${10 + this.below(3)}.0.0.7:4000dice:`;
    const words = this.#isRepetitive ? '10.0.0.7:4000dice:si' : `${from}w${this.#spoken++}`;
    this.text += words;
    for (const gateway of this.gateways) gateway.onText();
    const pauseMs = this.random() < 0.03 ? 4_000 : this.random() < 0.7 ? 20 : 300;
    if (this.now < FAULTS_END_MS + SETTLE_MS / 2) this.after(this.below(2 * pauseMs), () => this.#talk());
  }

  #breakSomething(): void {
    const gateway = this.gateways[this.below(this.gateways.length)] as SimulatedGateway;
    const choice = this.below(5);
    if (choice === 0) gateway.crash(this.below(6_000));
    else if (choice === 1) gateway.pause(this.below(8_000));
    else if (choice === 2) gateway.cutEar(this.below(2_000));
    else if (choice === 3) gateway.delayEar(this.below(600));
    else this.#outageUntil = this.now + this.below(6_000);
    if (this.now < FAULTS_END_MS - 6_000) this.after(this.below(5_000), () => this.#breakSomething());
  }

  #runUntil(end: number): void {
    for (;;) {
      const next = this.#events.at(-1);
      if (!next || next.at > end) break;
      this.#events.pop();
      this.now = next.at;
      next.run();
      for (const gateway of this.gateways) gateway.noteAlignment();
    }
    this.now = end;
  }

  #verify(): void {
    const entries = validRecords(this.log).flatMap(({ entries: jsons }) => jsons);
    let end = 0;
    let isAfterGap = false;
    for (const json of entries) {
      const logged = JSON.parse(json) as Logged;
      if (logged === 'gap') {
        isAfterGap = true;
        continue;
      }
      const { from, to } = logged;
      if (isAfterGap)
        assert.ok(from >= end, `text ${from} to ${to} after a gap is logged twice, the log has ${end}`);
      else assert.equal(from, end, `text ${from} to ${to} follows ${end}`);
      assert.ok(to > from);
      end = to;
      isAfterGap = false;
    }
    assert.equal(end, this.text.length, 'text is missing at the end');
    // Text is much quicker to compare than objects are.
    const all = entries.join();
    for (const gateway of this.gateways)
      if (gateway.applied.join() !== all) assert.deepEqual(gateway.applied, entries, gateway.id);
  }
}

/** Returns the batches without those of gateways that had read another record before. */
function validRecords(log: LogRecord[]): BatchRecord[] {
  let previous: string | undefined;
  const batches: BatchRecord[] = [];
  for (const record of log) {
    const decoded = decodeRecord(record);
    if (decoded?.previous !== previous) continue;
    previous = record.id;
    if (decoded?.kind === 'batch') batches.push(decoded);
  }
  return batches;
}

/** Returns a record in place of another, as one that was never committed: with more entries, or as many others. */
function wrongRecord(world: Simulation, logged: LogRecord): LogRecord {
  const record = decodeRecord(logged);
  const id = world.newId();
  if (record?.kind !== 'batch') return { ...logged, id };
  const wrong = record.entries.map(() => '"wrong"');
  const entries = world.random() < 0.5 ? [...wrong, ...wrong] : wrong;
  return { ...logged, id, body: encodeRecord({ ...record, entries }) };
}

/** One gateway. Its disk survives a crash. */
class SimulatedGateway {
  readonly id: string;
  readonly #world: Simulation;
  log: SharedLog<Stretch> | undefined;
  /** Distinguishes the processes of this gateway, so that events of a dead one are dropped. */
  #process = 0;
  #pausedUntil = 0;
  /** Stopped, or awake with unread events. */
  #isStopped = false;
  /** Events that wait for the end of a pause: of the ear, and all others. Each socket is read in its own order. */
  #queues: Record<'ear' | 'others', ((log: SharedLog<Stretch>) => void)[]> = { ear: [], others: [] };
  /** How often this gateway has begun to follow the log. Answers to an earlier time are dropped. */
  #following = 0;
  /** Number of records that were delivered to this process. */
  #delivered = 0;
  /** How far the ear has read the text of the room. */
  #ear: { at: number } | undefined;
  #lagMs = 0;
  /** State on disk. */
  #saved: { position: LogPosition; epoch: string; head: number } | undefined;
  /** Since when this gateway runs and is aligned. */
  alignedSince = Number.POSITIVE_INFINITY;
  /** JSON of the entries on disk. */
  applied: string[] = [];
  /** Seq before the first of them. */
  #begin = 0;
  /** This gateway has applied a record that the log does not have. */
  isWrong = false;
  /** Since when the last record of the copy is another than that of the log. */
  #differsSince: number | undefined;

  constructor(world: Simulation, id: string) {
    this.#world = world;
    this.id = id;
  }

  noteAlignment(): void {
    const isAligned = this.log?.alignment.isAligned === true && !this.#isStopped;
    if (!isAligned) this.alignedSince = Number.POSITIVE_INFINITY;
    else this.alignedSince = Math.min(this.alignedSince, this.#world.now);
  }

  start(): void {
    if (this.log) return;
    const world = this.#world;
    const process = ++this.#process;
    const log = new SharedLog<Stretch>(this.id, {
      wall: () => world.now,
      newId: () => world.newId(),
      compose: (pieces, _first, gap) => {
        const stretches = pieces.map(({ line, logged }) => ({ from: line.from + logged, to: line.to }));
        return [...(gap ? ['gap'] : []), ...stretches].map((entry) => JSON.stringify(entry));
      },
      advanceAfter: (ms) => world.after(ms, () => this.#postTo(process, (own) => own.advance(world.now))),
      append: (id, record, expectedLast) =>
        world.append(id, record, expectedLast, (sequence) => {
          if (process !== this.#process) return;
          this.post((own) => {
            if (sequence === undefined) own.onRefused(id);
            else own.onAppended(id, sequence, world.now);
          });
        }),
      onEntries: (record, position) => {
        this.applied.push(...record.entries);
        this.#save(position);
      },
      onTorn: () => world.after(1 + world.below(20), () => this.#postTo(process, (own) => this.#repair(own))),
      onTruncated: (step) => {
        this.applied.length = step ? step.head - this.#begin : 0;
        if (step) this.#save(step);
        else this.#saved = undefined;
      },
      onAlive: (position) => this.#save(position),
      onImport: () => {},
      onGenesis: ({ head }, position) => {
        this.applied = [];
        this.#begin = head;
        this.#save(position);
      },
    });
    this.log = log;
    this.#delivered = 0;
    // An engine notices that the last record differs, but none before.
    if (this.isWrong) this.#saved = undefined;
    this.isWrong = false;
    if (this.#saved) {
      const { position, epoch, head } = this.#saved;
      log.restore(position, epoch, head, 0, false);
      this.#delivered = position.sequence;
    }
    this.#follow();
    world.after(world.below(500), () => process === this.#process && this.#openEar());
    this.#tick(process);
  }

  #follow(): void {
    const process = this.#process;
    const following = ++this.#following;
    const last = this.#world.log.length;
    for (const record of this.#world.log.slice(this.#delivered)) this.deliver(record);
    this.#world.after(50, () =>
      this.#postTo(process, (log) => following === this.#following && log.onCurrent(last, this.#world.now)),
    );
  }

  /** Compares the copy with the log, and follows it again. */
  #repair(log: SharedLog<Stretch>): void {
    const wrong = log.trail.findIndex(({ sequence, id }) => this.#world.log[sequence - 1]?.id !== id);
    if (wrong >= 0) this.isWrong = false;
    assert.ok(log.onCompared(wrong < 0 ? log.trail.length : wrong), `${this.id} lost the log`);
    this.#delivered = log.position.sequence;
    this.#follow();
  }

  crash(downMs: number): void {
    this.log = undefined;
    this.#process++;
    this.#queues = { ear: [], others: [] };
    this.#ear = undefined;
    this.#pausedUntil = 0;
    this.#isStopped = false;
    this.#world.after(downMs, () => this.start());
  }

  /** Stops the process. It notices nothing, and everything arrives afterwards. */
  pause(ms: number): void {
    this.#isStopped = true;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.now + ms);
    this.#world.after(ms, () => this.#wake());
  }

  cutEar(ms: number): void {
    const process = this.#process;
    if (!this.log || !this.#ear) return;
    this.#ear = undefined;
    this.post((log) => log.onEarLost(), 'ear');
    this.#world.after(ms, () => process === this.#process && this.#openEar());
  }

  delayEar(ms: number): void {
    this.#lagMs = ms;
  }

  repair(): void {
    this.#lagMs = 0;
    if (!this.log) this.start();
  }

  deliver(record: LogRecord): void {
    const process = this.#process;
    this.#world.after(1 + this.#world.below(20), () => this.#deliverUpTo(process, record.sequence));
  }

  /** The room has sent more text. */
  onText(): void {
    const process = this.#process;
    this.#world.after(this.#lagMs + this.#world.below(20), () => this.#read(process));
  }

  post(event: (log: SharedLog<Stretch>) => void, queue: 'ear' | 'others' = 'others'): void {
    if (!this.log) return;
    if (this.#isStopped) this.#queues[queue].push(event);
    else event(this.log);
  }

  #postTo(process: number, event: (log: SharedLog<Stretch>) => void): void {
    if (process === this.#process) this.post(event);
  }

  #wake(): void {
    if (this.#world.now < this.#pausedUntil) return;
    this.#isStopped = false;
    const { ear, others } = this.#queues;
    this.#queues = { ear: [], others: [] };
    const events = this.#world.random() < 0.5 ? [...ear, ...others] : [...others, ...ear];
    for (const event of events) if (this.log) event(this.log);
  }

  #deliverUpTo(process: number, sequence: number): void {
    if (process !== this.#process) return;
    while (this.#delivered < sequence) {
      const logged = this.#world.log[this.#delivered++] as LogRecord;
      const { isFaulty } = this.#world;
      const isWrong = isFaulty && this.#world.now < FAULTS_END_MS && this.#world.random() < WRONG_RECORDS;
      const record = isWrong ? wrongRecord(this.#world, logged) : logged;
      this.post((log) => {
        if (isWrong && !log.isTorn && record.sequence > log.position.sequence) this.isWrong = true;
        log.onRecord(record, this.#world.now);
      });
    }
  }

  #openEar(): void {
    if (!this.log || this.#ear) return;
    this.#ear = { at: this.#world.text.length };
    this.post((log) => log.onEarOpen(this.#world.now), 'ear');
  }

  /** Reads what has come, cut anywhere. */
  #read(process: number): void {
    const ear = this.#ear;
    if (process !== this.#process || !ear) return;
    const end = this.#world.text.length;
    while (ear.at < end) {
      const from = ear.at;
      const to = Math.min(end, from + 1 + this.#world.below(40));
      ear.at = to;
      this.post((log) => log.hear({ from, to }, this.#world.text.slice(from, to), this.#world.now), 'ear');
    }
    this.post((log) => log.advance(this.#world.now), 'ear');
  }

  #tick(process: number): void {
    if (process !== this.#process) return;
    this.post((log) => {
      const signal = log.check(this.#world.now);
      if (signal) this.#world.signal(this, signal);
      this.#compareLast(log);
    });
    this.#world.after(CHECK_EVERY_MS, () => this.#tick(process));
  }

  #compareLast(log: SharedLog<Stretch>): void {
    const { now } = this.#world;
    const { sequence, id } = log.position;
    const differs = sequence > 0 && this.#world.log[sequence - 1]?.id !== id;
    this.#differsSince = differs ? (this.#differsSince ?? now) : undefined;
    if (this.#differsSince !== undefined && now - this.#differsSince >= NOTICES_WRONG_MS) log.onReplaced();
  }

  #save(position: LogPosition): void {
    const { epoch, head } = this.log ?? {};
    if (epoch !== undefined && head !== undefined) this.#saved = { position, epoch, head };
  }
}
