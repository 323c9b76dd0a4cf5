/**
 * Notes the bytes that the ear reads, the entries that they become, and the writes of the voices. It exists only while
 * somebody watches: `WireTap.observer` is undefined otherwise, so that the path of a message pays one comparison.
 *
 *     ear --- bytes ---> onRead      parser --- texts ---> onText      recorder --- entries ---> onEntry
 *     voice --- bytes ---> onWrite ............................. echo ---> onEcho
 *                                                                             `---> take(): one slice of all this
 *
 * A note costs the path of a message a copy of the bytes. The slice builder gets the notes of a slice in a row, because
 * code that runs for one message in 5 ms takes several times as long as in a loop.
 */
import type { Manner } from '../formats/manner.ts';
import type { RoomText } from '../formats/room-text.ts';
import { type SeenSlice, SliceBuilder, type Write } from './slice-builder.ts';

/** Held by all that see bytes of the room. */
export interface WireTap {
  observer: WireObserver | undefined;
}

/** Notes that wait for the slice builder. A flood has more, and the slice builder gets them earlier. */
export const NOTES_MAX = 1_000;

/** Bytes that wait for the slice builder: the longest read. */
export const NOTED_BYTES = 64 * 1024;

type Note =
  | { kind: 'ear-open' }
  | { kind: 'read'; start: number; end: number; at: number }
  | { kind: 'text'; text: RoomText }
  | { kind: 'entry'; line: string; seq: number; root: number }
  | { kind: 'gathered'; line: string; key: string }
  | { kind: 'gathered-entry'; key: string; seq: number; root: number }
  | ({ kind: 'write' } & Write)
  | { kind: 'echo'; session: string; text: string };

export class WireObserver {
  readonly #builder: SliceBuilder;
  /** Requests a slice. */
  readonly #onNews: () => void;
  readonly #now: () => number;
  #notes: Note[] = [];
  /** The bytes of the noted reads. */
  #block = Buffer.allocUnsafe(NOTED_BYTES);
  #blockBytes = 0;

  constructor(manner: Manner, onNews: () => void, now = () => performance.now()) {
    this.#builder = new SliceBuilder(manner);
    this.#onNews = onNews;
    this.#now = now;
  }

  /** The ear has another connection. */
  onEarOpen(): void {
    this.#note({ kind: 'ear-open' });
  }

  /** The ear has read bytes, and parses them next. Copies them, because the next read overwrites them. */
  onRead(bytes: Uint8Array): void {
    if (this.#blockBytes + bytes.length > this.#block.length) this.#build();
    // Only frames are longer than a read.
    if (bytes.length > this.#block.length) this.#block = Buffer.allocUnsafe(bytes.length);
    const start = this.#blockBytes;
    this.#block.set(bytes, start);
    this.#blockBytes += bytes.length;
    this.#note({ kind: 'read', start, end: this.#blockBytes, at: this.#now() });
  }

  /** The recorder makes entries of this text next. */
  onText(text: RoomText): void {
    this.#note({ kind: 'text', text });
  }

  /** The recorder has made an entry of a line, or of all, of the text. */
  onEntry(line: string, seq: number, root: number): void {
    this.#note({ kind: 'entry', line, seq, root });
  }

  /** The recorder has gathered the text, which becomes an entry later. `key`: the lines that are gathered with it. */
  onGathered(line: string, key: string): void {
    this.#note({ kind: 'gathered', line, key });
  }

  onGatheredEntry(key: string, seq: number, root: number): void {
    this.#note({ kind: 'gathered-entry', key, seq, root });
  }

  /** The voice of this session has written a chunk. */
  onWrite(session: string, text: string, bytes: number): void {
    this.#note({ kind: 'write', session, text, bytes, at: this.#now() });
  }

  /** The last entry is the echo of this chunk. */
  onEcho(session: string, text: string): void {
    this.#note({ kind: 'echo', session, text });
  }

  /** Takes what was seen since the last slice. */
  take(): SeenSlice {
    this.#build();
    return this.#builder.take();
  }

  #note(note: Note): void {
    if (this.#notes.length === 0) this.#onNews();
    this.#notes.push(note);
    if (this.#notes.length >= NOTES_MAX) this.#build();
  }

  #build(): void {
    for (const note of this.#notes) this.#buildFrom(note);
    this.#notes = [];
    this.#blockBytes = 0;
  }

  #buildFrom(note: Note): void {
    const builder = this.#builder;
    switch (note.kind) {
      case 'ear-open':
        builder.onEarOpen();
        break;
      case 'read':
        builder.onRead(this.#block.subarray(note.start, note.end), note.at);
        break;
      case 'text':
        builder.onText(note.text);
        break;
      case 'entry':
        builder.onEntry(note.line, note.seq, note.root);
        break;
      case 'gathered':
        builder.onGathered(note.line, note.key);
        break;
      case 'gathered-entry':
        builder.onGatheredEntry(note.key, note.seq, note.root);
        break;
      case 'write':
        builder.onWrite(note);
        break;
      case 'echo':
        builder.onEcho(note.session, note.text);
        break;
    }
  }
}
