/**
 * Sends the connections that watch what the gateway reads and writes, in slices of time.
 *
 *     nobody watches ---> tap.observer is undefined, nothing is noted
 *     somebody does ----> observer --- at most one slice in SEEN_EVERY_MS ---> one frame for all
 *
 * A watcher that does not read misses slices. Nothing waits for it.
 */
import { textFrame } from '../../lib/websocket-frame.ts';
import { SEEN_EVERY_MS, type Seen, type SeenConnection, type ServerMessage } from '../../protocol.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { TranscriptMessages } from '../../transcript/transcript-messages.ts';
import type { Manner } from '../formats/manner.ts';
import { WireObserver, type WireTap } from './wire-observer.ts';

/** Watchers at the same time: several classes. Each costs a write of some KiB in each slice of a busy room. */
export const WATCHERS_MAX = 100;

/** How often the connections are reported, ms. */
const CONNECTIONS_EVERY_MS = 1_000;

/** Connections in one report. More than anybody reads, and about 15 KiB. */
export const CONNECTIONS_MAX = 100;

/** A connection that watches: a watcher. */
export interface Watcher {
  send(message: ServerMessage): void;
  sendIfWritable(message: ServerMessage): boolean;
  sendFrameIfWritable(frame: Buffer): void;
  pingOrClose(now: number, stallTimeoutMs: number): void;
  close(code: number, reason: string): void;
}

export interface WatchersParts {
  tap: WireTap;
  manner: Manner;
  log: Pick<Transcript, 'epoch'> & { messages: Pick<TranscriptMessages, 'isHidden'> };
  /** Returns the gateway's connections to the room, at most so many. */
  connections(max: number): SeenConnection[];
}

export class Watchers {
  readonly #parts: WatchersParts;
  readonly #watchers = new Set<Watcher>();
  #sliceTimer: NodeJS.Timeout | undefined;
  #connectionsTimer: NodeJS.Timeout | undefined;

  constructor(parts: WatchersParts) {
    this.#parts = parts;
  }

  /** Returns false if too many watch. */
  add(watcher: Watcher): boolean {
    if (this.#watchers.has(watcher)) return true;
    if (this.#watchers.size >= WATCHERS_MAX) return false;
    if (this.#watchers.size === 0) this.#begin();
    this.#watchers.add(watcher);
    watcher.send({ type: 'seen', epoch: this.#parts.log.epoch, reads: [], parts: [] });
    return true;
  }

  delete(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#end();
  }

  /** A host has hidden a message. Watchers delete its bytes, those of hosts too: a host may project what it sees. */
  onHidden(root: number): void {
    for (const watcher of this.#watchers) watcher.sendIfWritable({ type: 'hidden', seqs: [root] });
  }

  /** Closes connections that show no sign of life. */
  pingOrClose(now: number, stallTimeoutMs: number): void {
    for (const watcher of this.#watchers) watcher.pingOrClose(now, stallTimeoutMs);
  }

  close(code: number, reason: string): void {
    for (const watcher of this.#watchers) watcher.close(code, reason);
    this.#watchers.clear();
    this.#end();
  }

  #begin(): void {
    const { tap, manner } = this.#parts;
    tap.observer = new WireObserver(manner, () => {
      this.#sliceTimer ??= setTimeout(() => this.#sendSlice(), SEEN_EVERY_MS);
    });
    this.#connectionsTimer = setInterval(() => {
      this.#sendSlice(this.#parts.connections(CONNECTIONS_MAX));
    }, CONNECTIONS_EVERY_MS);
  }

  #end(): void {
    this.#parts.tap.observer = undefined;
    clearTimeout(this.#sliceTimer);
    clearInterval(this.#connectionsTimer);
    this.#sliceTimer = undefined;
  }

  /** Sends what was seen since the last slice, with the connections if they are due. */
  #sendSlice(connections?: SeenConnection[]): void {
    clearTimeout(this.#sliceTimer);
    this.#sliceTimer = undefined;
    const slice = this.#parts.tap.observer?.take();
    if (!slice || (slice.isEmpty && !connections)) return;
    const seen = slice.encode((root) => this.#parts.log.messages.isHidden(root));
    this.#send({ ...seen, ...(connections && { connections }) });
  }

  /** Encodes once for all. */
  #send(seen: Omit<Seen, 'epoch'>): void {
    const message = { type: 'seen', epoch: this.#parts.log.epoch, ...seen } satisfies ServerMessage;
    const frame = textFrame(Buffer.from(JSON.stringify(message)));
    for (const watcher of this.#watchers) watcher.sendFrameIfWritable(frame);
  }
}
