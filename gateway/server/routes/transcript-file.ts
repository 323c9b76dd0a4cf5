/**
 * Writes the transcript as a file, one time slice after another. JSON lines hold entries, text holds complete messages.
 * transcript-page.ts writes it as a page.
 *
 *     slices ---> next part of the text ---> reads some entries, writes them, forgets them ---> waits for a slice ...
 *
 * Between two slices a file keeps its place in the log, and bytes that the client has not read. V8 moves what waits to its
 * old generation, where garbage costs more. A generator that waits keeps all its variables, also those that it will not
 * read again. So entries and text are only in functions that never wait.
 */
import { toSingleLine } from '../../../common/control-characters.ts';
import { header } from '../../../tcp-server/wire.ts';
import type { Slices } from '../../lib/time-slices.ts';
import type { Entry } from '../../protocol.ts';
import type { Audience } from '../../transcript/hidden-messages.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** Entries read in one slice: a fraction of a ms. */
const SLICE_ENTRIES = 25;

/** Selects the entries of a file. */
export interface Selection {
  audience: Audience;
  /** Only entries since the start of a period and before its end, ms since 1970. */
  period?: { start: number; end: number };
}

export const EVERYTHING: Selection = { audience: 'guests' };

/** Writes the messages of a file. The text of a long message comes in pieces. */
export interface MessageWriter {
  begin(root: Entry): string;
  add(piece: Entry, root: Entry): string;
  end(root: Entry): string;
}

/** Writes each message where it began, together with its continuations. */
const TEXT: MessageWriter = {
  begin: lineOf,
  add: (piece, root) => linesOf(piece.text, root),
  end: () => '\n',
};

export function asJsonLines(
  transcript: Transcript,
  slices: Slices,
  selection = EVERYTHING,
): AsyncGenerator<Buffer> {
  const entries = new SelectedEntries(transcript, selection);
  return inSlices(slices, () => {
    const step = entries.read();
    return step.length === 0 ? undefined : step.map((json) => `${json}\n`).join('');
  });
}

export function asText(
  transcript: Transcript,
  slices: Slices,
  selection = EVERYTHING,
): AsyncGenerator<Buffer> {
  return asMessages(transcript, slices, selection, TEXT);
}

export function asMessages(
  transcript: Transcript,
  slices: Slices,
  selection: Selection,
  writer: MessageWriter,
): AsyncGenerator<Buffer> {
  const messages = new SelectedMessages(transcript, selection);
  return inSlices(slices, () => messages.write(writer));
}

/** Calls `next` once in each slice, until it returns undefined. */
async function* inSlices(slices: Slices, next: () => string | undefined): AsyncGenerator<Buffer> {
  for (;;) {
    await slices.next();
    const part = bytesOf(next);
    if (part === undefined) return;
    if (part.length > 0) yield part;
  }
}

/** Bytes lie outside the heap of V8. */
function bytesOf(next: () => string | undefined): Buffer | undefined {
  const text = next();
  return text === undefined ? undefined : Buffer.from(text);
}

/** Reads the entries of a file. It ends at the current head, because a file has an end. */
class SelectedEntries {
  readonly #transcript: Transcript;
  readonly #selection: Selection;
  readonly #before: number;
  #after: number;

  constructor(transcript: Transcript, selection: Selection) {
    const { period } = selection;
    this.#transcript = transcript;
    this.#selection = selection;
    this.#before = transcript.head + 1;
    this.#after = period === undefined ? 0 : lastBefore(transcript, period.start);
  }

  /** Returns the JSON of the next entries, none at the end. */
  read(): string[] {
    const { audience, period } = this.#selection;
    const query = { after: this.#after, before: this.#before, limit: SLICE_ENTRIES, audience };
    const found = this.#transcript.find(query);
    const end = period === undefined ? -1 : found.findIndex((json) => atOf(json) >= period.end);
    const step = end < 0 ? found : found.slice(0, end);
    const last = step.at(-1);
    if (last !== undefined) this.continueAfter(seqOf(last));
    return step;
  }

  continueAfter(seq: number): void {
    this.#after = seq;
  }
}

/** A place in a message: after the piece with this seq. */
interface Place {
  root: Entry;
  after: number;
}

/**
 * Reads the messages of a file. Text that may be forged, or is not on disk yet, is never joined to a message. Hidden
 * messages are left out, except for hosts.
 */
export class SelectedMessages {
  readonly #transcript: Transcript;
  readonly #audience: Audience;
  readonly #entries: SelectedEntries;
  readonly #tail: number;
  readonly #written: number;
  /** Set within a message of more pieces than one slice reads. */
  #long: Place | undefined;

  constructor(transcript: Transcript, selection: Selection) {
    transcript.flush();
    this.#transcript = transcript;
    this.#audience = selection.audience;
    this.#entries = new SelectedEntries(transcript, selection);
    this.#tail = transcript.tail;
    this.#written = transcript.written;
  }

  /** Returns the entries that begin the next messages, perhaps none; undefined at the end. */
  read(): Entry[] | undefined {
    const entries = this.#entries.read().map(parse);
    return entries.length === 0 ? undefined : entries.filter((entry) => this.#isRoot(entry));
  }

  /** Returns the next part of the text, perhaps an empty one; undefined at the end. */
  write(writer: MessageWriter): string | undefined {
    if (this.#long) return this.#addPieces(writer, this.#long.root, this.#piecesOf(this.#long));
    const roots = this.read();
    if (roots === undefined) return undefined;
    const continued = this.#transcript.messages.continuedBetween(
      roots.at(0)?.seq ?? 0,
      roots.at(-1)?.seq ?? 0,
    );
    const parts: string[] = [];
    let read = 0;
    for (const root of roots) {
      const pieces = continued.has(root.seq) ? this.#piecesOf({ root, after: root.seq }) : [];
      parts.push(writer.begin(root), this.#addPieces(writer, root, pieces));
      read += pieces.length;
      if (read < SLICE_ENTRIES) continue;
      this.#entries.continueAfter(root.seq);
      break;
    }
    return parts.join('');
  }

  #isRoot({ seq, continues, forged, hidden }: Entry): boolean {
    const isPiece = continues !== undefined && continues >= this.#tail && seq <= this.#written && !forged;
    return !(isPiece || (hidden && this.#audience === 'guests'));
  }

  #piecesOf({ root, after }: Place): Entry[] {
    const before = this.#written + 1;
    return this.#transcript.messages
      .piecesOf(root.seq, after, before, SLICE_ENTRIES, this.#audience)
      .map(parse);
  }

  #addPieces(writer: MessageWriter, root: Entry, pieces: Entry[]): string {
    const last = pieces.at(-1);
    this.#long = last && pieces.length === SLICE_ENTRIES ? { root, after: last.seq } : undefined;
    const text = pieces.filter(({ forged }) => !forged).map((piece) => writer.add(piece, root));
    return [...text, this.#long ? '' : writer.end(root)].join('');
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
  return parse(json).at;
}

function seqOf(json: string): number {
  return parse(json).seq;
}

function parse(json: string): Entry {
  return JSON.parse(json) as Entry;
}
