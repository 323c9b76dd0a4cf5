import type { Seen, SeenConnection, SeenPart, SeenRead } from '../../gateway/protocol.ts';
import { bytesOf, type Cut, isInCharacter } from './bytes.ts';

/** Parts kept: more messages than the page draws. Each has at most 4 KiB of bytes. */
export const PARTS_MAX = 1_000;

/** Reads kept. The timeline shows the newest. */
export const READS_MAX = 200;

/** The bytes of one entry, and its reads. */
export interface WirePart {
  seq: number;
  root: number;
  offset: number;
  header: number;
  text: number;
  ends: number;
  /** Header, text and line ends; fewer in a long part, and none in a hidden one. */
  bytes: Uint8Array;
  written: SeenPart['written'];
  /** Number of reads that brought it. */
  reads: number;
  /** The first of them also brought an earlier part of the message. */
  isSameRead: boolean;
  cuts: readonly PartCut[];
  /** Other messages in these reads. */
  glued: number;
  /** No line end, and the next message follows at once. */
  runsOn: boolean;
}

export interface PartCut extends Cut {
  inside: 'header' | 'character' | 'text' | 'ends';
}

/** A read, and the messages in it. */
export interface WireRead extends SeenRead {
  /** Time since the read before it, ms; undefined for the first, and where reads were left out. */
  gap: number | undefined;
  /** Reads before it were left out. */
  isAfterLoss: boolean;
  /** Bytes of each message in it, in order. `root` 0: of none. */
  slices: readonly { root: number; bytes: number }[];
}

/** Keeps the newest bytes that the gateway has reported. */
export class WireLog {
  #epoch: string | undefined;
  #reads: WireRead[] = [];
  /** By offset. */
  #parts: SeenPart[] = [];
  readonly #bySeq = new Map<number, readonly WirePart[]>();
  #connections: readonly SeenConnection[] | undefined;

  /** Oldest first. The array is another one after each change. */
  get reads(): readonly WireRead[] {
    return this.#reads;
  }

  get connections(): readonly SeenConnection[] | undefined {
    return this.#connections;
  }

  /** The parts of an entry. The array is the same until they change. */
  partsOf(seq: number): readonly WirePart[] {
    return this.#bySeq.get(seq) ?? NONE;
  }

  add({ epoch, reads, parts, connections }: Seen): void {
    if (this.#epoch !== epoch) this.#bySeq.clear();
    this.#epoch = epoch;
    if (connections) this.#connections = connections;
    if (reads.length === 0 && parts.length === 0) return;
    for (const part of parts) this.#insert(part);
    this.#reads = [
      ...this.#reads,
      ...reads.map((read) => ({ ...read, gap: undefined, isAfterLoss: false, slices: [] })),
    ].slice(-READS_MAX);
    const [oldest] = reads.length > 0 ? reads : parts;
    this.#describeReads(Math.min(oldest?.offset ?? 0, parts[0]?.offset ?? Number.POSITIVE_INFINITY));
    // The part before may run on into the first of these.
    const before = parts[0] && this.#parts[this.#indexOf(parts[0]) - 1];
    for (const part of before ? [before, ...parts] : parts) this.#describe(part);
  }

  /** Another connection to the gateway: its bytes are counted anew. The parts of messages stay. */
  restart(): void {
    this.#reads = [];
    this.#parts = [];
    this.#connections = undefined;
  }

  /** Hosts have hidden these messages. */
  hide(roots: readonly number[]): void {
    for (const [seq, parts] of this.#bySeq) {
      if (!parts.some(({ root }) => roots.includes(root))) continue;
      this.#bySeq.set(
        seq,
        parts.map((part) => ({ ...part, bytes: new Uint8Array() })),
      );
    }
  }

  #insert(part: SeenPart): void {
    const index = this.#parts.findLastIndex(({ offset }) => offset <= part.offset);
    const isKnown = this.#parts[index]?.offset === part.offset;
    this.#parts.splice(isKnown ? index : index + 1, Number(isKnown), part);
    if (this.#parts.length > PARTS_MAX) this.#parts.shift();
  }

  #describeReads(fromOffset: number): void {
    const reads = this.#reads;
    for (let i = reads.length - 1; i >= 0; i--) {
      const read = reads[i];
      if (read === undefined || endOf(read) < fromOffset) return;
      const last = reads[i - 1];
      const isAfterLoss = last !== undefined && endOf(last) !== read.offset;
      const gap = last === undefined || isAfterLoss || read.first ? undefined : read.at - last.at;
      reads[i] = { ...read, gap, isAfterLoss, slices: this.#slicesOf(read) };
    }
  }

  #slicesOf(read: SeenRead): WireRead['slices'] {
    const slices: { root: number; bytes: number }[] = [];
    let at = read.offset;
    for (const part of this.#partsIn(read.offset, endOf(read))) {
      const start = Math.max(part.offset, at);
      const end = Math.min(this.#endOfPart(part), endOf(read));
      if (start > at) slices.push({ root: 0, bytes: start - at });
      if (end > start) slices.push({ root: part.root, bytes: end - start });
      at = Math.max(at, end);
    }
    if (at < endOf(read)) slices.push({ root: 0, bytes: endOf(read) - at });
    return slices;
  }

  #describe(part: SeenPart): void {
    const end = this.#endOfPart(part);
    const reads = this.#reads.filter((read) => read.offset < end && endOf(read) > part.offset);
    const others = reads.flatMap(({ slices }) => slices.map(({ root }) => root)).filter((root) => root > 0);
    const bytes = bytesOf(part.data).subarray(0, end - part.offset);
    const next = this.#parts[this.#indexOf(part) + 1];
    const described: WirePart = {
      seq: part.seq,
      root: part.root,
      offset: part.offset,
      header: part.header,
      text: Math.min(part.text, end - part.offset - part.header),
      ends: part.ends,
      bytes,
      written: part.written,
      reads: reads.length,
      isSameRead: reads[0] !== undefined && this.#hasEarlierPart(part, reads[0]),
      cuts: this.#cutsOf(part, bytes, reads),
      glued: new Set(others.filter((root) => root !== part.root)).size,
      runsOn: part.ends === 0 && next !== undefined && next.offset === end && next.header > 0,
    };
    const known = this.partsOf(part.seq).filter(({ offset }) => offset !== part.offset);
    this.#bySeq.delete(part.seq);
    this.#bySeq.set(part.seq, [...known, described]);
    if (this.#bySeq.size > PARTS_MAX) this.#bySeq.delete(this.#bySeq.keys().next().value ?? 0);
  }

  /** Reads that begin within the part, or with a part that continues an earlier one. */
  #cutsOf(part: SeenPart, bytes: Uint8Array, reads: readonly WireRead[]): PartCut[] {
    const isContinuation = part.seq !== part.root && part.header === 0;
    return reads
      .filter(({ offset }) => offset > part.offset || (isContinuation && offset === part.offset))
      .flatMap(({ offset, gap }) => {
        const at = offset - part.offset;
        return gap === undefined ? [] : { at, ms: gap, inside: placeOf(part, bytes, at) };
      });
  }

  #hasEarlierPart({ root, offset }: SeenPart, read: SeenRead): boolean {
    return this.#partsIn(read.offset, offset).some(
      (part) => part.root === root && part.offset < offset && this.#endOfPart(part) > read.offset,
    );
  }

  /** A header that was found late begins within the part before it. */
  #endOfPart(part: SeenPart): number {
    const next = this.#parts[this.#indexOf(part) + 1]?.offset ?? Number.POSITIVE_INFINITY;
    return Math.min(part.offset + part.header + part.text + part.ends, next);
  }

  #indexOf({ offset }: SeenPart): number {
    return this.#parts.findLastIndex((part) => part.offset === offset);
  }

  #partsIn(start: number, end: number): SeenPart[] {
    const first = this.#parts.findLastIndex(({ offset }) => offset <= start);
    const parts: SeenPart[] = [];
    for (let i = Math.max(0, first); i < this.#parts.length; i++) {
      const part = this.#parts[i];
      if (part === undefined || part.offset >= end) break;
      parts.push(part);
    }
    return parts;
  }
}

const NONE: readonly WirePart[] = [];

function endOf({ offset, bytes }: SeenRead): number {
  return offset + bytes;
}

function placeOf({ header, text }: SeenPart, bytes: Uint8Array, at: number): PartCut['inside'] {
  if (at < header) return 'header';
  if (at >= header + text) return 'ends';
  return isInCharacter(bytes, at) ? 'character' : 'text';
}
