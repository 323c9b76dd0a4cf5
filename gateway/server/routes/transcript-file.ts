/**
 * Writes the transcript as a file, one time slice after another. JSON lines hold entries, text holds complete messages.
 */
import { toSingleLine } from '../../../common/control-characters.ts';
import { header } from '../../../tcp-server/wire.ts';
import type { TimeSlices } from '../../lib/time-slices.ts';
import type { Entry } from '../../protocol.ts';
import type { Audience } from '../../transcript/hidden-messages.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** Entries read in one slice: a fraction of a ms, and little memory while the client does not read. */
const SLICE_ENTRIES = 25;

export async function* asJsonLines(
  transcript: Transcript,
  slices: TimeSlices,
  audience: Audience = 'guests',
): AsyncGenerator<string> {
  for await (const step of stepsOf(transcript, slices, audience))
    yield step.map((json) => `${json}\n`).join('');
}

/**
 * Writes each message where it began, together with its continuations. Text that may be forged, or is not on disk yet,
 * is never joined to a message. Hidden messages are left out, except for hosts.
 */
export async function* asText(
  transcript: Transcript,
  slices: TimeSlices,
  audience: Audience = 'guests',
): AsyncGenerator<string> {
  transcript.flush();
  const { tail, written } = transcript;
  for await (const step of stepsOf(transcript, slices, audience)) {
    const entries = step.map((json) => JSON.parse(json) as Entry);
    const continued = transcript.continuedBetween(entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0);
    let text = '';
    for (const entry of entries) {
      const { seq, continues, forged, hidden } = entry;
      if (hidden && audience === 'guests') continue;
      if (continues !== undefined && continues >= tail && seq <= written && !forged) continue;
      text += lineOf(entry);
      if (continued.has(entry.seq)) {
        yield text;
        text = '';
        yield* piecesOf(entry, written, transcript, slices, audience);
      }
      text += '\n';
    }
    if (text !== '') yield text;
  }
}

/** Ends at the current head, because a file has an end. */
async function* stepsOf(
  transcript: Transcript,
  slices: TimeSlices,
  audience: Audience,
): AsyncGenerator<string[]> {
  const before = transcript.head + 1;
  for (let after = 0; ; ) {
    await slices.next();
    const step = transcript.find({ after, before, limit: SLICE_ENTRIES, audience });
    const last = step.at(-1);
    if (last === undefined) return;
    yield step;
    after = seqOf(last);
  }
}

async function* piecesOf(
  root: Entry,
  written: number,
  transcript: Transcript,
  slices: TimeSlices,
  audience: Audience,
): AsyncGenerator<string> {
  for (let after = root.seq; ; ) {
    const pieces = transcript.piecesOf(root.seq, after, written + 1, SLICE_ENTRIES, audience);
    const last = pieces.at(-1);
    if (last === undefined) return;
    const entries = pieces.map((json) => JSON.parse(json) as Entry);
    yield entries
      .filter(({ forged }) => !forged)
      .map(({ text }) => linesOf(text, root))
      .join('');
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

function seqOf(json: string): number {
  return (JSON.parse(json) as Entry).seq;
}
