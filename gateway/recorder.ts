/**
 * What the ear hears becomes entries of the transcript: who said it, and of which say of ours it is a piece.
 */
import type { Member } from './member.ts';
import type { Heard } from './parser.ts';
import { wordsBehind } from './plain.ts';
import type { Entry } from './protocol.ts';
import { SentLines } from './sent-lines.ts';
import type { Transcript } from './transcript.ts';

export interface RecorderEffects {
  /** Whose voice has, or had until a moment ago, this address in the room? */
  voiceAt(address: string): Member | undefined;
  recorded(entry: Omit<Entry, 'seq'>): void;
}

/** Who is speaking: what a header named last. `root`: the entry that their next words continue. */
interface Speaking {
  from: string;
  root: number | undefined;
}

export class Recorder {
  readonly #transcript: Transcript;
  readonly #effects: RecorderEffects;
  readonly #sentLines = new SentLines<Member>();
  #speaking: Speaking | null = null;

  constructor(transcript: Transcript, effects: RecorderEffects) {
    this.#transcript = transcript;
    this.#effects = effects;
  }

  /** Another connection: what it brings continues nothing. */
  begin(): void {
    this.#speaking = null;
  }

  /** In a room that names nobody: `member` has sent a line, which will be heard as nobody's. */
  noteSent(member: Member, line: string): void {
    this.#sentLines.add(member, line);
  }

  record(heard: Heard): void {
    // `words`: to the ear alone, as every voice gets its own greeting.
    if (heard.kind === 'message') this.#speaking = { from: heard.from, root: undefined };
    if (heard.kind !== 'words' && this.#speaking) {
      this.#recordWords(this.#speaking, heard.text, heard.kind === 'more');
    }
  }

  #recordWords(speaking: Speaking, text: string, more: boolean): void {
    if (speaking.from === '') {
      this.#recordPlain(speaking, text, more);
      return;
    }
    const member = this.#effects.voiceAt(speaking.from);
    if (!member) {
      this.#append(speaking, { text });
      return;
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) speaking.root = undefined;
      if (line !== '') this.#recordOwn(member, speaking, line, more && index === 0);
    }
  }

  /** In a room without headers: what one of our voices has sent and nobody has heard yet is its own. */
  #recordPlain(speaking: Speaking, line: string, more: boolean): void {
    const sent = more ? undefined : this.#sentLines.find(wordsBehind(line));
    if (!sent) this.#append(speaking, { text: line });
    else
      this.#recordOwn(
        sent.sender,
        { from: sent.sender.lastAddress ?? '', root: undefined },
        sent.text,
        false,
      );
  }

  /** A line under the address of one of our voices: each is a piece of a say, or forged. */
  #recordOwn(member: Member, speaking: Speaking, line: string, more: boolean): void {
    const verdict = member.hear(line, more);
    if (verdict.kind === 'forged') {
      // A terminal may have the address of a voice that the room lost, but not yet of one that left: see room.ts.
      const forged = member.address === speaking.from || member.presence === 'gone';
      this.#append(speaking, { text: line, ...(forged && { forged }) });
      return;
    }
    speaking.root = verdict.continues ?? speaking.root;
    const said = { by: member.name, id: verdict.id, left: verdict.left };
    const first = this.#append(speaking, { text: line, said });
    if (verdict.kind === 'ours') verdict.recordAs(first);
  }

  /** Returns the seq of the entry that the words belong to. */
  #append(speaking: Speaking, words: Pick<Entry, 'text' | 'forged' | 'said'>): number {
    const { from, root } = speaking;
    const entry = {
      at: this.#transcript.now,
      from,
      ...words,
      ...(root !== undefined && { continues: root }),
    };
    const seq = this.#transcript.append(entry);
    this.#effects.recorded(entry);
    speaking.root = root ?? seq;
    return speaking.root;
  }
}
