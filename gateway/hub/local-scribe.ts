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
import { EntryWriter, type NewEntry } from './entry-writer.ts';
import type { EntryFanOut } from './fan-out.ts';
import type { PresenceList } from './presence.ts';
import type { HeardLine, Scribe } from './scribe.ts';

export interface LocalScribeParts {
  transcript: Transcript;
  fanOut: EntryFanOut;
  counters: Counters;
  presence: PresenceList;
  tap: WireTap;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
}

export class LocalScribe implements Scribe {
  readonly isAccepting = true;
  readonly #parts: LocalScribeParts;
  readonly #writer: EntryWriter;
  /** Entries that are recorded but not counted yet, with the nicknames of their messages. */
  #uncounted: { entry: NewEntry; nickname: string | undefined }[] = [];

  constructor(parts: LocalScribeParts, lineRate: RateLimit, onFlood: (from: string) => void) {
    this.#parts = parts;
    const { transcript, presence, tap } = parts;
    this.#writer = new EntryWriter(lineRate, tap, {
      get now() {
        return transcript.now;
      },
      append: (entry, nickname) => this.#append(entry, nickname),
      claimName: (...claim) => presence.claimName(...claim),
      onGathered: () => this.publish(),
      onFlood,
    });
  }

  write(line: HeardLine): void {
    this.#writer.write(line);
  }

  flush(): void {
    this.#writer.flush();
  }

  /** Delivers first, and updates counters and presence afterwards. */
  publish(): void {
    const { fanOut, counters, presence } = this.#parts;
    fanOut.request();
    for (const { entry, nickname } of this.#uncounted.splice(0)) {
      counters.entry();
      if (entry.forged) counters.forged();
      presence.onEntry(entry, nickname);
    }
  }

  beginGap(time: number): void {
    this.#parts.transcript.beginGap(time);
  }

  endGap(): void {
    const { transcript, counters } = this.#parts;
    const before = transcript.head;
    transcript.endGap();
    if (transcript.head > before) counters.gap();
  }

  #append(entry: NewEntry, nickname: string | undefined): number {
    this.#uncounted.push({ entry, nickname });
    const seq = this.#parts.transcript.append(entry);
    if (entry.said) this.#parts.voices.get(entry.from)?.onLogged(entry.said, entry.continues ?? seq);
    return seq;
  }
}
