/**
 * Writes the transcript as a page to keep and to print, one time slice after another. It stands alone and has no script.
 * Names and blocks of code are as on the page of the room.
 *
 *     heading, links to the days, a section for each day      a chosen day hides the others, also in print
 */
import { toPageText } from '../../../common/control-characters.ts';
import { CodeRun, joinRun, MESSAGE_MAX_CHARACTERS } from '../../../common/display/code-runs.ts';
import { DATE_LOCALES } from '../../../common/display/date-locales.ts';
import { KnownNames, SpeakerGroups } from '../../../common/display/speakers.ts';
import type { Calendar } from '../../lib/calendar.ts';
import type { Slices } from '../../lib/time-slices.ts';
import { type Entry, parseNickname } from '../../protocol.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { type Day, daysOf } from './transcript-days.ts';
import { asMessages, type MessageWriter, type Selection } from './transcript-file.ts';
import { escapeHtml, type FileMessage, renderMessage } from './transcript-markup.ts';
import { PAGE_STRINGS, type PageLanguage, type PageStrings } from './transcript-strings.ts';
import { POLICY, STYLE } from './transcript-style.ts';

export interface PageOptions {
  calendar: Calendar;
  lang: PageLanguage;
  /** Title of the room; empty without one. */
  title: string;
}

export async function* asPage(
  transcript: Transcript,
  slices: Slices,
  selection: Selection,
  options: PageOptions,
): AsyncGenerator<Buffer> {
  const page = new TranscriptPage(options);
  const days: Day[] = [];
  for await (const day of daysOf(transcript, slices, selection, options.calendar)) days.push(day);
  yield Buffer.from(page.start(Date.now(), days));
  yield* asMessages(transcript, slices, selection, page);
  yield Buffer.from(page.finish());
}

class TranscriptPage implements MessageWriter {
  readonly #strings: PageStrings;
  readonly #options: PageOptions;
  readonly #groups = new SpeakerGroups();
  readonly #names = new KnownNames();
  readonly #dates: ReturnType<typeof datesIn>;
  /** Messages that are not written yet, because the next ones may be lines of the same code. */
  #run = new CodeRun<FileMessage>();
  #day: string | undefined;
  /** Text of a message whose pieces still come. */
  #text = '';

  constructor(options: PageOptions) {
    this.#options = options;
    this.#strings = PAGE_STRINGS[options.lang];
    this.#dates = datesIn(options.lang, options.calendar.timeZone);
  }

  start(now: number, days: readonly Day[]): string {
    const { title, lang, calendar } = this.#options;
    const name = escapeHtml(title || 'Tertulia');
    return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${name}</h1><p>${escapeHtml(this.#strings.saved(this.#dates.full(now), calendar.timeZone))}</p></header>
${days.length > 1 ? this.#renderDays(days) : ''}<main>
`;
  }

  begin({ text }: Entry): string {
    this.#text = text;
    return '';
  }

  /** A message longer than the page of the room shows as one comes in parts. */
  add({ text }: Entry, root: Entry): string {
    const html = this.#text.length > MESSAGE_MAX_CHARACTERS ? this.end(root) : '';
    this.#text += text;
    return html;
  }

  end(root: Entry): string {
    const text = this.#text;
    this.#text = '';
    return this.#add(root, text);
  }

  /** Returns what is complete by now. */
  #add(entry: Entry, text: string): string {
    const { at, gap, note } = entry;
    if (gap) {
      const times = this.#spanOf(gap.since, Math.max(gap.since, gap.until));
      return this.#addLine(at, this.#strings.gap(...times));
    }
    if (note) return this.#addLine(at, `${toPageText(text)} · ${this.#dates.short(at)}`);
    const message = messageOf(entry, text);
    if (this.#run.add(message)) return '';
    const html = this.#endRun();
    this.#run.add(message);
    return html;
  }

  finish(): string {
    const last = this.#endRun();
    return `${last}${this.#day === undefined ? `<p>${escapeHtml(this.#strings.nothing)}</p>` : '</section>'}
</main>
</body>
</html>
`;
  }

  #endRun(): string {
    const messages = joinRun(this.#run.messages);
    this.#run = new CodeRun();
    return messages.map((message) => this.#renderMessage(message)).join('');
  }

  #renderMessage(message: FileMessage): string {
    const { at } = message;
    const day = this.#startDay(at);
    const formerly = this.#names.rename(message);
    const starts = this.#groups.startsWith(message, at);
    const heading = starts ? { time: this.#dates.short(at), formerly } : undefined;
    return day + renderMessage(message, heading, this.#dates.full(at), this.#strings);
  }

  #addLine(at: number, text: string): string {
    const before = this.#endRun() + this.#startDay(at);
    this.#groups.end();
    return `${before}<p class="line"><bdi>${escapeHtml(text)}</bdi></p>\n`;
  }

  #startDay(at: number): string {
    const day = this.#options.calendar.dayOf(at);
    if (day === this.#day) return '';
    const before = this.#day === undefined ? '' : '</section>\n';
    this.#day = day;
    this.#groups.end();
    return `${before}<section id="${day}"><h2>${escapeHtml(this.#dates.day(at))}</h2>\n`;
  }

  /** Two times, with their days if these differ. */
  #spanOf(since: number, until: number): [string, string] {
    const { calendar } = this.#options;
    const format = calendar.dayOf(since) === calendar.dayOf(until) ? this.#dates.precise : this.#dates.full;
    return [format(since), format(until)];
  }

  #renderDays(days: readonly Day[]): string {
    const { days: label, allDays } = this.#strings;
    const links = days.map(({ day, at }) => `<a href="#${day}">${escapeHtml(this.#dates.shortDay(at))}</a>`);
    return `<nav aria-label="${escapeHtml(label)}"><a href="#all">${escapeHtml(allDays)}</a> ${links.join(' ')}</nav>\n`;
  }
}

function messageOf(entry: Entry, text: string): FileMessage {
  const { seq, at, from, said, forged, hidden, taken } = entry;
  return {
    seqs: [seq],
    at,
    from,
    ...parseNickname(toPageText(text)),
    forged: forged === true,
    ...(hidden && { hidden }),
    by: said?.by,
    taken: taken === true,
    isHost: said?.host === true,
  };
}

function datesIn(lang: PageLanguage, timeZone: string) {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const { format } = new Intl.DateTimeFormat(DATE_LOCALES[lang], { timeZone, ...options });
    return (at: number) => format(at);
  };
  return {
    short: format({ hour: '2-digit', minute: '2-digit' }),
    precise: format({ timeStyle: 'medium' }),
    full: format({ dateStyle: 'long', timeStyle: 'medium' }),
    day: format({ dateStyle: 'full' }),
    shortDay: format({ day: 'numeric', month: 'short' }),
  };
}
