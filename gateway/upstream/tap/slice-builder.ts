/**
 * Makes slices of the notes of the wire observer: the reads, and the bytes that each entry has in them.
 */
import { SEEN_PART_BYTES, type Seen, type SeenPart, type SeenRead } from '../../protocol.ts';
import type { Manner } from '../formats/manner.ts';
import type { RoomText } from '../formats/room-text.ts';
import { type LocatedText, type Span, TextLocator } from './text-locator.ts';

/** Reads and parts of one slice. Five times as many as a busy room has; the rest of a flood is left out. */
export const SLICE_READS_MAX = 250;
export const SLICE_PARTS_MAX = 250;

/** Bytes of the parts in one slice. Later parts of a flood have no bytes. */
export const SLICE_DATA_BYTES = 64 * 1024;

/** Writes that wait for their echo. A voice has one or two on the way, and a lost one is evicted. */
export const WRITES_MAX = 1_000;

/** Parts of gathered lines, which wait for the entry that they become. */
export const GATHERED_PARTS_MAX = 100;

/** A part before it is encoded. */
interface Part extends Omit<SeenPart, 'data'> {
  span: Span;
}

/** A chunk that a voice has written. */
export interface Write {
  /** Secret id of the voice's session. */
  session: string;
  text: string;
  bytes: number;
  /** Time by a monotonic clock, ms. */
  at: number;
}

export class SliceBuilder {
  readonly #locator: TextLocator;
  #offset = 0;
  #isFirst = true;
  #readAt = 0;
  #reads: SeenRead[] = [];
  #parts: Part[] = [];
  #dataBytes = 0;
  /** The last part, whose line ends may still come. */
  #last: Part | undefined;
  /** The text that the recorder makes entries of, and how much of it they have. */
  #text: (LocatedText & { all: string; rest: Span }) | undefined;
  #writes: Write[] = [];
  #gathered: { key: string; part: Part }[] = [];

  constructor(manner: Manner) {
    this.#locator = new TextLocator(manner);
  }

  /** The ear has another connection. */
  onEarOpen(): void {
    this.#isFirst = true;
    this.#last = undefined;
    this.#locator.reset(this.#offset);
  }

  /** The texts of these bytes come next. */
  onRead(bytes: Uint8Array, at: number): void {
    // Most reads end with a line end. It is in the bytes of its text now, and could later be added only by a copy.
    this.#takeLineEnds();
    const offset = this.#offset;
    this.#offset += bytes.length;
    this.#readAt = at;
    if (this.#reads.length >= SLICE_READS_MAX) {
      this.#last = undefined;
      this.#locator.reset(this.#offset);
      return;
    }
    this.#reads.push({
      offset,
      bytes: bytes.length,
      at: hundredths(at),
      ...(this.#isFirst && { first: true }),
    });
    this.#isFirst = false;
    this.#locator.push(bytes);
  }

  /** The entries of this text come next. */
  onText(text: RoomText): void {
    this.#takeLineEnds();
    this.#last = undefined;
    const located = this.#locator.locate(text);
    this.#text = located && { ...located, all: text.text, rest: located.span };
  }

  /** A line of the text, or all of it, is an entry. */
  onEntry(line: string, seq: number, root: number): void {
    const part = this.#takePart(line);
    if (part) this.#add(part, seq, root);
  }

  /** The line becomes an entry later. `key`: the lines that are gathered with it. */
  onGathered(line: string, key: string): void {
    const part = this.#takePart(line);
    if (!part) return;
    this.#gathered.push({ key, part });
    if (this.#gathered.length > GATHERED_PARTS_MAX) this.#gathered.shift();
  }

  onGatheredEntry(key: string, seq: number, root: number): void {
    const due = this.#gathered.filter((gathered) => gathered.key === key);
    this.#gathered = this.#gathered.filter((gathered) => gathered.key !== key);
    for (const { part } of due) this.#add(part, seq, root);
  }

  onWrite(write: Write): void {
    this.#writes.push(write);
    if (this.#writes.length > WRITES_MAX) this.#writes.shift();
  }

  /** The last entry is the echo of this chunk. */
  onEcho(session: string, text: string): void {
    const index = this.#writes.findIndex((write) => write.session === session && write.text === text);
    const [write] = index < 0 ? [] : this.#writes.splice(index, 1);
    const last = this.#last;
    if (write && last) last.written = { bytes: write.bytes, ms: hundredths(this.#readAt - write.at) };
  }

  /** Takes what was seen since the last slice. */
  take(): SeenSlice {
    this.#takeLineEnds();
    const slice = new SeenSlice(this.#reads, this.#parts);
    this.#reads = [];
    this.#parts = [];
    this.#dataBytes = 0;
    return slice;
  }

  #takePart(line: string): Part | undefined {
    const text = this.#text;
    if (!text) return undefined;
    const { bytes, start, end } = text.rest;
    const isFirst = text.rest === text.span;
    const header = isFirst ? text.header : 0;
    const found =
      isFirst && line === text.all
        ? text.span
        : this.#locator.split({ bytes, start: start + header, end }, line);
    if (!isFirst) this.#endLast({ bytes, start, end: found.start });
    text.rest = { bytes, start: found.end, end };
    const span = { bytes, start: isFirst ? start : found.start, end: found.end };
    const offset = text.offset + span.start - text.span.start;
    const length = span.end - span.start;
    this.#last = { seq: 0, root: 0, offset, header, text: length - header, ends: 0, span };
    return this.#last;
  }

  #add(part: Part, seq: number, root: number): void {
    if (this.#parts.length >= SLICE_PARTS_MAX) return;
    part.seq = seq;
    part.root = root;
    shorten(part.span, this.#dataBytes < SLICE_DATA_BYTES ? SEEN_PART_BYTES : 0);
    this.#dataBytes += lengthOf(part.span);
    this.#parts.push(part);
  }

  #takeLineEnds(): void {
    this.#endLast(this.#locator.takeLineEnds());
  }

  /** Adds line ends to the last part. A part that was sent already is sent again. */
  #endLast(ends: Span): void {
    const last = this.#last;
    if (!last || lengthOf(ends) === 0) return;
    const isWhole = lengthOf(last.span) === last.header + last.text + last.ends;
    last.ends += lengthOf(ends);
    if (isWhole) {
      last.span = join(last.span, ends);
      shorten(last.span, SEEN_PART_BYTES);
    }
    // A gathered part gets its number later.
    if (last.seq === 0) return;
    if (this.#parts.lastIndexOf(last) < 0) this.#parts.push(last);
  }
}

/** Bytes and parts seen since the last slice. */
export class SeenSlice {
  readonly #reads: SeenRead[];
  readonly #parts: Part[];

  constructor(reads: SeenRead[], parts: Part[]) {
    this.#reads = reads;
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#reads.length === 0 && this.#parts.length === 0;
  }

  /** Encodes the slice without the bytes of messages with a first entry that `isHidden`. */
  encode(isHidden: (root: number) => boolean): Pick<Seen, 'reads' | 'parts'> {
    const parts = this.#parts.map(({ seq, root, offset, header, text, ends, span, written }) => ({
      seq,
      root,
      offset,
      header,
      text,
      ends,
      data: isHidden(root) ? '' : span.bytes.toString('base64', span.start, span.end),
      ...(written && { written }),
    }));
    return { reads: this.#reads, parts };
  }
}

function lengthOf({ start, end }: Span): number {
  return end - start;
}

function shorten(span: Span, length: number): void {
  span.end = Math.min(span.end, span.start + length);
}

/** Joins spans that follow each other, of the same bytes or not. */
function join(first: Span, second: Span): Span {
  if (first.bytes === second.bytes) return { ...first, end: second.end };
  const bytes = Buffer.concat([first, second].map(({ bytes, start, end }) => bytes.subarray(start, end)));
  return { bytes, start: 0, end: bytes.length };
}

/** A hundredth of a ms is as exact as the clock is, and short in JSON. */
function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
