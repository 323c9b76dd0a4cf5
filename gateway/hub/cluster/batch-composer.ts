/**
 * Makes the entries of a batch of the shared log from lines that the ear heard. The log may have the beginning of the
 * first one.
 */
import type { RateLimit } from '../../../common/token-bucket.ts';
import { charactersOf, type HeardPiece, textAfter } from '../../cluster/heard-text.ts';
import type { GapBefore } from '../../cluster/shared-log.ts';
import type { Entry } from '../../protocol.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { EntryWriter, type NewEntry } from '../entry-writer.ts';
import type { PresenceList } from '../presence.ts';
import type { HeardLine } from '../scribe.ts';
import type { LogIndex } from './log-index.ts';

export interface BatchComposerParts {
  transcript: Transcript;
  presence: PresenceList;
  index: LogIndex;
}

export class BatchComposer {
  readonly #parts: BatchComposerParts;
  readonly #writer: EntryWriter;
  #entries: Entry[] = [];
  /** JSON of each entry of this batch. */
  #json: readonly string[] = [];
  #nextSeq = 0;
  /** First entries of the says of this batch. */
  readonly #says = new Map<string, number>();

  constructor(parts: BatchComposerParts, lineRate: RateLimit, onFlood: (from: string) => void) {
    this.#parts = parts;
    const { transcript, presence } = parts;
    this.#writer = new EntryWriter(
      lineRate,
      { observer: undefined },
      {
        get now() {
          return transcript.now;
        },
        append: (entry) => this.#append(entry),
        claimName: (...claim) => presence.claimName(...claim),
        onGathered: () => {},
        onFlood,
      },
    );
  }

  /** Returns the JSON of entries with seqs from `first` on. Gathered lines never wait longer than their batch. */
  compose(pieces: readonly HeardPiece<HeardLine>[], first: number, gap: GapBefore | undefined): string[] {
    this.#entries = [];
    this.#says.clear();
    this.#nextSeq = first;
    const { transcript, index } = this.#parts;
    const { now } = transcript;
    if (gap && gap.since > 0)
      this.#append({ at: now, from: '', text: '', gap: { since: Math.min(gap.since, now), until: now } });
    const messages = new Set<HeardLine['message']>();
    for (const piece of pieces) {
      const { message, isContinuation } = piece.line;
      const isBegun = isContinuation || piece.logged > headerLength(piece.line);
      if (!messages.has(message)) message.root = isBegun && !gap ? index.rootOf(message.from) : undefined;
      messages.add(message);
      this.#writer.write(this.#unloggedLine(piece));
    }
    this.#writer.flush();
    const json = this.#entries.map((entry) => JSON.stringify(entry));
    this.#json = json;
    return json;
  }

  /** Returns the entries of a batch. That of the last `compose` needs no parsing. */
  entriesOf(json: readonly string[]): readonly Entry[] {
    return json === this.#json ? this.#entries : json.map((entry) => JSON.parse(entry) as Entry);
  }

  /** Returns the part of a line that is not in the log, as a continuation of the rest. */
  #unloggedLine({ line, logged }: HeardPiece<HeardLine>): HeardLine {
    const loggedText = Math.max(0, logged - headerLength(line));
    const text = textAfter(line.text, loggedText);
    const isContinuation = line.isContinuation || loggedText > 0;
    const { said } = line;
    const root = said && (this.#says.get(keyOf(said)) ?? this.#parts.index.findSay(said.by, said.id)?.root);
    return { ...line, text, isContinuation, continues: root };
  }

  #append(fields: NewEntry): number {
    const entry: Entry = { seq: this.#nextSeq++, ...fields };
    this.#entries.push(entry);
    const { said } = entry;
    if (said) this.#says.set(keyOf(said), entry.continues ?? entry.seq);
    return entry.seq;
  }
}

function keyOf({ by, id }: NonNullable<Entry['said']>): string {
  return `${by} ${id}`;
}

/** Number of characters of the header in front of a line. */
function headerLength({ heard, text }: HeardLine): number {
  return charactersOf(heard).length - charactersOf(text).length;
}
