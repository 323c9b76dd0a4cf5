/**
 * The invariants after every fault, as pure functions of the gateway's log and of the records of tabs and terminals.
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

/** Longest time that a killed gateway may not have written to disk, ms. */
export const MAY_BE_LOST_MS = 100;
/** Longest delay of its timer and of our signal on a busy machine, ms. */
export const LATENESS_MS = 500;
/** Longest way of a line from its sender to the ear on a busy machine, ms. Later lines of its terminal wait behind it. */
const UNDER_WAY_MS = 10_000;
/** A longer pause between two entries is one in which the gateway did not run, ms. The speakers never pause. */
const PAUSE_MS = 50;

/** The beginning of a tab's message: `p07 000123 `. */
const SAY = /^p\d{2,} \d{6} /;
/** The beginning of any message. */
const BEGINNING = /^(?:[pt]\d+ \d{6} |fence )/;

/** The log so far, as the gateway serves it in pages. */
export class KeptLog {
  readonly entries: Entry[] = [];
  readonly bySeq = new Map<number, Entry>();
  /** Texts of messages by the number of their first entry, with continuations joined. */
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

  /** Each complete say and the number of its occurrences. */
  says(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const text of this.#texts.values()) {
      if (SAY.test(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return counts;
  }
}

/** Reports skipped numbers. Only a killed gateway skips some, after a gap. */
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
  /** The entries that it appended to its log. */
  appended: ReadonlyMap<number, Entry>;
  /** The items that it was seen to show. */
  shown: ReadonlyMap<number, LogItem>;
}

/** Compares the entries of a tab after `after` up to `last` with the log. `gone`: numbers that a kill lost. */
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
  if (item.kind === 'room') return wrong(`takes ${item.seq} for a line of the room`);
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
  // The first part of a long message may have scrolled away. The rest is then shown by itself.
  const root = log.bySeq.get(entry.continues ?? entry.seq);
  // The first part may also be lost in a gap. Then the rest does not show its owner.
  const isOwn = root && BEGINNING.test(root.text) ? root.text.startsWith(`${name} `) : item.mine;
  if (item.mine !== isOwn)
    return wrong(`takes ${item.seq} for ${item.mine ? 'its own' : "another's"}: ${text}`);
  return [];
}

/**
 * Checks the numbers that tabs saw and the log has lost. They must follow the last number kept before the kill,
 * without a hole, be equal in all tabs, and be received just before it.
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
    const lost = [...appended.values()].filter(({ seq }) => seq > kept && seq < next.seq);
    for (const [index, { seq, at, text }] of lost.entries()) {
      longestMs = Math.max(longestMs, killedAt - at);
      const ago = ranMs(lost.slice(index), killedAt);
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

/** Time for which the gateway ran from the first of the entries to its kill, ms. */
function ranMs(entries: readonly Entry[], killedAt: number): number {
  const times = [...entries.map(({ at }) => at), killedAt];
  return times.reduce((sum, at, index) => sum + Math.min(at - (times[index - 1] ?? at), PAUSE_MS), 0);
}

export interface Speaker {
  number: number;
  saidAt: readonly number[];
}

type Gap = NonNullable<Entry['gap']>;

/**
 * Checks that every line of the terminals is in the log once and in order, or that a gap covers its time.
 *
 * A line belongs to the terminal that it names, because the system may assign the address of a closed connection to
 * another terminal. The address only joins the parts of a line.
 */
export class TerminalCheck {
  /** The unfinished line of each address. */
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

  /** Lines do not continue after a gap. */
  #passGap(gap: Gap): void {
    this.#begun.clear();
    for (const { gaps } of this.#counted.values()) gaps.push(gap);
  }

  /** Complete lines that end in this entry. */
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
  /** The state that the page reports. `undefined`: the log shows the message. */
  state: string | undefined;
}

/** Checks that each say is in the log once, or was reported. `gone`: texts that a kill removed from the log. */
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

/** Checks that each confirmed say is in the log under its number. */
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
