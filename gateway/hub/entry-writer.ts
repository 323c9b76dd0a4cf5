/**
 * Makes entries of the lines that the ear heard: gathers the lines of a flood, finds the entry that a line continues,
 * and marks taken nicknames.
 */
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Entry } from '../protocol.ts';
import type { NewEntry, Transcript } from '../transcript/transcript.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import type { EntryBatch } from './cluster/entry-batch.ts';
import type { HeardLine, HeardMessage } from './heard-line.ts';
import { keyOf, type Line, LineGatherer } from './line-gatherer.ts';
import { nicknameOf } from './name-owners.ts';
import type { PresenceList } from './presence.ts';

export interface EntryWriterParts {
  /** Numbers the entries: the transcript, or a batch of the log that several gateways share. */
  log: Transcript | EntryBatch;
  presence: PresenceList;
  tap: WireTap;
}

export interface WrittenEntry {
  entry: NewEntry;
  /** The nickname with which the entry's message begins. */
  nickname: string | undefined;
  seq: number;
  /** Seq of the entry that further text of the message continues. */
  root: number;
}

export interface EntryWriterListener {
  /** Gathered lines became an entry. */
  onGathered(written: WrittenEntry): void;
  /** An address begins to exceed the rate limit. */
  onFlood(from: string): void;
}

export class EntryWriter {
  readonly #parts: EntryWriterParts;
  readonly #listener: EntryWriterListener;
  readonly #gatherer: LineGatherer;
  /** The message of the last line. */
  #message: HeardMessage | undefined;

  /** `lineRate`: how fast the lines of an address become entries of their own. */
  constructor(lineRate: RateLimit, parts: EntryWriterParts, listener: EntryWriterListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#gatherer = new LineGatherer(lineRate, {
      onGathered: (line) => this.#onGathered(line),
      onFlood: (from) => listener.onFlood(from),
    });
  }

  /** Returns the entry of the line. Undefined: the line is gathered. */
  write(line: HeardLine): WrittenEntry | undefined {
    this.#message = line.message;
    return line.said ? this.#writeEcho(line, line.said) : this.#writeOther(line);
  }

  /** Writes gathered lines. */
  flush(): void {
    this.#gatherer.flush();
  }

  #writeEcho({ message, text, continues }: HeardLine, said: NonNullable<Entry['said']>): WrittenEntry {
    this.#gatherer.flushAddress(message.from);
    message.root = continues ?? message.root;
    const written = this.#append(message, { text: named(message, text), said });
    message.root = written.root;
    this.#parts.tap.observer?.onEntry(text, written.seq, written.root);
    return written;
  }

  #writeOther({
    message,
    text,
    isContinuation,
    isForged = false,
    isNote = false,
  }: HeardLine): WrittenEntry | undefined {
    const { observer } = this.#parts.tap;
    const { from, root } = message;
    const line = { from, text: named(message, text), isForged, isNote, continues: root };
    if (this.#gatherer.gather(line, isContinuation)) {
      observer?.onGathered(text, keyOf(line));
      return undefined;
    }
    const written = this.#append(message, contentOf(line));
    message.root = written.root;
    observer?.onEntry(text, written.seq, written.root);
    return written;
  }

  #onGathered(line: Line): void {
    const written = this.#append({ from: line.from, root: line.continues }, contentOf(line));
    this.#parts.tap.observer?.onGatheredEntry(keyOf(line), written.seq, written.root);
    if (this.#message?.from === line.from) this.#message.root = written.root;
    this.#listener.onGathered(written);
  }

  #append(
    { from, root }: Pick<HeardMessage, 'from' | 'root'>,
    content: Pick<Entry, 'text' | 'forged' | 'said' | 'note'>,
  ): WrittenEntry {
    const { log, presence } = this.#parts;
    const at = log.now;
    const { text, forged, said } = content;
    const nickname = nicknameOf({ text, continues: root });
    const isTaken = nickname !== undefined && !forged && presence.claimName(nickname, said?.by, at);
    const entry: NewEntry = { at, from, ...content };
    if (isTaken) entry.taken = true;
    if (root !== undefined) entry.continues = root;
    const seq = log.append(entry);
    return { entry, nickname, seq, root: root ?? seq };
  }
}

function contentOf({ text, isForged, isNote }: Line): Pick<Entry, 'text' | 'forged' | 'note'> {
  return { text, ...(isForged && { forged: true }), ...(isNote && { note: true }) };
}

/** Writes a sender's name before the first text of a message, as the page writes a nickname. */
function named({ name, root }: HeardMessage, text: string): string {
  return name === undefined || root !== undefined ? text : `<${name}> ${text}`;
}
