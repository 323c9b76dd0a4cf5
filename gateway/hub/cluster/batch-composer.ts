/**
 * Makes the entries of a batch of the shared log from lines that the ear heard. The log may have the beginning of the
 * first one.
 */
import type { RateLimit } from '../../../common/token-bucket.ts';
import { charactersOf, type HeardPiece, textAfter } from '../../cluster/heard-text.ts';
import type { GapBefore } from '../../cluster/shared-log.ts';
import type { Entry } from '../../protocol.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { EntryWriter } from '../entry-writer.ts';
import type { HeardLine } from '../heard-line.ts';
import type { PresenceList } from '../presence.ts';
import { EntryBatch } from './entry-batch.ts';
import type { LogIndex } from './log-index.ts';

export interface BatchComposerParts {
  transcript: Transcript;
  presence: PresenceList;
  index: LogIndex;
}

export class BatchComposer {
  readonly #parts: BatchComposerParts;
  readonly #batch: EntryBatch;
  readonly #writer: EntryWriter;
  /** JSON of each entry of this batch. */
  #json: readonly string[] = [];
  /** First entries of the says of this batch. */
  readonly #says = new Map<string, number>();

  constructor(parts: BatchComposerParts, lineRate: RateLimit, onFlood: (from: string) => void) {
    this.#parts = parts;
    this.#batch = new EntryBatch(parts.transcript);
    const { presence } = parts;
    const tap = { observer: undefined };
    this.#writer = new EntryWriter(
      lineRate,
      { log: this.#batch, presence, tap },
      { onGathered: () => {}, onFlood },
    );
  }

  /** Returns the JSON of entries with seqs from `first` on. Gathered lines never wait longer than their batch. */
  compose(pieces: readonly HeardPiece<HeardLine>[], first: number, gap: GapBefore | undefined): string[] {
    this.#batch.begin(first);
    this.#says.clear();
    const { index } = this.#parts;
    const { now } = this.#batch;
    if (gap && gap.since > 0)
      this.#batch.append({
        at: now,
        from: '',
        text: '',
        gap: { since: Math.min(gap.since, now), until: now },
      });
    const messages = new Set<HeardLine['message']>();
    for (const piece of pieces) {
      const { message, isContinuation } = piece.line;
      const isBegun = isContinuation || piece.logged > headerLength(piece.line);
      if (!messages.has(message)) message.root = isBegun && !gap ? index.rootOf(message.from) : undefined;
      messages.add(message);
      this.#write(this.#unloggedLine(piece));
    }
    this.#writer.flush();
    const json = this.#batch.entries.map((entry) => JSON.stringify(entry));
    this.#json = json;
    return json;
  }

  /** Returns the entries of a batch. That of the last `compose` needs no parsing. */
  entriesOf(json: readonly string[]): readonly Entry[] {
    return json === this.#json ? this.#batch.entries : json.map((entry) => JSON.parse(entry) as Entry);
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

  #write(line: HeardLine): void {
    const written = this.#writer.write(line);
    if (written && line.said) this.#says.set(keyOf(line.said), written.root);
  }
}

function keyOf({ by, id }: NonNullable<Entry['said']>): string {
  return `${by} ${id}`;
}

/** Number of characters of the header in front of a line. */
function headerLength({ heard, text }: HeardLine): number {
  return charactersOf(heard).length - charactersOf(text).length;
}
