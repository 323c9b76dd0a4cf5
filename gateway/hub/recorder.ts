/**
 * Turns the text that the ear hears into entries of the transcript, matches echoes with sent messages, and requests the
 * fan-out.
 *
 *     ear -> recorder: echo of a session, or line of a terminal -> transcript -> fan-out -> counters
 */
import type { RateLimit } from '../../common/token-bucket.ts';
import type { Counters } from '../ops/counters.ts';
import type { Entry } from '../protocol.ts';
import { SentLines } from '../session/sent-lines.ts';
import type { Session } from '../session/session.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { Manner, RoomText } from '../upstream/formats/room-text.ts';
import type { EntryFanOut } from './fan-out.ts';
import { type Line, LineGatherer, type LineGathererListener } from './line-gatherer.ts';
import type { PresenceList } from './presence.ts';

export interface RecorderParts {
  manner: Manner;
  transcript: Transcript;
  fanOut: EntryFanOut;
  counters: Counters;
  presence: PresenceList;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
  /** Sessions by their login names. */
  speakers: ReadonlyMap<string, Session>;
}

/** The message that the room sends at the moment. */
interface CurrentMessage {
  from: string;
  /** The sender's name in the room, which the entry gets as a nickname. */
  name: string | undefined;
  /** Seq of the entry that further text continues. */
  root: number | undefined;
  /** The message has text, so that further text is a continuation. */
  isBegun: boolean;
}

type NewEntry = Omit<Entry, 'seq'>;

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #sentLines = new SentLines<Session>();
  readonly #gatherer: LineGatherer;
  #message: CurrentMessage | null = null;
  /** Entries that are recorded but not counted yet. */
  #uncounted: NewEntry[] = [];
  #echoCount = 0;

  /** `lineRate`: how fast the lines of an address become entries of their own. */
  constructor(parts: RecorderParts, lineRate: RateLimit, onFlood: LineGathererListener['onFlood']) {
    this.#parts = parts;
    this.#gatherer = new LineGatherer(lineRate, { onGathered: (line) => this.#onGathered(line), onFlood });
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
    for (const text of texts) this.#recordText(text);
    this.#publish();
    return this.#echoCount > before;
  }

  /** Records gathered lines. */
  flush(): void {
    this.#gatherer.flush();
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
    if (this.#gatherer.gather({ from: '', text, isForged: false, isNote: true, continues: undefined }, false))
      return;
    this.#append({ from: '', root: undefined }, { text, note: true });
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
    this.#gatherer.flushAddress(message.from);
    message.root = match.continues ?? message.root;
    const { publicId: by, isHost } = session;
    const said = { by, id: match.id, left: match.left, ...(isHost && { host: true as const }) };
    message.root = this.#append(message, { text: named(message, line), said });
    if (match.kind === 'matched') session.sendQueue.acknowledge(match.chunk, message.root);
  }

  #recordTerminal(message: CurrentMessage, text: string, isForged: boolean, isContinuation: boolean): void {
    const { from, root } = message;
    const words = named(message, text);
    const line = { from, text: words, isForged, isNote: false, continues: root };
    if (this.#gatherer.gather(line, isContinuation)) return;
    message.root = this.#append(message, { text: words, ...(isForged && { forged: true }) });
  }

  #onGathered({ from, text, isForged, isNote, continues }: Line): void {
    const content = {
      text,
      ...(isForged && { forged: true as const }),
      ...(isNote && { note: true as const }),
    };
    const root = this.#append({ from, root: continues }, content);
    if (this.#message?.from === from) this.#message.root = root;
    this.#publish();
  }

  /** Returns the seq of the entry that further text of the message continues. */
  #append(
    { from, root }: Pick<CurrentMessage, 'from' | 'root'>,
    content: Pick<Entry, 'text' | 'forged' | 'said' | 'note'>,
  ): number {
    const { transcript } = this.#parts;
    const at = transcript.now;
    const isTaken = root === undefined && !content.forged && this.#parts.presence.claimName(content, at);
    const entry = {
      at,
      from,
      ...content,
      ...(isTaken && { taken: true as const }),
      ...(root !== undefined && { continues: root }),
    };
    this.#uncounted.push(entry);
    const seq = transcript.append(entry);
    return root ?? seq;
  }

  /** Delivers first, and updates counters and presence afterwards. */
  #publish(): void {
    const { fanOut, counters, presence } = this.#parts;
    fanOut.request();
    for (const entry of this.#uncounted.splice(0)) {
      counters.entry();
      if (entry.forged) counters.forged();
      presence.onEntry(entry);
    }
  }
}

/** Writes a sender's name before the first text of a message, as the page writes a nickname. */
function named({ name, root }: CurrentMessage, text: string): string {
  return name === undefined || root !== undefined ? text : `<${name}> ${text}`;
}
