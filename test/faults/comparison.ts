/**
 * Compares what tabs and terminals received with what was sent. A fence, a marker that all must receive, comes before
 * each comparison.
 */
import type { Entry } from '../../gateway/protocol.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Gateway } from '../helpers/gateway.ts';
import {
  checkGone,
  checkHeard,
  checkNumbers,
  checkSays,
  checkTab,
  type Fault,
  type Finding,
  KeptLog,
  type Outcome,
  TerminalCheck,
} from './check.ts';
import type { HeadlessPage } from './page.ts';
import type { NumberedTerminal } from './terminals.ts';

/**
 * Longest catch-up of all tabs, ms. It includes the room's back-off and the minute of a port that is not free yet.
 */
export const CATCH_UP_WITHIN_MS = 240_000;
/** Interval between repetitions of a marker, ms, because a marker may fall into a gap. */
const MARK_EVERY_MS = 250;
const PAGE_ENTRIES = 500;

/** Counters for the report. */
export interface Tally {
  messages: number;
  says: number;
  unconfirmed: number;
  /** Unconfirmed messages that are in the log. */
  doubted: number;
  failed: number;
  /** Messages that tabs had seen and a killed gateway had not written. */
  gone: number;
  /** Age of the oldest of them at the kill, ms. */
  goneMs: number;
  longestMs: number;
  findings: Finding[];
}

/** The part of the world that is compared. */
interface Compared {
  readonly pages: HeadlessPage[];
  readonly terminals: NumberedTerminal[];
  readonly gateway: Gateway;
}

export class Comparison {
  readonly log = new KeptLog();
  readonly tally: Tally = {
    messages: 0,
    says: 0,
    unconfirmed: 0,
    doubted: 0,
    failed: 0,
    gone: 0,
    goneMs: 0,
    longestMs: 0,
    findings: [],
  };
  readonly #world: Compared;
  #markCount = 0;
  /** Everything up to this number has been compared. */
  #checked = 0;
  #killedAt: number | undefined;
  readonly #terminals = new TerminalCheck();
  readonly #halves = new Set<string>();
  readonly #goneTexts = new Set<string>();
  readonly #visitors: { page: HeadlessPage; first: number; last: number }[] = [];
  readonly #reported = new Map<string, string>();

  constructor(world: Compared) {
    this.#world = world;
  }

  /** Waits until all have caught up, and compares their records with the log. */
  async compare(): Promise<void> {
    const begin = performance.now();
    const fencedAt = Date.now();
    const last = await this.#fence();
    await this.#allSaysSettle(fencedAt);
    this.tally.longestMs = Math.max(this.tally.longestMs, performance.now() - begin);
    for (const page of this.#world.pages) page.recordShown();
    const shown = this.#world.pages.map(({ client }) => client.timeline.history.last);
    await this.#readLog(Math.max(last, ...shown));
    this.#check(last, fencedAt);
    this.#checked = last;
  }

  /** Checks that the log read in pages is unchanged. */
  async end(): Promise<void> {
    const all = await this.entriesAfter(0);
    const isSame = this.log.entries.every(
      (entry, index) => JSON.stringify(entry) === JSON.stringify(all[index]),
    );
    if (!isSame) this.find([{ fault: 'lost', what: 'the log has changed since it was read' }]);
    const says = this.log.says();
    for (const [text, count] of says) {
      if (count > 1) this.find([{ fault: 'doubled', what: `${text} is in the log ${count} times` }]);
      if (this.#reported.get(text) === 'failed')
        this.find([{ fault: 'wrong', what: `${text} failed, and was said` }]);
      if (this.#reported.get(text) === 'unconfirmed') this.tally.doubted++;
    }
    this.tally.messages = this.log.entries.length;
  }

  /** From now on the entries that it had not written may be lost. */
  gatewayIsKilled(): void {
    this.#killedAt = Date.now();
  }

  find(findings: readonly Finding[]): void {
    this.tally.findings.push(...findings);
  }

  count(fault: Fault): number {
    return this.tally.findings.filter((finding) => finding.fault === fault).length;
  }

  /** Records a tab that is about to close, for a later comparison. Its log must begin at `first` or before. */
  remember(page: HeadlessPage, first: number): void {
    page.recordShown();
    this.#visitors.push({ page, first, last: page.client.timeline.history.last });
  }

  /** Sends a marker and waits until every tab has received it. Returns its number in the log. */
  async #fence(): Promise<number> {
    const fence = ++this.#markCount;
    let tries = 0;
    const mark = () => {
      const terminal = this.#world.terminals.find(({ isConnected }) => isConnected);
      terminal?.send(`fence ${fence} ${++tries}!\n`);
    };
    const timer = setInterval(mark, MARK_EVERY_MS);
    mark();
    const common = (): number | undefined => {
      const [first, ...others] = this.#world.pages;
      for (let attempt = 1; attempt <= tries; attempt++) {
        const marker = `${fence} ${attempt}`;
        const seq = first?.markers.get(marker);
        if (seq !== undefined && others.every(({ markers }) => markers.get(marker) === seq)) return seq;
      }
      return undefined;
    };
    try {
      return await eventually(
        common,
        () => `no marker of fence ${fence} reached all: ${this.#whoLacks(`${fence} `)}`,
        CATCH_UP_WITHIN_MS,
      );
    } finally {
      clearInterval(timer);
      for (const { markers } of this.#world.pages) markers.clear();
    }
  }

  #whoLacks(fence: string): string {
    return this.#world.pages
      .filter(({ markers }) => ![...markers.keys()].some((marker) => marker.startsWith(fence)))
      .map(({ name, client }) => `${name} ${client.status.name}`)
      .join(', ');
  }

  /** Waits until no earlier say is in flight. */
  async #allSaysSettle(before: number): Promise<void> {
    const open = () =>
      this.#world.pages.flatMap(({ sentAt, pending, name }) =>
        pending
          .filter(
            ({ state, text }) =>
              state !== 'unconfirmed' && state !== 'failed' && (sentAt.get(text) ?? 0) < before,
          )
          .map(({ text, state }) => `${name} ${state} ${text.slice(0, 40)}`),
      );
    await eventually(
      () => open().length === 0,
      () => `words are still under way: ${open().join('; ')}`,
      CATCH_UP_WITHIN_MS,
    );
  }

  /** Reads the log up to an entry. A gateway of a cluster that has just woken up has it later than a tab of another. */
  async #readLog(last: number): Promise<void> {
    await eventually(
      async () => {
        for (const entry of await this.entriesAfter(this.log.head)) this.log.add(entry);
        return this.log.head >= last;
      },
      () => `the log ends at ${this.log.head}, and a tab has ${last}`,
    );
  }

  /** The tabs of the log as it is now. */
  async entriesAfter(seq: number): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let more = true; more; ) {
      const after = entries.at(-1)?.seq ?? seq;
      const answer = await this.#world.gateway.get(`/api/messages?after=${after}&limit=${PAGE_ENTRIES}`);
      const page = (await answer.json()) as { messages: Entry[]; more: boolean };
      entries.push(...page.messages);
      more = page.more;
    }
    return entries;
  }

  #check(last: number, fencedAt: number): void {
    const { log } = this;
    const { pages } = this.#world;
    const after = this.#checked;
    const { gone, findings, longestMs } =
      this.#killedAt === undefined
        ? { gone: new Set<number>(), findings: [], longestMs: 0 }
        : checkGone(pages, log, after, this.#killedAt);
    this.find(findings);
    this.find(checkNumbers(log, after, this.#killedAt !== undefined));
    this.find(this.#terminals.check(this.#world.terminals, log.between(after, last)));
    for (const page of pages) {
      const first = after === 0 ? Math.min(...page.appended.keys()) - 1 : after;
      this.find(checkTab(page, log, first, last, gone));
      this.#rememberGone(page, gone);
    }
    const says = log.says();
    for (const page of pages) {
      this.find(checkSays(page.name, this.#outcomes(page, fencedAt, says), says, this.#goneTexts));
      this.find(
        checkHeard(
          page.name,
          page.heard.filter(({ seq }) => seq <= log.head),
          log,
          gone,
        ),
      );
      page.heard.splice(0, page.heard.length, ...page.heard.filter(({ seq }) => seq > log.head));
      this.find(page.complaints.splice(0).map((what) => ({ fault: 'wrong', what: `${page.name}: ${what}` })));
      page.forget(last);
    }
    for (const { page, first, last } of this.#visitors.splice(0)) {
      const begin = Math.min(...page.appended.keys());
      this.find(checkTab(page, log, begin - 1, last, gone));
      if (begin > first) this.find([{ fault: 'lost', what: `${page.name} began at ${begin}, not ${first}` }]);
      this.find(page.complaints.map((what) => ({ fault: 'wrong', what: `${page.name}: ${what}` })));
    }
    this.tally.gone += gone.size;
    this.tally.goneMs = Math.max(this.tally.goneMs, longestMs);
    this.#killedAt = undefined;
  }

  /** Entries that tabs had seen and a kill lost. They may be nowhere now. */
  #rememberGone(page: HeadlessPage, gone: ReadonlySet<number>): void {
    for (const { seq, text, continues } of page.appended.values()) {
      if (!gone.has(seq)) continue;
      const begun = continues === undefined ? '' : (page.appended.get(continues)?.text ?? '');
      for (const said of [...page.sentAt.keys()])
        if (said.startsWith(begun || text)) this.#goneTexts.add(said);
    }
  }

  /** Records the outcome of earlier messages, and removes those that the page reports as failed. */
  #outcomes(page: HeadlessPage, before: number, says: ReadonlyMap<string, number>): Outcome[] {
    const pending = new Map(page.pending.map((say) => [say.text, say]));
    const outcomes: Outcome[] = [];
    for (const [text, at] of page.sentAt) {
      if (at >= before) continue;
      const say = pending.get(text);
      if (say === undefined && this.#isHalf(text, says)) continue;
      outcomes.push({ text, state: say?.state });
      page.sentAt.delete(text);
      if (say === undefined) continue;
      this.#reported.set(text, say.state);
      if (say.state === 'unconfirmed') this.tally.unconfirmed++;
      if (say.state === 'failed') this.tally.failed++;
      page.client.discard(say.id);
    }
    return outcomes;
  }

  /** A page shows a long say from its first chunk on. The rest must arrive by the next fence. */
  #isHalf(text: string, says: ReadonlyMap<string, number>): boolean {
    if (says.has(text) || this.#halves.has(text)) return false;
    const isHalf = [...says.keys()].some((begun) => text.startsWith(begun));
    if (isHalf) this.#halves.add(text);
    return isHalf;
  }
}
