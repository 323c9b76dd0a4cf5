/**
 * The report for people, in 80 columns.
 */
import type { Result } from '../outcome.ts';
import type { CheckTexts, CodeLanguage } from '../texts/check-texts.ts';
import { CODE_LINES } from '../texts/code-lines.ts';
import type { Points } from './points.ts';

const COLUMNS = 80;
const STATUS_CHARS = 11;
const ID_CHARS = 13;
const LABEL_CHARS = 11;

export function textHeading(title: string, notes: readonly string[]): string {
  return [...wrap(title, COLUMNS), ...notes.flatMap((note) => wrap(note, COLUMNS)), ''].join('\n');
}

/** One line as soon as a check is done. */
export function textRow({ id, status }: Result, { report, checks }: CheckTexts): string {
  return `${report.status[status].padEnd(STATUS_CHARS)}${id.padEnd(ID_CHARS)}${checks[id].title}`;
}

/** The explanations, and the sum at the end, where a person looks first. */
export function textDetails(
  results: readonly Result[],
  points: Points,
  texts: CheckTexts,
  code: readonly CodeLanguage[],
): string {
  const { report } = texts;
  const explained = results.filter(({ status, isConsequence }) => status === 'failed' && !isConsequence);
  const notes = results.filter(({ status }) => status === 'noted');
  const consequences = new Map<string, string[]>();
  for (const { isConsequence, seen, id } of results) {
    if (isConsequence)
      consequences.set(seen(texts.facts), [...(consequences.get(seen(texts.facts)) ?? []), id]);
  }
  return [
    ...explained.flatMap((result) => ['', ...explanation(result, texts, code)]),
    ...[...consequences].flatMap(([reason, ids]) => ['', ...wrap(`${ids.join(', ')}: ${reason}`, COLUMNS)]),
    ...(notes.length > 0 ? ['', report.noted] : []),
    ...notes.flatMap(({ id, seen }) => field(id, seen(texts.facts), ID_CHARS)),
    '',
    report.summary(points.counts),
    report.points(points.earned, points.total),
  ].join('\n');
}

function explanation(
  { id, status, seen, printed }: Result,
  texts: CheckTexts,
  code: readonly CodeLanguage[],
): string[] {
  const { report, checks, facts } = texts;
  const { title, sent, why, mend } = checks[id];
  return [
    `${report.status[status]} ${id}: ${title}`,
    ...field(report.sent, sent),
    ...field(report.seen, seen(facts)),
    ...printed.map((line, index) => `${label(index === 0 ? report.printed : '', LABEL_CHARS)}${line}`),
    ...field(report.why, why),
    ...field(report.mend, mend),
    ...code.flatMap((language) =>
      CODE_LINES[id][language].map(
        (line, index) => `${label(index === 0 ? report.names[language] : '', LABEL_CHARS)}${line}`,
      ),
    ),
  ];
}

function field(name: string, text: string, chars = LABEL_CHARS): string[] {
  return wrap(text, COLUMNS - chars - 2).map((line, index) => label(index === 0 ? name : '', chars) + line);
}

function label(name: string, chars: number): string {
  return `  ${name.padEnd(chars)}`;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
