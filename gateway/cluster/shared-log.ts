/**
 * The rule by which several gateways append what they hear to one log. Pure: the time comes with each call.
 *
 *     follower -- its unlogged text stood still, and its append was accepted --> appender
 *         ^ ------------------- another gateway has appended -------------------'
 *
 * The appender logs what it hears at once, one batch at a time. Each append names the last record that this gateway has
 * read, so that of two gateways only one succeeds. The other one reads on, and its unlogged text shrinks by itself. So
 * the same rule covers a gateway that is dead, stopped, deaf, or cut off.
 *
 * An engine may give one gateway a record that the log does not have. The next record then does not continue the copy of
 * this gateway, which is torn: it neither applies nor appends anything until its last records are compared with the log.
 *
 *     torn -- a record of the copy differs ------------> the copy ends before that record
 *       |---- records were left out -------------------> they are read
 *       |---- the next record is that of a torn copy --> all gateways skip it
 *       `---- nothing follows, and several differ -----> the log is lost, and begins a new epoch
 */
import { Alignment, type BatchMark, TAIL_CHARACTERS } from './alignment.ts';
import type { LogPosition, LogRecord } from './engine.ts';
import { charactersOf, type HeardPiece, type HeardText, hashOf } from './heard-text.ts';
import { type LogStep, LogTrail, TRAIL_RECORDS } from './log-trail.ts';
import { type PeerSignal, PeerSignals } from './peer-signals.ts';
import {
  type AliveRecord,
  type BatchRecord,
  decodeRecord,
  type GenesisRecord,
  type ImportRecord,
  type SharedRecord,
} from './records.ts';

/** How long unlogged text stands still before another gateway than the appender logs it, ms. */
export const TAKEOVER_MS = 400;

/** How much longer each further gateway waits, ms: several round trips to the engine. */
export const RANK_STEP_MS = 250;

/** How long an ear that is not aligned leaves the log to aligned gateways, ms. */
export const GAP_AFTER_MS = 3_000;

/** How precisely the log shows until when a silent room was heard, ms. */
export const ALIVE_EVERY_MS = 10_000;

/** How long an import may stand still before the log goes on without the rest, ms: a restart of its gateway. */
export const IMPORT_STALLED_MS = 60_000;

/** How often gateways signal that they live, ms. */
export const SIGNAL_EVERY_MS = 1_000;

/** Without a check for this time the process was stopped, ms. */
const ASLEEP_MS = 1_000;

/** A check that comes so late is that of a busy process, ms: signals of other gateways may be unread for as long again. */
export const LATE_MS = 400;

/** Text of one batch, characters. Its JSON is at most a few times as large, and an engine takes a MiB. */
export const BATCH_MAX_CHARACTERS = 32 * 1024;

/**
 * Shortest time between two batches of the appender, ms. Each batch costs two messages of the engine and a write for
 * each browser, so a busy room costs less with some messages in one. A quiet room waits for nothing.
 */
export const BATCH_SPACING_MS = 8;

/** Timers are only so precise, ms. A second one for the rest would cost more than it saves. */
const TIMER_PRECISION_MS = 1;

/**
 * A torn gateway that has appended more records than this no longer finds its wrong one, so that gateways would skip each
 * other's records for ever. The log begins again instead.
 */
export const SKIPPED_MAX = TRAIL_RECORDS;

/** Seqs left out in a new epoch, because a lost log may have assigned some beyond those that are known. */
export const EPOCH_LEASE = 1_000;

/** A gap in front of a batch: when the room was last heard, ms since 1970. */
export interface GapBefore {
  since: number;
}

export interface SharedLogEffects<L> {
  /** Time of day, ms since 1970. */
  wall(): number;
  newId(): string;
  /** Returns the JSON of the entries for these lines, with seqs from `first` on. */
  compose(pieces: readonly HeardPiece<L>[], first: number, gap: GapBefore | undefined): string[];
  /** Calls `advance` after this time, ms. A call that is due sooner will do. */
  advanceAfter(ms: number): void;
  /** Appends a record. Its outcome is reported by `onAppended` or `onRefused`. */
  append(id: string, record: SharedRecord, expectedLast: number): void;
  /** Entries are committed, in order, each once. */
  onEntries(record: BatchRecord, position: LogPosition): void;
  /** Entries of an older transcript are committed. */
  onImport(record: ImportRecord, position: LogPosition): void;
  /** The room was heard until now, and was silent. */
  onAlive(position: LogPosition): void;
  /** The log begins, or begins again after its head. It keeps the entries up to `kept` and loses later ones. */
  onGenesis(
    genesis: Pick<GenesisRecord, 'epoch' | 'head' | 'kept' | 'isImport'>,
    position: LogPosition,
  ): void;
  /** The copy is not that of the log. Compare `trail` with the log, and call `onCompared`. */
  onTorn(): void;
  /** The log has no entries of this copy after `step`, or none at all. */
  onTruncated(step: LogStep | undefined): void;
}

/** The record that does not continue the copy, or the last one of the copy, in place of which another one was noticed. */
interface Torn extends LogPosition {
  /** The log was seen to have another record there, so it may have gone back. */
  isReplaced: boolean;
}

/** A record that may be in the log or not. */
interface Pending {
  id: string;
  record: SharedRecord;
  /** The ear that heard its text. */
  ear: number;
}

export class SharedLog<L> {
  readonly alignment = new Alignment<L>();
  readonly #gateway: string;
  readonly #effects: SharedLogEffects<L>;
  readonly #peers: PeerSignals;
  /** The last record that was read. */
  #position: LogPosition = { sequence: 0, id: '' };
  /** The last records of one epoch. */
  readonly #trail = new LogTrail();
  #epoch: string | undefined;
  #head = 0;
  /** Last characters of the room's text that the log covers. */
  #tail = '';
  #appender: string | undefined;
  /** Until when the room was heard, ms since 1970. */
  #heardUntil = 0;
  /** When the last record arrived, ms. */
  #movedAt = 0;
  #pending: Pending | undefined;
  /** When this gateway appended its last batch, ms. */
  #batchAt = Number.NEGATIVE_INFINITY;
  /** Everything in the log was read a moment ago. */
  #isCurrent = false;
  /** The log begins with an older transcript, of which more is to come. */
  #isImporting = false;
  #torn: Torn | undefined;
  /** The last record before which the engine left out others. */
  #holeBefore = 0;
  /** Number of skipped records of this epoch. */
  #skipped = 0;
  /** A record has a format that this version does not know, so that it must not append. */
  #isOutdated = false;
  /** Epoch of a log that has lost records. It must not go on. */
  #lostEpoch: string | undefined;
  /** Highest seq that any log is known to have had. */
  #highest = 0;
  /** When `check` was called last, ms. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** When the process last woke up, ms. */
  #wokeAt = Number.NEGATIVE_INFINITY;
  /** When `check` was last called late, ms. */
  #lateAt = Number.NEGATIVE_INFINITY;
  #signalledAt = Number.NEGATIVE_INFINITY;

  constructor(gateway: string, effects: SharedLogEffects<L>) {
    this.#gateway = gateway;
    this.#peers = new PeerSignals(gateway);
    this.#effects = effects;
  }

  get position(): LogPosition {
    return this.#position;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  get head(): number {
    return this.#head;
  }

  /** The gateway that appended last. */
  get appender(): string | undefined {
    return this.#appender;
  }

  get isCurrent(): boolean {
    return this.#isCurrent && !this.#isImporting;
  }

  /** The copy is not that of the log. Nothing is applied or appended until it is compared. */
  get isTorn(): boolean {
    return this.#torn !== undefined;
  }

  /** The last records of this copy, which the log must have. */
  get trail(): readonly LogStep[] {
    return this.#trail.steps;
  }

  /** Number of heard characters that are not in the log. */
  get unlogged(): number {
    return (this.alignment.unlogged ?? this.alignment.unplaced).length;
  }

  /** Continues with the state that an earlier process has kept. */
  restore(
    position: LogPosition,
    epoch: string,
    head: number,
    heardUntil: number,
    isImporting: boolean,
  ): void {
    this.#isImporting = isImporting;
    this.#heardUntil = heardUntil;
    this.#position = position;
    this.#epoch = epoch;
    this.#head = this.#highest = head;
    this.#trail.clear();
    this.#trail.append({ ...position, head });
  }

  onEarOpen(now: number): void {
    this.alignment.onEarOpen(now);
  }

  onEarLost(): void {
    this.alignment.onEarLost();
  }

  /** The ear heard a line. `text`: the line behind its header. Call `advance` after the last line of a read. */
  hear(line: L, text: string, now: number): void {
    this.alignment.hear(line, charactersOf(text), now);
  }

  advance(now: number): void {
    this.#appendNext(now);
  }

  /** The engine passes on the next record. Records that were applied already are left out. */
  onRecord(logged: LogRecord, now: number): void {
    if (this.#torn || logged.sequence <= this.#position.sequence) return;
    const pending = logged.id === this.#pending?.id ? this.#pending : undefined;
    if (pending) this.#pending = undefined;
    // The own record needs no decoding.
    const record = pending?.record ?? decodeRecord(logged);
    if (record) this.#apply(record, logged, now, pending);
    else this.#skip(logged);
    this.#appendNext(now);
  }

  /** The pending record is in the log. */
  onAppended(id: string, sequence: number, now: number): void {
    const pending = this.#pending;
    if (pending?.id !== id) return;
    this.#pending = undefined;
    if (sequence > this.#position.sequence) this.#apply(pending.record, { sequence, id }, now, pending);
    // The engine gave another record in its place.
    else this.#tear(this.#position);
    this.#appendNext(now);
  }

  /** Another record came first, which will be read soon. Or the record is late: then no other one takes its place. */
  onRefused(id: string): void {
    if (this.#pending?.id !== id) return;
    this.#pending = undefined;
    if (this.#appender === this.#gateway) this.#appender = undefined;
  }

  /** Everything up to `last` was read. */
  onCurrent(last: number, now: number): void {
    // The engine has forgotten the whole log.
    if (this.#position.sequence === 0) this.#position = { sequence: last, id: '' };
    this.#isCurrent = last <= this.#position.sequence && !this.#torn;
    this.#appendNext(now);
  }

  /** The connection to the engine is lost, so that this gateway may be behind. */
  onDisconnected(): void {
    this.#isCurrent = false;
  }

  /** The log lost records that this gateway has read. It is read from its beginning now. */
  onLost(): void {
    this.#lostEpoch = this.#epoch ?? this.#lostEpoch;
    this.#isCurrent = false;
    this.#torn = undefined;
    this.#pending = undefined;
    this.#goBackTo(undefined);
  }

  /** The log has another record in place of the last one. Returns false if that can't be examined. */
  onReplaced(): boolean {
    if (this.#isOutdated) return false;
    if (!this.#torn) this.#tear(this.#position, true);
    return true;
  }

  /**
   * The log has the first `known` records of the trail. It is followed from `position` now. Returns false if it is lost:
   * an engine gives one wrong record, while one that went back and grew again has another end.
   */
  onCompared(known: number): boolean {
    const torn = this.#torn;
    if (!torn) return true;
    if (torn.isReplaced && this.#head > 0 && known < Math.max(1, this.trail.length - 1)) return false;
    this.#torn = undefined;
    const isWhole = known === this.trail.length;
    const next = this.#position.sequence + 1;
    if (!isWhole) this.#truncate(this.trail[known - 1]);
    else if (torn.sequence === next) this.#skipTorn(torn);
    // The answer to an append was wrong, and nothing was left out.
    else if (torn.sequence < next) return true;
    // The log has forgotten what was left out.
    else if (torn.sequence === this.#holeBefore) this.#truncate(undefined);
    else this.#holeBefore = torn.sequence;
    return true;
  }

  onSignal(signal: PeerSignal, now: number): void {
    // A gateway with a wrong record knows nothing of the log's end.
    const isWrong = signal.last !== undefined && this.#trail.differsAt(signal.last, this.#position.sequence);
    if (signal.by === this.#gateway || isWrong) return;
    this.#peers.onSignal(signal, now);
    this.#highest = Math.max(this.#highest, signal.head);
    const { isAligned, isLogged, sequence } = signal;
    const isSame = this.#isCurrent && sequence === this.#position.sequence && this.#epoch !== undefined;
    if (isAligned && isLogged && isSame && now - this.#checkedAt < ASLEEP_MS) this.alignment.onAllLogged(now);
  }

  /** Advances what depends on time. Returns a signal for the other gateways now and then. */
  check(now: number): PeerSignal | undefined {
    if (now - this.#checkedAt >= ASLEEP_MS) this.#onWake(now);
    if (now - this.#checkedAt >= LATE_MS) this.#lateAt = now;
    this.#checkedAt = now;
    this.alignment.check(now);
    this.#peers.check(now);
    this.#appendNext(now);
    if (now - this.#signalledAt < SIGNAL_EVERY_MS) return undefined;
    this.#signalledAt = now;
    return {
      by: this.#gateway,
      sequence: this.#position.sequence,
      last: this.#lastKept,
      head: this.#head,
      isAligned: this.alignment.isAligned,
      isLogged:
        this.alignment.unlogged?.length === 0 && !this.#pending && now - this.#wokeAt >= SIGNAL_EVERY_MS,
    };
  }

  get #lastKept(): LogPosition {
    const { sequence, id } = this.#trail.last ?? this.#position;
    return { sequence, id };
  }

  /** Signals and text that came meanwhile are still unread. */
  #onWake(now: number): void {
    this.#wokeAt = now;
    this.#peers.onWake(now);
    this.alignment.onWake(now);
  }

  #apply(
    record: SharedRecord,
    { sequence, id }: LogPosition,
    now: number,
    pending: Pending | undefined,
  ): void {
    if (!this.#continues(record)) {
      this.#tear({ sequence, id });
      return;
    }
    this.#position = { sequence, id };
    this.#movedAt = now;
    if (record.kind !== 'genesis' && this.#epoch === undefined) this.#beginWith(record);
    if (record.kind === 'genesis') this.#applyGenesis(record);
    else if (record.epoch === this.#epoch) {
      this.#heardUntil = Math.max(this.#heardUntil, record.at);
      if (record.kind === 'alive') this.#effects.onAlive(this.#position);
      else if (record.kind === 'import') this.#applyImport(record);
      else this.#applyBatch(record, now, pending);
    }
    this.#trail.append({ ...this.#position, head: this.#head });
  }

  #continues(record: SharedRecord): boolean {
    if (record.kind === 'genesis' || this.#epoch === undefined) return true;
    const { last } = this.#trail;
    const isSame = last === undefined || record.previous === undefined || record.previous === last.id;
    const isNext = record.kind !== 'batch' || record.epoch !== this.#epoch || record.first === this.#head + 1;
    return isSame && isNext;
  }

  #tear({ sequence, id }: LogPosition, isReplaced = false): void {
    this.#torn = { sequence, id, isReplaced };
    this.#isCurrent = false;
    this.#pending = undefined;
    // Another version is needed to read what is missing.
    if (!this.#isOutdated) this.#effects.onTorn();
  }

  /** The gateway that appended this record had read another one before. All others skip it, too. */
  #skipTorn({ sequence, id }: LogPosition): void {
    this.#position = { sequence, id };
    if (++this.#skipped > SKIPPED_MAX) this.#lostEpoch = this.#epoch;
  }

  #truncate(step: LogStep | undefined): void {
    this.#goBackTo(step);
    this.#effects.onTruncated(step);
  }

  #goBackTo(step: LogStep | undefined): void {
    const { sequence, id, head } = step ?? { sequence: 0, id: '', head: 0 };
    this.#position = { sequence, id };
    this.#head = head;
    if (step) this.#trail.cutAfter(step);
    else this.#trail.clear();
    this.#appender = undefined;
    this.#tail = '';
    this.alignment.reset();
    if (step) return;
    this.#epoch = undefined;
    this.#isImporting = false;
  }

  #applyGenesis(genesis: Pick<GenesisRecord, 'epoch' | 'head' | 'kept' | 'isImport'>): void {
    const { epoch, head, isImport } = genesis;
    this.#epoch = epoch;
    this.#head = head;
    this.#isImporting = isImport;
    this.#highest = Math.max(this.#highest, head);
    this.#trail.clear();
    this.#skipped = 0;
    this.#effects.onGenesis(genesis, this.#position);
  }

  /** The engine has forgotten the genesis of the log, and all records before this one. */
  #beginWith(record: ImportRecord | BatchRecord | AliveRecord): void {
    const head = record.kind === 'batch' ? record.first - 1 : record.kind === 'alive' ? record.head : 0;
    const isImport = record.kind === 'import';
    this.#applyGenesis({ epoch: record.epoch, head, kept: head, isImport });
  }

  #applyImport(record: ImportRecord): void {
    this.#trail.clear();
    this.#head = record.head;
    this.#highest = Math.max(this.#highest, this.#head);
    this.#isImporting = !record.isLast;
    this.#effects.onImport(record, this.#position);
  }

  #applyBatch(record: BatchRecord, now: number, pending: Pending | undefined): void {
    const { mark, isAfterGap } = record;
    this.#appender = record.by;
    this.#head += record.entries.length;
    this.#highest = Math.max(this.#highest, this.#head);
    this.#tail = mark.tail;
    this.#effects.onEntries(record, this.#position);
    const { alignment } = this;
    const isSameEar = alignment.isOpen && alignment.ear === pending?.ear;
    if (isAfterGap && isSameEar && !alignment.isAligned && this.#covers(mark))
      alignment.placeAfterGap(mark.characters);
    else {
      // The text after a gap does not follow the text before.
      if (isAfterGap) alignment.reset();
      alignment.onBatch(mark, now);
    }
  }

  #skip({ sequence, id }: LogPosition): void {
    this.#position = { sequence, id };
    this.#trail.append({ sequence, id, head: this.#head });
    this.#isOutdated = true;
  }

  /** Returns true if the ear's text begins with that of the batch. Another ear may have opened meanwhile. */
  #covers({ characters, hash }: BatchMark): boolean {
    const heard = this.alignment.unplaced;
    return heard.length >= characters && hashOf(heard.first(characters)) === hash;
  }

  #appendNext(now: number): void {
    if (this.#pending || !this.#isCurrent || this.#isOutdated) return;
    if (this.#isImporting && now - Math.max(this.#movedAt, this.#wokeAt) < IMPORT_STALLED_MS) return;
    const isLost = this.#epoch === undefined || this.#epoch === this.#lostEpoch;
    if (isLost || this.#isImporting) this.#appendGenesis();
    else {
      const { unlogged } = this.alignment;
      if (unlogged && unlogged.length > 0) {
        if (this.#mayLog(unlogged, now)) this.#appendBatch(unlogged.pieces, now);
      } else if (this.alignment.isAligned) this.#appendAlive(now);
      else if (this.alignment.isOpen && this.#mayLeaveGap(now)) this.#appendAfterGap(now);
    }
  }

  #mayLog({ length, pieces }: HeardText<L>, now: number): boolean {
    if (this.#appender === this.#gateway) {
      const wait = this.#batchAt + BATCH_SPACING_MS - now;
      if (wait < TIMER_PRECISION_MS || length >= BATCH_MAX_CHARACTERS) return true;
      this.#effects.advanceAfter(wait);
      return false;
    }
    const heardAt = pieces[0]?.heardAt ?? now;
    return (
      now - Math.max(heardAt, this.#movedAt) >= TAKEOVER_MS + RANK_STEP_MS * this.#peers.rankAmong('aligned')
    );
  }

  /** Without an aligned gateway, the one of the lowest rank begins after a gap. */
  #mayLeaveGap(now: number): boolean {
    if (this.#peers.hasAligned) return false;
    // After a stop of the process, signals of the others are still unread.
    if (now - this.#checkedAt >= LATE_MS || now - this.#lateAt < LATE_MS) return false;
    const since = Math.max(this.alignment.openedAt, this.#movedAt, this.#wokeAt);
    return now - since >= GAP_AFTER_MS + RANK_STEP_MS * this.#peers.rankAmong('all');
  }

  #appendGenesis(): void {
    const isNew = this.#highest === 0;
    const epoch = this.#effects.newId();
    const head = isNew ? 0 : this.#highest + EPOCH_LEASE;
    this.#append({ kind: 'genesis', ...this.#base, epoch, head, kept: this.#head, isImport: false });
  }

  #appendAlive(now: number): void {
    const wait = ALIVE_EVERY_MS + SIGNAL_EVERY_MS * this.#peers.rankAmong('aligned');
    const isOwn = this.#appender === this.#gateway;
    if (now - this.#movedAt >= (isOwn ? ALIVE_EVERY_MS : wait))
      this.#append({ kind: 'alive', ...this.#base, head: this.#head });
  }

  #appendAfterGap(now: number): void {
    this.alignment.dropLogged();
    this.#appendBatch(this.alignment.unplaced.pieces, now, { since: this.#heardUntil });
  }

  #appendBatch(pieces: readonly HeardPiece<L>[], now: number, gap?: GapBefore): void {
    this.#batchAt = now;
    const taken = firstPieces(pieces);
    const text = taken.map(({ characters, logged }) => characters.slice(logged)).join('');
    // The texts before and after a gap do not join.
    const tail = tailOf(gap ? text : this.#tail + text);
    const mark = { characters: text.length, hash: hashOf(text), tail };
    const first = this.#head + 1;
    const entries = this.#effects.compose(taken, first, gap);
    this.#append({ kind: 'batch', ...this.#base, first, entries, mark, isAfterGap: gap !== undefined });
  }

  #append(record: SharedRecord): void {
    const id = this.#effects.newId();
    this.#pending = { id, record, ear: this.alignment.ear };
    this.#effects.append(id, record, this.#position.sequence);
  }

  get #base(): { by: string; epoch: string; at: number; previous?: string } {
    const previous = this.#trail.last?.id;
    const base = { by: this.#gateway, epoch: this.#epoch ?? '', at: this.#effects.wall() };
    return previous ? { ...base, previous } : base;
  }
}

function firstPieces<L>(pieces: readonly HeardPiece<L>[]): readonly HeardPiece<L>[] {
  let characters = 0;
  const end = pieces.findIndex(({ characters: text, logged }, index) => {
    characters += text.length - logged;
    return index > 0 && characters > BATCH_MAX_CHARACTERS;
  });
  return end < 0 ? [...pieces] : pieces.slice(0, end);
}

function tailOf(text: string): string {
  // Half a surrogate pair would not survive the encoding.
  return text.slice(-TAIL_CHARACTERS).replace(/^[\udc00-\udfff]/u, '');
}
