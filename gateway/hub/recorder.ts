/**
 * Finds out who said each line that the ear hears: acknowledges the echoes of sessions, and marks forged lines.
 *
 *     ear -> recorder: echo of a session, or line of a terminal -> scribe
 */
import { SentLines } from '../session/sent-lines.ts';
import type { Session } from '../session/session.ts';
import type { Manner, RoomText } from '../upstream/formats/room-text.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import type { HeardMessage, Scribe } from './scribe.ts';

export interface RecorderParts {
  manner: Manner;
  scribe: Scribe;
  tap: WireTap;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
  /** Sessions by their login names. */
  speakers: ReadonlyMap<string, Session>;
}

/** The message that the room sends at the moment. */
interface CurrentMessage extends HeardMessage {
  /** The message has text, so that further text is a continuation. */
  isBegun: boolean;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #sentLines = new SentLines<Session>();
  #message: CurrentMessage | null = null;
  #echoCount = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** The ear has another connection, whose text continues nothing. */
  reset(): void {
    this.flush();
    this.#message = null;
  }

  /** In a room without headers, remembers who sent a line. */
  noteSent(session: Session, line: string): void {
    this.#sentLines.add(session, line);
  }

  /** Returns true if any text is the echo of a session. */
  record(texts: readonly RoomText[]): boolean {
    const before = this.#echoCount;
    for (const text of texts) {
      this.#parts.tap.observer?.onText(text);
      this.#recordText(text);
    }
    this.#parts.scribe.publish();
    return this.#echoCount > before;
  }

  /** Records gathered lines. */
  flush(): void {
    this.#parts.scribe.flush();
  }

  #recordText(heard: RoomText): void {
    if (heard.kind === 'message') {
      this.#message = { from: heard.from, name: heard.name, root: undefined, isBegun: false };
    } else if (heard.kind === 'note') {
      this.#recordNote(heard.text);
      return;
    }
    // Private text is for the ear alone. Each voice gets its own.
    if (heard.kind === 'private' || !this.#message) return;
    const isContinuation = heard.kind === 'continuation' && this.#message.isBegun;
    // An empty line is no entry, because a held Enter key would evict messages from the log.
    if (!isContinuation && heard.text.trim() === '') return;
    this.#message.isBegun = true;
    if (this.#message.from === '') this.#recordWithoutAddress(this.#message, heard.text, isContinuation);
    else this.#recordNamed(this.#message, heard.text, isContinuation);
  }

  #recordNamed(message: CurrentMessage, text: string, isContinuation: boolean): void {
    const session = this.#parts.voices.get(message.from);
    if (!session) {
      this.#recordTerminal(message, text, false, isContinuation);
      return;
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) message.root = undefined;
      if (line !== '') this.#recordEcho(session, message, line, isContinuation && index === 0);
    }
  }

  #recordNote(text: string): void {
    this.#message = null;
    if (text.trim() === '') return;
    const message = { from: '', name: undefined, root: undefined };
    this.#parts.scribe.write({ message, text, isContinuation: false, isNote: true });
  }

  #recordWithoutAddress(message: CurrentMessage, line: string, isContinuation: boolean): void {
    const { name } = message;
    const speaker = name === undefined || isContinuation ? undefined : this.#parts.speakers.get(name);
    if (!speaker) {
      this.#recordUnnamed(message, line, isContinuation);
      return;
    }
    const address = speaker.lastAddress ?? '';
    if (!speaker.sendQueue.expectsEcho(line)) this.#recordTerminal(message, line, false, false);
    else {
      // The rest of this line is the rest of the echo.
      message.from = address;
      this.#recordEcho(speaker, message, line, false);
    }
  }

  /** In a room without headers, a line that a session has sent and not heard yet is its echo. */
  #recordUnnamed(message: CurrentMessage, line: string, isContinuation: boolean): void {
    const sent = isContinuation ? undefined : this.#sentLines.find(this.#parts.manner.sentTexts(line));
    if (!sent) this.#recordTerminal(message, line, false, isContinuation);
    else {
      const from = sent.sender.lastAddress ?? '';
      this.#recordEcho(
        sent.sender,
        { from, name: undefined, root: undefined, isBegun: true },
        sent.text,
        false,
      );
    }
  }

  /** Records a line under the address of a voice: the echo of a chunk, or forged. */
  #recordEcho(session: Session, message: CurrentMessage, line: string, isContinuation: boolean): void {
    const match = session.sendQueue.matchEcho(line, isContinuation);
    if (match.kind === 'forged') {
      // A terminal may get the address of a voice that the room lost, but not yet that of a voice that left.
      const isForged =
        message.name === undefined && (session.address === message.from || session.presence === 'gone');
      this.#recordTerminal(message, line, isForged, isContinuation);
      return;
    }
    this.#echoCount++;
    const { publicId: by, isHost } = session;
    const said = { by, id: match.id, left: match.left, ...(isHost && { host: true as const }) };
    this.#parts.scribe.write({ message, text: line, isContinuation, said, continues: match.continues });
    if (match.kind !== 'matched') return;
    this.#parts.tap.observer?.onEcho(session.id, match.chunk.text);
    session.sendQueue.acknowledge(match.chunk);
  }

  #recordTerminal(message: CurrentMessage, text: string, isForged: boolean, isContinuation: boolean): void {
    this.#parts.scribe.write({ message, text, isContinuation, isForged });
  }
}
