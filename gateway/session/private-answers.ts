/** Finds the messages that the server's private text answers: it may repeat a chunk, or only acknowledge it. */
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { EchoMatcher } from './echo-matcher.ts';
import type { Chunk } from './outgoing-message.ts';

/** How much private text is searched for an echo, characters: a chunk and the text around it. */
const SEARCHED_MAX = 4 * WIRE_MAX_BYTES;

/** Lines of the server's private text, and the id of the message that they answer. */
export interface Answer {
  text: string;
  answers: string | undefined;
}

export class PrivateAnswers {
  readonly #echoes: EchoMatcher<Chunk>;
  /** The newest private text, in which echoes are searched. */
  #text = '';
  /** Id of the message whose chunk was sent last on this connection. */
  #lastSent: string | undefined;

  constructor(echoes: EchoMatcher<Chunk>) {
    this.#echoes = echoes;
  }

  /** A chunk of the message with this id is about to be sent. */
  onSend(id: string): void {
    if (this.#echoes.inFlight.length === 0) this.#text = '';
    this.#lastSent = id;
  }

  onVoiceLost(): void {
    this.#lastSent = undefined;
  }

  /** Splits private text by the message that each line answers: the one it repeats, else the last that was sent. */
  split(privateText: string): Answer[] {
    const sent = [...this.#echoes.inFlight];
    if (sent.length <= 1) return [{ text: privateText, answers: this.#lastSent }];
    const parts: Answer[] = [];
    let answers = this.#lastSent;
    for (const line of privateText.split('\n')) {
      const index = sent.findIndex((chunk) => isRepeatedIn(line, chunk));
      if (index >= 0) answers = sent.splice(0, index + 1).at(-1)?.message.id;
      const last = parts.at(-1);
      if (last && last.answers === answers) last.text += `\n${line}`;
      else parts.push({ text: line, answers });
    }
    return parts;
  }

  /** Adds text to search. An echo may come in parts. */
  add(text: string): void {
    this.#text = (this.#text + text).slice(-SEARCHED_MAX);
  }

  /** Takes the next chunk that the text repeats out of flight. Returns undefined if there is none. */
  takeRepeated(): Chunk | undefined {
    const chunk = this.#echoes.takeAt(
      this.#echoes.inFlight.findIndex((sent) => isRepeatedIn(this.#text, sent)),
    );
    if (!chunk) return undefined;
    const echo = chunk.text.trim();
    this.#text = this.#text.slice(this.#text.indexOf(echo) + echo.length);
    return chunk;
  }
}

function isRepeatedIn(privateText: string, { text }: Chunk): boolean {
  const echo = text.trim();
  return echo !== '' && privateText.includes(echo);
}
