/** Finds the days that have messages. It reads only the beginning of each. */
import type { Calendar } from '../../lib/calendar.ts';
import type { Slices } from '../../lib/time-slices.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { SelectedMessages, type Selection } from './transcript-file.ts';

export interface Day {
  /** For example `2026-11-27`. */
  day: string;
  /** Time of its first message, ms since 1970. */
  at: number;
}

export async function* daysOf(
  transcript: Transcript,
  slices: Slices,
  { audience, period }: Selection,
  calendar: Calendar,
): AsyncGenerator<Day> {
  const end = period?.end ?? Number.POSITIVE_INFINITY;
  for (let start = period?.start ?? 0; start < end; ) {
    const messages = new SelectedMessages(transcript, { audience, period: { start, end } });
    const at = await timeOfFirst(messages, slices);
    if (at === undefined) return;
    const day = calendar.dayOf(at);
    yield { day, at };
    start = calendar.periodOf(day).end;
  }
}

async function timeOfFirst(messages: SelectedMessages, slices: Slices): Promise<number | undefined> {
  for (;;) {
    await slices.next();
    const roots = messages.read();
    if (roots === undefined || roots.length > 0) return roots?.[0]?.at;
  }
}
