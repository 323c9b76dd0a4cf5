/**
 * Writes the transcript as a file, one time slice after another. JSON lines hold entries, text holds complete messages.
 * transcript-page.ts writes it as a page.
 */
import { toSingleLine } from '../../../common/control-characters.ts';
import { header } from '../../../tcp-server/wire.ts';
import type { Slices } from '../../lib/time-slices.ts';
import type { Entry } from '../../protocol.ts';
import type { Audience } from '../../transcript/hidden-messages.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** Entries read in one slice: a fraction of a ms, and little memory while the client does not read. */
const SLICE_ENTRIES = 25;

/** Selects the entries of a file. */
export interface Selection {
  audience: Audience;
  /** Only entries since the start of a period and before its end, ms since 1970. */
  period?: { start: number; end: number };
}

export const EVERYTHING: Selection = { audience: 'guests' };

export async function* asJsonLines(
  transcript: Transcript,
  slices: Slices,
  selection = EVERYTHING,
): AsyncGenerator<string> {
  for await (const step of stepsOf(transcript, slices, selection))
    yield step.map((json) => `${json}\n`).join('');
}

/** Writes each message where it began, together with its continuations. */
export async function* asText(
  transcript: Transcript,
  slices: Slices,
  selection = EVERYTHING,
): AsyncGenerator<string> {
  for await (const roots of rootsOf(transcript, slices, selection)) {
    let text = '';
    for (const { entry, pieces } of roots) {
      text += lineOf(entry);
      if (pieces !== undefined) {
        yield text;
        text = '';
        for await (const more of pieces) yield more.map((piece) => linesOf(piece.text, entry)).join('');
      }
      text += '\n';
    }
    if (text !== '') yield text;
  }
}

/** An entry that continues no other, with the entries that continue it. */
export interface Root {
  entry: Entry;
  pieces: AsyncGenerator<Entry[]> | undefined;
}

/**
 * Reads the entries that begin a message, a slice at a time. Text that may be forged, or is not on disk yet, is never
 * joined to a message. Hidden messages are left out, except for hosts.
 */
export async function* rootsOf(
  transcript: Transcript,
  slices: Slices,
  selection: Selection,
): AsyncGenerator<Root[]> {
  const { audience } = selection;
  transcript.flush();
  const { tail, written } = transcript;
  for await (const step of stepsOf(transcript, slices, selection)) {
    const entries = step.map((json) => JSON.parse(json) as Entry);
    const continued = transcript.continuedBetween(entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0);
    const isPiece = ({ seq, continues, forged }: Entry) =>
      continues !== undefined && continues >= tail && seq <= written && !forged;
    yield entries
      .filter((entry) => !(isPiece(entry) || (entry.hidden && audience === 'guests')))
      .map((entry) => ({
        entry,
        pieces: continued.has(entry.seq) ? piecesOf(entry, written, transcript, slices, audience) : undefined,
      }));
  }
}

/** Ends at the current head, because a file has an end. */
async function* stepsOf(
  transcript: Transcript,
  slices: Slices,
  { audience, period }: Selection,
): AsyncGenerator<string[]> {
  const before = transcript.head + 1;
  let after = period === undefined ? 0 : lastBefore(transcript, period.start);
  for (;;) {
    await slices.next();
    const step = transcript.find({ after, before, limit: SLICE_ENTRIES, audience });
    const end = period === undefined ? step.length : step.findIndex((json) => atOf(json) >= period.end);
    const last = step.at(-1);
    if (last === undefined || end === 0) return;
    yield end < 0 ? step : step.slice(0, end);
    if (end >= 0 && end < step.length) return;
    after = seqOf(last);
  }
}

/** Finds the last entry before a time, by binary search, because the time of an entry never goes back. */
function lastBefore(transcript: Transcript, time: number): number {
  let low = transcript.tail - 1;
  let high = transcript.head;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    // A seq may have no entry. The next entry decides.
    const [next] = transcript.find({ after: middle - 1, limit: 1 });
    if (next !== undefined && atOf(next) < time) low = Math.max(middle, seqOf(next));
    else high = middle - 1;
  }
  return Math.max(0, low);
}

async function* piecesOf(
  root: Entry,
  written: number,
  transcript: Transcript,
  slices: Slices,
  audience: Audience,
): AsyncGenerator<Entry[]> {
  for (let after = root.seq; ; ) {
    const pieces = transcript.piecesOf(root.seq, after, written + 1, SLICE_ENTRIES, audience);
    const last = pieces.at(-1);
    if (last === undefined) return;
    const entries = pieces.map((json) => JSON.parse(json) as Entry);
    yield entries.filter(({ forged }) => !forged);
    after = seqOf(last);
    await slices.next();
  }
}

function lineOf(entry: Entry): string {
  const { at, gap, text } = entry;
  if (gap) return `${isoTime(gap.since)} -- ${isoTime(Math.max(gap.since, gap.until))} --`;
  return `${isoTime(at)} ${speakerOf(entry)}${linesOf(text, entry)}`;
}

/** Begins each line with its time. Control characters are removed, because people read the file in a terminal. */
function linesOf(text: string, entry: Entry): string {
  return text
    .split('\n')
    .map(toSingleLine)
    .join(`\n${isoTime(entry.at)} ${speakerOf(entry)}`);
}

/** Puts the mark before the address, where the text of a message cannot be. */
function speakerOf({ from, forged, taken, hidden }: Entry): string {
  const marks = `${hidden ? 'HIDDEN ' : ''}${forged ? 'FORGED ' : ''}${taken ? 'NAME-IN-USE ' : ''}`;
  return `${marks}${from === '' ? '' : header(from)}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function atOf(json: string): number {
  return (JSON.parse(json) as Entry).at;
}

function seqOf(json: string): number {
  return (JSON.parse(json) as Entry).seq;
}
