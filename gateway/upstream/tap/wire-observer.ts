/**
 * Notes the bytes that the ear reads, the entries that they become, and the writes of the voices. It exists only while
 * somebody watches: `WireTap.observer` is undefined otherwise, so that the path of a message pays one comparison.
 *
 *     ear --- bytes ---> onRead      parser --- texts ---> onText      recorder --- entries ---> onEntry
 *     voice --- bytes ---> onWrite ............................. echo ---> onEcho
 *                                                                             `---> take(): one slice of all this
 */
import { SEEN_PART_BYTES, type Seen, type SeenPart, type SeenRead } from '../../protocol.ts';
import type { Manner, RoomText } from '../formats/room-text.ts';
import { type LocatedText, TextLocator } from './text-locator.ts';

/** Held by all that see bytes of the room. */
export interface WireTap {
  observer: WireObserver | undefined;
}

/** Reads and parts of one slice. Five times as many as a busy room has; the rest of a flood is left out. */
export const SLICE_READS_MAX = 100;
export const SLICE_PARTS_MAX = 100;

/** Bytes of the parts in one slice. Later parts of a flood have no bytes. */
export const SLICE_DATA_BYTES = 64 * 1024;

/** Writes that wait for their echo. A voice has one or two on the way, and a lost one is evicted. */
export const WRITES_MAX = 1_000;

/** Parts of gathered lines, which wait for the entry that they become. */
export const GATHERED_PARTS_MAX = 100;

/** A part before it is encoded. */
interface Part extends Omit<SeenPart, 'data'> {
  bytes: Buffer;
}

interface Write {
  /** Its secret id. */
  session: string;
  text: string;
  bytes: number;
  at: number;
}

export class WireObserver {
  readonly #locator: TextLocator;
  /** Requests a slice. */
  readonly #onNews: () => void;
  readonly #now: () => number;
  #offset = 0;
  #isFirst = true;
  #readAt = 0;
  #reads: SeenRead[] = [];
  #parts: Part[] = [];
  #dataBytes = 0;
  /** The last part, whose line ends may still come. */
  #last: Part | undefined;
  /** The text that the recorder makes entries of, and how much of it they have. */
  #text: (LocatedText & { all: string; taken: number }) | undefined;
  #writes: Write[] = [];
  #gathered: { key: string; part: Part }[] = [];

  constructor(manner: Manner, onNews: () => void, now = () => performance.now()) {
    this.#locator = new TextLocator(manner);
    this.#onNews = onNews;
    this.#now = now;
  }

  /** The ear has another connection. */
  onEarOpen(): void {
    this.#isFirst = true;
    this.#last = undefined;
    this.#locator.reset(this.#offset);
  }

  /** The ear has read bytes, and parses them next. */
  onRead(bytes: Uint8Array): void {
    const offset = this.#offset;
    this.#offset += bytes.length;
    this.#readAt = this.#now();
    if (this.#reads.length >= SLICE_READS_MAX) {
      this.#last = undefined;
      this.#locator.reset(this.#offset);
      return;
    }
    this.#reads.push({
      offset,
      bytes: bytes.length,
      at: hundredths(this.#readAt),
      ...(this.#isFirst && { first: true }),
    });
    this.#isFirst = false;
    this.#locator.push(bytes);
    this.#onNews();
  }

  /** The recorder makes entries of this text next. */
  onText(text: RoomText): void {
    this.#takeLineEnds();
    this.#last = undefined;
    const located = this.#locator.locate(text);
    this.#text = located && { ...located, all: text.text, taken: 0 };
  }

  /** The recorder has made an entry of a line, or of all, of the text. */
  onEntry(line: string, seq: number, root: number): void {
    const part = this.#takePart(line);
    if (part) this.#add(part, seq, root);
  }

  /** The recorder has gathered the text, which becomes an entry later. `key`: the lines that are gathered with it. */
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

  /** The voice of this session has written a chunk. */
  onWrite(session: string, text: string, bytes: number): void {
    this.#writes.push({ session, text, bytes, at: this.#now() });
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
    const isFirst = text.taken === 0;
    const from = isFirst ? text.header : text.taken;
    const { start, end } =
      isFirst && line === text.all
        ? { start: from, end: text.bytes.length }
        : this.#locator.split(text.bytes, from, line);
    if (!isFirst) this.#endLast(text.bytes.subarray(from, start));
    text.taken = end;
    const header = isFirst ? text.header : 0;
    const offset = text.offset + (isFirst ? 0 : start);
    const bytes = text.bytes.subarray(isFirst ? 0 : start, end);
    this.#last = { seq: 0, root: 0, offset, header, text: bytes.length - header, ends: 0, bytes };
    return this.#last;
  }

  #add(part: Part, seq: number, root: number): void {
    if (this.#parts.length >= SLICE_PARTS_MAX) return;
    part.seq = seq;
    part.root = root;
    part.bytes = part.bytes.subarray(0, this.#dataBytes < SLICE_DATA_BYTES ? SEEN_PART_BYTES : 0);
    this.#dataBytes += part.bytes.length;
    this.#parts.push(part);
    this.#onNews();
  }

  #takeLineEnds(): void {
    this.#endLast(this.#locator.takeLineEnds());
  }

  /** Adds line ends to the last part. A part that was sent already is sent again. */
  #endLast(ends: Buffer): void {
    const last = this.#last;
    if (!last || ends.length === 0) return;
    last.ends += ends.length;
    const isWhole = last.bytes.length + ends.length === last.header + last.text + last.ends;
    if (isWhole) last.bytes = Buffer.concat([last.bytes, ends]).subarray(0, SEEN_PART_BYTES);
    // A gathered part gets its number later.
    if (last.seq === 0) return;
    if (this.#parts.lastIndexOf(last) < 0) this.#parts.push(last);
    this.#onNews();
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
    const parts = this.#parts.map(({ bytes, ...part }) => ({
      ...part,
      data: isHidden(part.root) ? '' : bytes.toString('base64'),
    }));
    return { reads: this.#reads, parts };
  }
}

/** A hundredth of a ms is as exact as the clock is, and short in JSON. */
function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
