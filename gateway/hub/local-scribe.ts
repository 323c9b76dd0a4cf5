/**
 * The scribe of one gateway alone: appends each line at once, and reports the entry to the session that said it.
 *
 *     line -> entry writer -> transcript -> session -> fan-out -> counters, presence
 */
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Counters } from '../ops/counters.ts';
import type { Session } from '../session/session.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import { EntryWriter, type WrittenEntry } from './entry-writer.ts';
import type { EntryFanOut } from './fan-out.ts';
import type { HeardLine } from './heard-line.ts';
import type { PresenceList } from './presence.ts';

export interface LocalScribeParts {
  transcript: Transcript;
  fanOut: EntryFanOut;
  counters: Counters;
  presence: PresenceList;
  tap: WireTap;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
}

/** Writes the log as the recorder needs it. Several gateways in front of one room have `cluster/shared-scribe.ts`. */
export type Scribe = Pick<LocalScribe, keyof LocalScribe>;

export class LocalScribe {
  /** True if what the room sends now can be logged. */
  readonly isAccepting: boolean = true;
  readonly #parts: LocalScribeParts;
  readonly #writer: EntryWriter;
  #uncounted: WrittenEntry[] = [];

  constructor(parts: LocalScribeParts, lineRate: RateLimit, onFlood: (from: string) => void) {
    this.#parts = parts;
    const { transcript: log, presence, tap } = parts;
    const onGathered = (written: WrittenEntry): void => {
      this.#uncounted.push(written);
      this.publish();
    };
    this.#writer = new EntryWriter(lineRate, { log, presence, tap }, { onGathered, onFlood });
  }

  write(line: HeardLine): void {
    const written = this.#writer.write(line);
    if (!written) return;
    this.#uncounted.push(written);
    const { message, said } = line;
    if (said) this.#parts.voices.get(message.from)?.onLogged(said, written.root);
  }

  /** Writes gathered lines. */
  flush(): void {
    this.#writer.flush();
  }

  /** The lines of one read are written. Delivers first, and updates counters and presence afterwards. */
  publish(): void {
    const { fanOut, counters, presence } = this.#parts;
    fanOut.request();
    for (const { entry, nickname } of this.#uncounted.splice(0)) {
      counters.entry();
      if (entry.forged) counters.forged();
      presence.onEntry(entry, nickname);
    }
  }

  /** The ear has not heard the room since `time`, ms since 1970. */
  beginGap(time: number): void {
    this.#parts.transcript.beginGap(time);
  }

  /** The ear hears the room again, so that messages may be missing before. */
  endGap(): void {
    const { transcript, counters } = this.#parts;
    const before = transcript.head;
    transcript.endGap();
    if (transcript.head > before) counters.gap();
  }
}
