/**
 * The rules that hosts set, shared between the gateways of a cluster. The engine keeps the newest rules. A gateway
 * replaces them only if it knows them, so that of two acts at once one is applied again.
 *
 *     act ---> newest rules + act ---> engine ---> rules at each gateway
 *                    ^                   |
 *                    `-- another act came first
 *
 * Marks of hidden messages name entries of one log. After a new epoch the first gateway that notices it replaces the
 * rules, and keeps the marks of entries that the log still has.
 */
import { randomUUID } from 'node:crypto';
import type { ClusterEngine, LogRecord } from '../../cluster/engine.ts';
import type { ErrorCode } from '../../protocol.ts';
import type { HiddenMark, HostSettings } from '../../transcript/moderation-store.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { HostRules } from '../hosts/host-rules.ts';
import type { RulesSharing } from '../hosts/moderation.ts';

export interface SharedRulesParts {
  engine: ClusterEngine;
  transcript: Pick<Transcript, 'shared' | 'messages'>;
  /** The rules in force at this gateway. */
  rules(): HostRules;
  /** Puts rules into force at this gateway. */
  adopt(rules: HostRules): void;
}

/** Acts that wait for the engine at most. It may be away. */
const WAITING_MAX = 100;

/** How long another gateway's rules may take to arrive after they came first, ms. */
const NEWER_WITHIN_MS = 500;

/** Rules as the engine keeps them. */
interface StoredRules {
  /** The log whose entries the marks name. */
  epoch: string;
  settings: HostSettings;
  marks: HiddenMark[];
  marksFrom: number;
  silences: [who: string, until: number][];
}

type Change = Parameters<RulesSharing['change']>[0];

export class SharedRules implements RulesSharing {
  readonly #parts: SharedRulesParts;
  readonly #end = new AbortController();
  #stopFollowing: () => void = () => {};
  /** The newest rules of the engine. */
  #received: { rules: HostRules; epoch: string } | undefined;
  #sequence = 0;
  #isCurrent = false;
  /** Called back when the engine's newest rules are known, or others arrive. */
  #waiting: (() => void)[] = [];
  /** The log has entries of earlier epochs up to this one. */
  #kept = Number.POSITIVE_INFINITY;
  #changes: Promise<unknown> = Promise.resolve();
  #changing = 0;

  constructor(parts: SharedRulesParts) {
    this.#parts = parts;
    this.#follow();
  }

  /** Resolves when this gateway has the rules of the cluster. Call it when it has the log. */
  async caughtUp(): Promise<void> {
    while (!this.#isCurrent) await this.#newer();
    await this.#keepMarks();
  }

  change(change: Change, onDone: (refusal: ErrorCode | undefined) => void): void {
    if (this.#changing >= WAITING_MAX) {
      onDone('too-many');
      return;
    }
    this.#changing++;
    void this.#inTurn(change).then(
      (refusal) => {
        this.#changing--;
        onDone(refusal);
      },
      () => {},
    );
  }

  /** The log begins again, and keeps entries up to `kept`. `isCaughtUp`: no later epoch is known. */
  onNewEpoch(kept: number, isCaughtUp: boolean): void {
    this.#kept = kept;
    if (this.#received?.epoch === this.#epoch) this.#parts.adopt(this.#base);
    else if (isCaughtUp) void this.#keepMarks().catch(() => {});
  }

  close(): void {
    this.#end.abort();
    this.#stopFollowing();
  }

  get #epoch(): string {
    return this.#parts.transcript.shared?.epoch ?? '';
  }

  /** The rules that a change begins with. */
  get #base(): HostRules {
    const local = this.#parts.rules();
    if (!this.#received) return local;
    const { rules, epoch } = this.#received;
    if (epoch === this.#epoch) return rules;
    const isHidden = ({ root }: HiddenMark) => this.#parts.transcript.messages.isHidden(root);
    const known = [...rules.marks.values()].filter(({ root }) => root <= this.#kept);
    const marks = [...known, ...[...local.marks.values()].filter(isHidden)].map(
      (mark) => [mark.root, mark] as const,
    );
    return { ...rules, marks: new Map(marks) };
  }

  #follow(): void {
    this.#stopFollowing = this.#parts.engine.followRules({
      onRecord: (record) => this.#onRecord(record),
      onCurrent: () => {
        this.#isCurrent = true;
        this.#wake();
      },
      onLost: () => {
        this.#stopFollowing();
        this.#received = undefined;
        this.#sequence = 0;
        this.#isCurrent = false;
        this.#follow();
        if (this.#epoch !== '') void this.caughtUp().catch(() => {});
      },
    });
  }

  #onRecord({ sequence, body }: Pick<LogRecord, 'sequence' | 'body'>): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    const { epoch, marks, silences, ...rules } = JSON.parse(Buffer.from(body).toString()) as StoredRules;
    const marked = new Map(marks.map((mark) => [mark.root, mark]));
    this.#received = { epoch, rules: { ...rules, marks: marked, silences: new Map(silences) } };
    if (epoch === this.#epoch) this.#parts.adopt(this.#received.rules);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #newer(): Promise<void> {
    this.#end.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, NEWER_WITHIN_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Replaces rules of another epoch, and rules that the engine has lost. */
  async #keepMarks(): Promise<void> {
    const isKept = this.#received
      ? this.#received.epoch === this.#epoch
      : this.#parts.rules().settings.revision === 0;
    if (!isKept) await this.#inTurn((rules) => (this.#received?.epoch === this.#epoch ? undefined : rules));
  }

  async #inTurn(change: Change): Promise<ErrorCode | undefined> {
    const earlier = this.#changes;
    const result = earlier.then(() => this.#replace(change));
    this.#changes = result.catch(() => {});
    return await result;
  }

  async #replace(change: Change): Promise<ErrorCode | undefined> {
    for (;;) {
      while (!this.#isCurrent) await this.#newer();
      const next = change(this.#base);
      if (next === undefined || typeof next === 'string') return next;
      const body = encode(next, this.#epoch);
      const expected = this.#sequence;
      const record = { id: randomUUID(), body };
      const result = await this.#parts.engine.replaceRules(record, expected, this.#end.signal);
      if (result.outcome === 'committed') {
        this.#onRecord({ sequence: result.sequence, body });
        return undefined;
      }
      if (this.#sequence === expected) await this.#newer();
    }
  }
}

/** Encodes rules as the engine keeps them. */
export function encode({ settings, marks, marksFrom, silences }: HostRules, epoch: string): Uint8Array {
  const stored: StoredRules = {
    epoch,
    settings,
    marks: [...marks.values()],
    marksFrom,
    silences: [...silences],
  };
  return Buffer.from(JSON.stringify(stored));
}
