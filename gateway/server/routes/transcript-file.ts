/**
 * The transcript as a file, a slice of work at a time: as JSON lines the entries as they are, as text whole messages.
 */

import { toSingleLine } from '../../../common/control-characters.ts';
import { header } from '../../../tcp-server/wire.ts';
import type { TimeSlices } from '../../lib/time-slices.ts';
import type { Entry } from '../../protocol.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** Entries read in one slice: a fraction of a ms, and memory that each download may keep while it is not read. */
const SLICE_ENTRIES = 100;

export async function* asJsonLines(transcript: Transcript, slices: TimeSlices): AsyncGenerator<string> {
  for await (const step of stepsOf(transcript, slices)) yield step.map((json) => `${json}\n`).join('');
}

/**
 * A message stands where it began, with all that continues it, whoever spoke in between. Text that somebody else may
 * have forged is never joined to it, nor text that is not on disk yet.
 */
export async function* asText(transcript: Transcript, slices: TimeSlices): AsyncGenerator<string> {
  transcript.flush();
  const { tail, written } = transcript;
  for await (const step of stepsOf(transcript, slices)) {
    const entries = step.map((json) => JSON.parse(json) as Entry);
    const continued = transcript.continuedBetween(entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0);
    let text = '';
    for (const entry of entries) {
      const { seq, continues, forged } = entry;
      if (continues !== undefined && continues >= tail && seq <= written && !forged) continue;
      text += lineOf(entry);
      if (continued.has(entry.seq)) {
        yield text;
        text = '';
        yield* piecesOf(entry, written, transcript, slices);
      }
      text += '\n';
    }
    if (text !== '') yield text;
  }
}

/** Up to where the log is now, because a file has an end. */
async function* stepsOf(transcript: Transcript, slices: TimeSlices): AsyncGenerator<string[]> {
  const before = transcript.head + 1;
  for (let after = 0; ; ) {
    await slices.next();
    const step = transcript.find({ after, before, limit: SLICE_ENTRIES });
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
): AsyncGenerator<string> {
  for (let after = root.seq; ; ) {
    const pieces = transcript.piecesOf(root.seq, after, written + 1, SLICE_ENTRIES);
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

/** People look at the file in a terminal: each line begins with its time, and moves no cursor. */
function linesOf(text: string, entry: Entry): string {
  return text
    .split('\n')
    .map(toSingleLine)
    .join(`\n${isoTime(entry.at)} ${speakerOf(entry)}`);
}

/** The mark stands before the address, where no text of a message can stand. */
function speakerOf({ from, forged }: Entry): string {
  return `${forged ? 'FORGED ' : ''}${from === '' ? '' : header(from)}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function seqOf(json: string): number {
  return (JSON.parse(json) as Entry).seq;
}
