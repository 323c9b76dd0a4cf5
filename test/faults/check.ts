/**
 * What must hold after every fault. Pure: the log as the gateway keeps it, and what tabs and terminals know.
 */

import { toPageText } from '../../common/control-characters.ts';
import type { Entry } from '../../gateway/protocol.ts';
import type { LogItem } from '../../web/timeline/log-segment.ts';
import { TERMINAL_LINE } from './terminals.ts';

export type Fault = 'lost' | 'doubled' | 'unmarked hole' | 'wrong';

export interface Finding {
  fault: Fault;
  what: string;
}

/** A killed gateway had not written its last words: at most these, ms. */
export const MAY_BE_LOST_MS = 100;
/** How much later than that its timer may fire, and our signal arrive, on a busy machine, ms. */
export const LATENESS_MS = 500;
/** How long a line may be under way from its speaker to the ear, on a busy machine, ms. */
const UNDER_WAY_MS = 1_000;

/** A say of a tab, by how it begins: `p07 000123 `. */
const SAY = /^p\d\d \d{6} /;
/** Of anybody's words. */
const BEGINNING = /^(?:[pt]\d+ \d{6} |fence )/;

/** The log so far, as the gateway gives it in pages. */
export class KeptLog {
  readonly entries: Entry[] = [];
  readonly bySeq = new Map<number, Entry>();
  /** Texts of messages, continuations joined, by the number of the first entry. */
  readonly #texts = new Map<number, string>();

  constructor(entries: readonly Entry[] = []) {
    for (const entry of entries) this.add(entry);
  }

  get head(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    this.bySeq.set(entry.seq, entry);
    if (entry.gap) return;
    const root = entry.continues ?? entry.seq;
    this.#texts.set(root, (this.#texts.get(root) ?? '') + entry.text);
  }

  between(after: number, last: number): Entry[] {
    return this.entries.filter(({ seq }) => seq > after && seq <= last);
  }

  /** Each whole say, and how often it is there. */
  says(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const text of this.#texts.values()) {
      if (SAY.test(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return counts;
  }
}

/** Numbers follow each other; only a killed gateway skips some, and then a gap comes first. */
export function checkNumbers(log: KeptLog, after: number, mayJump: boolean): Finding[] {
  const findings: Finding[] = [];
  let before = after;
  for (const { seq, gap, forged } of log.between(after, log.head)) {
    if (seq <= before) findings.push({ fault: 'doubled', what: `the log has ${seq} after ${before}` });
    if (seq > before + 1 && before > 0 && !(gap && mayJump)) {
      findings.push({ fault: 'unmarked hole', what: `the log jumps from ${before} to ${seq} without a gap` });
    }
    if (forged)
      findings.push({ fault: 'wrong', what: `${seq} is called forged: ${log.bySeq.get(seq)?.text}` });
    before = seq;
  }
  return findings;
}

export interface Seen {
  name: string;
  /** What it took into its log. */
  appended: ReadonlyMap<number, Entry>;
  /** What it was seen to show. */
  shown: ReadonlyMap<number, LogItem>;
}

/** What the tab has from after `after` to `last` is what the log has there. `gone`: numbers a kill took. */
export function checkTab(
  tab: Seen,
  log: KeptLog,
  after: number,
  last: number,
  gone: ReadonlySet<number>,
): Finding[] {
  const findings: Finding[] = [];
  const find = (fault: Fault, what: string) => findings.push({ fault, what: `${tab.name}: ${what}` });
  const isInRange = ({ seq }: { seq: number }) => seq > after && seq <= last;
  let before = after;
  for (const entry of [...tab.appended.values()].filter(isInRange)) {
    const { seq } = entry;
    const kept = log.bySeq.get(seq);
    if (seq <= before) find('doubled', `took ${seq} after ${before}`);
    if (kept === undefined && !gone.has(seq)) find('wrong', `took ${seq}, which the log has not`);
    if (kept !== undefined && JSON.stringify(kept) !== JSON.stringify(entry)) {
      find('wrong', `took ${JSON.stringify(entry)}, where the log has ${JSON.stringify(kept)}`);
    }
    before = seq;
  }
  for (const { seq, text } of log.between(after, last)) {
    if (!tab.appended.has(seq)) find('lost', `did not take ${seq}: ${text}`);
  }
  for (const item of [...tab.shown.values()].filter(isInRange)) {
    findings.push(...checkItem(tab.name, item, log, gone));
  }
  return findings;
}

function checkItem(name: string, item: LogItem, log: KeptLog, gone: ReadonlySet<number>): Finding[] {
  const wrong = (what: string): Finding[] => [{ fault: 'wrong', what: `${name}: ${what}` }];
  if (item.kind === 'missing') return wrong(`calls ${item.count} from ${item.seq} missing`);
  const entry = log.bySeq.get(item.seq);
  if (item.kind === 'gap') {
    const { since, until } = entry?.gap ?? {};
    const isSame = item.since === since && item.until === until;
    return isSame || gone.has(item.seq) ? [] : wrong(`shows a gap at ${item.seq} that is not there`);
  }
  if (item.seqs.some((seq) => gone.has(seq))) return [];
  const text = toPageText(item.seqs.map((seq) => log.bySeq.get(seq)?.text ?? '').join(''));
  if (item.text !== text)
    return wrong(`shows ${JSON.stringify(item.text)} at ${item.seq}, not ${JSON.stringify(text)}`);
  if (item.from !== entry?.from) return wrong(`shows ${item.from} at ${item.seq}, not ${entry?.from}`);
  // The beginning of a long message may have scrolled away: the rest is then shown by itself.
  const root = log.bySeq.get(entry.continues ?? entry.seq);
  // And so is a rest whose beginning fell into a gap: whose it is, it does not tell.
  const isOwn = root && BEGINNING.test(root.text) ? root.text.startsWith(`${name} `) : item.mine;
  if (item.mine !== isOwn)
    return wrong(`takes ${item.seq} for ${item.mine ? 'its own' : "another's"}: ${text}`);
  return [];
}

/**
 * Numbers that tabs saw and the log has lost: after the last that was kept before the kill, without a hole, the
 * same in all tabs, and all heard just before it.
 */
export function checkGone(
  tabs: readonly Seen[],
  log: KeptLog,
  after: number,
  killedAt: number,
): { findings: Finding[]; gone: Set<number>; longestMs: number } {
  const findings: Finding[] = [];
  const gone = new Set<number>();
  const texts = new Map<number, string>();
  let longestMs = 0;
  const jump = log.entries.findIndex(
    ({ seq }, index) => seq > after && seq > (log.entries[index - 1]?.seq ?? seq) + 1,
  );
  const next = log.entries[jump];
  if (next === undefined) return { findings, gone, longestMs };
  const kept = log.entries[jump - 1]?.seq ?? 0;
  for (const { name, appended } of tabs) {
    let before = kept;
    for (const { seq, at, text } of appended.values()) {
      if (seq <= kept || seq >= next.seq) continue;
      const ago = killedAt - at;
      longestMs = Math.max(longestMs, ago);
      if (seq !== before + 1)
        findings.push({ fault: 'unmarked hole', what: `${name} saw ${seq} after ${before}` });
      if (ago > MAY_BE_LOST_MS + LATENESS_MS) {
        findings.push({ fault: 'lost', what: `the log lost ${seq}, heard ${ago} ms before the kill` });
      }
      if ((texts.get(seq) ?? text) !== text)
        findings.push({ fault: 'wrong', what: `${name} saw other words at ${seq}` });
      texts.set(seq, text);
      gone.add(seq);
      before = seq;
    }
  }
  return { findings, gone, longestMs };
}

export interface Speaker {
  number: number;
  saidAt: readonly number[];
}

type Gap = NonNullable<Entry['gap']>;

/**
 * All that terminals said is there once and in order; what is not, a gap tells of, in its place and time.
 *
 * A line belongs to the terminal that it names: the system gives the address of a closed connection to another terminal.
 * The address only joins the pieces of a line.
 */
export class TerminalCheck {
  /** The beginning of a line, by address. */
  readonly #begun = new Map<string, string>();
  /** The last line of each terminal, and the gaps since then. */
  readonly #counted = new Map<number, { line: number; gaps: Gap[] }>();

  check(speakers: readonly Speaker[], entries: readonly Entry[]): Finding[] {
    for (const { number } of speakers) {
      if (!this.#counted.has(number)) this.#counted.set(number, { line: 0, gaps: [] });
    }
    return entries.flatMap((entry) => {
      if (entry.gap) {
        this.#passGap(entry.gap);
        return [];
      }
      return this.#linesOf(entry).flatMap(([, number, line]) => {
        const speaker = speakers.find((candidate) => candidate.number === Number(number));
        return speaker ? this.#count(speaker, Number(line)) : [];
      });
    });
  }

  /** No line goes on after a gap. */
  #passGap(gap: Gap): void {
    this.#begun.clear();
    for (const { gaps } of this.#counted.values()) gaps.push(gap);
  }

  /** Whole lines that end in this entry. */
  #linesOf({ from, text }: Entry): RegExpMatchArray[] {
    const words = (this.#begun.get(from) ?? '') + text.replaceAll('\n', '');
    const lines = [...words.matchAll(TERMINAL_LINE)];
    const last = lines.at(-1);
    this.#begun.set(from, words.slice(last ? last.index + last[0].length : 0));
    return lines;
  }

  #count({ number, saidAt }: Speaker, next: number): Finding[] {
    const findings: Finding[] = [];
    const { line, gaps } = this.#counted.get(number) ?? { line: 0, gaps: [] };
    if (next <= line) {
      findings.push({ fault: 'doubled', what: `terminal ${number} said ${next} after ${line}` });
    }
    for (let missing = line + 1; missing < next; missing++) {
      const at = saidAt[missing] ?? 0;
      if (gaps.some(({ since, until }) => at >= since - UNDER_WAY_MS && at <= until)) continue;
      const what = `line ${missing} of terminal ${number} (said at ${at}) is not there, gaps ${JSON.stringify(gaps)}`;
      findings.push({ fault: 'unmarked hole', what });
    }
    this.#counted.set(number, { line: Math.max(line, next), gaps: [] });
    return findings;
  }
}

export interface Outcome {
  text: string;
  /** What the page tells of it; undefined: that the log shows it. */
  state: string | undefined;
}

/** Each say is in the log once, or was reported. `gone`: texts that a kill took from the log. */
export function checkSays(
  name: string,
  outcomes: readonly Outcome[],
  counts: ReadonlyMap<string, number>,
  gone: ReadonlySet<string>,
): Finding[] {
  return outcomes.flatMap(({ text, state }): Finding[] => {
    const count = counts.get(text) ?? 0;
    const what = `${name} said ${JSON.stringify(text.slice(0, 60))} (${state ?? 'shown'}), in the log ${count} times`;
    if (count + Number(gone.has(text)) > 1) return [{ fault: 'doubled', what }];
    if (state === 'failed') return count === 0 ? [] : [{ fault: 'wrong', what }];
    if (state === 'unconfirmed' || gone.has(text)) return [];
    return count === 1 ? [] : [{ fault: 'lost', what }];
  });
}

/** What the gateway called heard is in the log under that number. */
export function checkHeard(
  name: string,
  heard: readonly { text: string; seq: number }[],
  log: KeptLog,
  gone: ReadonlySet<number>,
): Finding[] {
  return heard.flatMap(({ text, seq }): Finding[] => {
    const entry = log.bySeq.get(seq);
    const isThere = entry !== undefined && entry.text !== '' && text.startsWith(entry.text.trimEnd());
    if (isThere || gone.has(seq)) return [];
    return [
      { fault: 'wrong', what: `${name}: heard at ${seq}, which is ${JSON.stringify(entry?.text)}: ${text}` },
    ];
  });
}
