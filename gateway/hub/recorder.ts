/**
 * What the ear hears becomes entries of the transcript: who said it, and of which say of ours it is a piece.
 */
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Entry } from '../protocol.ts';
import { SentLines } from '../session/sent-lines.ts';
import type { Session } from '../session/session.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { RoomText } from '../upstream/formats/dice-parser.ts';
import { unwrapNcatLine } from '../upstream/formats/plain-parser.ts';
import { LineGatherer } from './line-gatherer.ts';

export interface RecorderHub {
  /** Whose voice has, or had until a moment ago, this address in the room? */
  sessionAt(address: string): Session | undefined;
  onRecorded(entry: Omit<Entry, 'seq'>): void;
  /** An entry of gathered lines is recorded, perhaps some time after they were heard. */
  gathered(length: number): void;
  /** `from` sends lines faster than the pace. */
  flooding(from: string): void;
}

/** Who is speaking: what a header named last. `root`: the entry that their next words continue. */
interface Speaking {
  from: string;
  root: number | undefined;
  /** Has this message any text so far? Without, the next is no continuation. */
  begun: boolean;
}

export class Recorder {
  readonly #transcript: Transcript;
  readonly #effects: RecorderHub;
  readonly #sentLines = new SentLines<Session>();
  readonly #gatherer: LineGatherer;
  #speaking: Speaking | null = null;

  /** `pace`: how fast the lines of an address become entries of their own. */
  constructor(transcript: Transcript, pace: RateLimit, effects: RecorderHub) {
    this.#transcript = transcript;
    this.#effects = effects;
    this.#gatherer = new LineGatherer(pace, {
      record: ({ from, text, forged, continues }) =>
        this.#append({ from, root: continues }, { text, ...(forged && { forged }) }),
      gathered: ({ from, text }, root) => {
        if (this.#speaking?.from === from) this.#speaking.root = root;
        effects.gathered(text.length);
      },
      flooding: effects.flooding,
    });
  }

  /** Another connection: what it brings continues nothing. */
  reset(): void {
    this.flush();
    this.#speaking = null;
  }

  /** In a room that names nobody: `member` has sent a line, which will be heard as nobody's. */
  noteSent(session: Session, line: string): void {
    this.#sentLines.add(session, line);
  }

  record(heard: RoomText): void {
    // `private`: to the ear alone, as every voice gets its own greeting.
    if (heard.kind === 'message') this.#speaking = { from: heard.from, root: undefined, begun: false };
    if (heard.kind === 'private' || !this.#speaking) return;
    const more = heard.kind === 'continuation' && this.#speaking.begun;
    // Empty lines are no entries: somebody who leans on Enter would push out what was said.
    if (!more && heard.text.trim() === '') return;
    this.#speaking.begun = true;
    this.#recordWords(this.#speaking, heard.text, more);
  }

  /** Records lines that wait to be gathered with others. */
  flush(): void {
    this.#gatherer.flush();
  }

  #recordWords(speaking: Speaking, text: string, more: boolean): void {
    if (speaking.from === '') {
      this.#recordPlain(speaking, text, more);
      return;
    }
    const session = this.#effects.sessionAt(speaking.from);
    if (!session) {
      this.#gather(speaking, text, false, more);
      return;
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) speaking.root = undefined;
      if (line !== '') this.#recordOwn(session, speaking, line, more && index === 0);
    }
  }

  /** In a room without headers: what one of our voices has sent and nobody has heard yet is its own. */
  #recordPlain(speaking: Speaking, line: string, more: boolean): void {
    const sent = more ? undefined : this.#sentLines.find(unwrapNcatLine(line));
    if (!sent) this.#gather(speaking, line, false, more);
    else
      this.#recordOwn(
        sent.sender,
        { from: sent.sender.lastAddress ?? '', root: undefined, begun: true },
        sent.text,
        false,
      );
  }

  /** A line under the address of one of our voices: each is a piece of a say, or forged. */
  #recordOwn(session: Session, speaking: Speaking, line: string, more: boolean): void {
    const verdict = session.matchEcho(line, more);
    if (verdict.kind === 'forged') {
      // A terminal may have the address of a voice that the room lost, but not yet of one that left: see room.ts.
      const forged = session.address === speaking.from || session.presence === 'gone';
      this.#gather(speaking, line, forged, more);
      return;
    }
    this.#gatherer.flushOf(speaking.from);
    speaking.root = verdict.continues ?? speaking.root;
    const said = { by: session.publicId, id: verdict.id, left: verdict.left };
    const first = this.#append(speaking, { text: line, said });
    speaking.root = first;
    if (verdict.kind === 'ours') verdict.recordAs(first);
  }

  #gather(speaking: Speaking, text: string, forged: boolean, more: boolean): void {
    const line = { from: speaking.from, text, forged, continues: speaking.root };
    const root = this.#gatherer.add(line, more);
    if (root !== undefined) speaking.root = root;
  }

  /** Returns the seq of the entry that later text of this message continues. */
  #append(
    { from, root }: Pick<Speaking, 'from' | 'root'>,
    words: Pick<Entry, 'text' | 'forged' | 'said'>,
  ): number {
    const entry = {
      at: this.#transcript.now,
      from,
      ...words,
      ...(root !== undefined && { continues: root }),
    };
    const seq = this.#transcript.append(entry);
    this.#effects.onRecorded(entry);
    return root ?? seq;
  }
}
