/**
 * Makes entries of the lines that the ear heard: gathers the lines of a flood, finds the entry that a line continues,
 * and marks taken nicknames.
 */
import type { RateLimit } from '../../common/token-bucket.ts';
import { type Entry, parseNickname } from '../protocol.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import { keyOf, type Line, LineGatherer } from './line-gatherer.ts';
import type { HeardLine, HeardMessage } from './scribe.ts';

export type NewEntry = Omit<Entry, 'seq'>;

export interface EntryWriterListener {
  /** The time of an entry that is appended now, ms since 1970. */
  readonly now: number;
  /** Appends an entry, whose message may begin with a nickname. Returns its seq. */
  append(entry: NewEntry, nickname: string | undefined): number;
  /** Returns true if another browser than `by` uses the nickname. */
  claimName(nickname: string, by: string | undefined, now: number): boolean;
  /** Gathered lines became an entry. */
  onGathered(): void;
  /** An address begins to exceed the rate limit. */
  onFlood(from: string): void;
}

export class EntryWriter {
  readonly #listener: EntryWriterListener;
  readonly #gatherer: LineGatherer;
  readonly #tap: WireTap;
  /** The message of the last line. */
  #message: HeardMessage | undefined;

  /** `lineRate`: how fast the lines of an address become entries of their own. */
  constructor(lineRate: RateLimit, tap: WireTap, listener: EntryWriterListener) {
    this.#listener = listener;
    this.#tap = tap;
    this.#gatherer = new LineGatherer(lineRate, {
      onGathered: (line) => this.#onGathered(line),
      onFlood: (from) => listener.onFlood(from),
    });
  }

  write(line: HeardLine): void {
    this.#message = line.message;
    if (line.said) this.#writeEcho(line, line.said);
    else this.#writeOther(line);
  }

  /** Writes gathered lines. */
  flush(): void {
    this.#gatherer.flush();
  }

  #writeEcho({ message, text, continues }: HeardLine, said: NonNullable<Entry['said']>): void {
    this.#gatherer.flushAddress(message.from);
    message.root = continues ?? message.root;
    const { seq, root } = this.#append(message, { text: named(message, text), said });
    message.root = root;
    this.#tap.observer?.onEntry(text, seq, root);
  }

  #writeOther({ message, text, isContinuation, isForged = false, isNote = false }: HeardLine): void {
    const { from, root } = message;
    const line = { from, text: named(message, text), isForged, isNote, continues: root };
    if (this.#gatherer.gather(line, isContinuation)) {
      this.#tap.observer?.onGathered(text, keyOf(line));
      return;
    }
    const entry = this.#append(message, contentOf(line));
    message.root = entry.root;
    this.#tap.observer?.onEntry(text, entry.seq, entry.root);
  }

  #onGathered(line: Line): void {
    const { seq, root } = this.#append({ from: line.from, root: line.continues }, contentOf(line));
    this.#tap.observer?.onGatheredEntry(keyOf(line), seq, root);
    if (this.#message?.from === line.from) this.#message.root = root;
    this.#listener.onGathered();
  }

  /** Returns the seq of the entry, and of the entry that further text of the message continues. */
  #append(
    { from, root }: Pick<HeardMessage, 'from' | 'root'>,
    content: Pick<Entry, 'text' | 'forged' | 'said' | 'note'>,
  ): { seq: number; root: number } {
    const at = this.#listener.now;
    const { text, forged, said } = content;
    const nickname = nicknameOf({ text, continues: root });
    const isTaken = nickname !== undefined && !forged && this.#listener.claimName(nickname, said?.by, at);
    const entry: NewEntry = { at, from, ...content };
    if (isTaken) entry.taken = true;
    if (root !== undefined) entry.continues = root;
    const seq = this.#listener.append(entry, nickname);
    return { seq, root: root ?? seq };
  }
}

function contentOf({ text, isForged, isNote }: Line): Pick<Entry, 'text' | 'forged' | 'note'> {
  return { text, ...(isForged && { forged: true }), ...(isNote && { note: true }) };
}

/** Returns the nickname with which the message of an entry begins. */
export function nicknameOf({
  text,
  continues,
}: {
  text: string;
  continues?: number | undefined;
}): string | undefined {
  return continues === undefined ? parseNickname(text).nickname : undefined;
}

/** Writes a sender's name before the first text of a message, as the page writes a nickname. */
function named({ name, root }: HeardMessage, text: string): string {
  return name === undefined || root !== undefined ? text : `<${name}> ${text}`;
}
