/**
 * Finds out who said each line that the ear hears: acknowledges the echoes of sessions, and marks forged lines.
 *
 *     ear -> recorder: echo of a session, or line of a terminal -> scribe
 */

import { HEADER_SUFFIX } from '../../tcp-server/wire.ts';
import type { Session } from '../session/session.ts';
import type { Manner } from '../upstream/formats/manner.ts';
import type { RoomText } from '../upstream/formats/room-text.ts';
import type { WireTap } from '../upstream/tap/wire-observer.ts';
import type { SharedScribe } from './cluster/shared-scribe.ts';
import type { HeardLine, HeardMessage } from './heard-line.ts';
import type { Scribe } from './local-scribe.ts';
import { SentLines } from './sent-lines.ts';

export interface RecorderParts {
  manner: Manner;
  scribe: Scribe;
  tap: WireTap;
  /** Sessions by the addresses that their voices have, or had until a moment ago. */
  voices: ReadonlyMap<string, Session>;
  /** Sessions by their login names. */
  speakers: ReadonlyMap<string, Session>;
  /** The scribe of several gateways, which knows the voices of the others. Undefined for one gateway alone. */
  cluster: SharedScribe | undefined;
}

/** Texts that wait for announcements at most. Beyond this their senders may stay unknown. */
const WAITING_MAX_TEXTS = 20_000;

/** The message that the room sends at the moment. */
interface CurrentMessage extends HeardMessage {
  /** The message has text, so that further text is a continuation. */
  isBegun: boolean;
  /** The header, until the first line is written. */
  header: string;
}

/** The voice that sent a line in a room without addresses. */
interface Sender {
  /** Undefined for a voice of another gateway. */
  session: Session | undefined;
  address: string;
  /** The line as it was sent. */
  text: string;
  /** The room shows the sender's name. */
  isNamed: boolean;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #sentLines = new SentLines<Session>();
  #message: CurrentMessage | null = null;
  #echoCount = 0;
  /** Texts behind a line whose sender may still be announced. */
  #waiting: RoomText[] = [];
  /** Number of waiting texts that the engine's answer will release, while it is awaited. */
  #awaited: { heard: number } | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** The ear has another connection, whose text continues nothing. */
  reset(): void {
    this.#recordWaiting();
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
    if (this.#parts.cluster) this.#recordInOrder(texts, this.#parts.cluster);
    else this.#recordAll(texts);
    return this.#echoCount > before;
  }

  #recordAll(texts: readonly RoomText[]): void {
    for (const text of texts) {
      this.#parts.tap.observer?.onText(text);
      this.#recordText(text);
    }
    this.#parts.scribe.publish();
  }

  #recordWaiting(): void {
    this.#awaited = undefined;
    this.#recordAll(this.#waiting.splice(0));
  }

  /** A voice of another gateway is announced before it sends. Still its line may be heard first. */
  #recordInOrder(texts: readonly RoomText[], cluster: SharedScribe): void {
    this.#waiting = this.#waiting.length === 0 ? [...texts] : this.#waiting.concat(texts);
    if (this.#awaited && this.#waiting.length > WAITING_MAX_TEXTS) this.#recordWaiting();
    if (this.#awaited) return;
    const unknown = this.#waiting.findIndex((text) => !this.#isSenderKnown(text, cluster));
    this.#recordAll(this.#waiting.splice(0, unknown < 0 ? this.#waiting.length : unknown));
    if (unknown < 0) return;
    const awaited = { heard: this.#waiting.length };
    this.#awaited = awaited;
    cluster.afterAnnouncements(() => {
      if (this.#awaited !== awaited) return;
      this.#awaited = undefined;
      // These texts have no announcement to wait for any more.
      this.#recordAll(this.#waiting.splice(0, awaited.heard));
      this.#recordInOrder([], cluster);
    });
  }

  #isSenderKnown(text: RoomText, { voices }: SharedScribe): boolean {
    if (text.kind !== 'message') return true;
    const session = this.#parts.voices.get(text.from);
    if (session?.address === text.from || session?.sendQueue.expectsEcho(text.text)) return true;
    if (text.from !== '') return voices.isKnown(text.from, text.text.split('\n'));
    return this.#findSender(text, text.text) !== undefined;
  }

  /** Records gathered lines. */
  flush(): void {
    this.#parts.scribe.flush();
  }

  #recordText(heard: RoomText): void {
    if (heard.kind === 'message') {
      const { from, name } = heard;
      const header = from === '' ? (name ?? '') : from + HEADER_SUFFIX;
      this.#message = { from, name, root: undefined, isBegun: false, header };
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
    const session = this.#sessionAt(message.from, text, isContinuation);
    const { cluster } = this.#parts;
    if (session || cluster?.voices.hasVoice(message.from))
      this.#recordVoice(session, message, text, isContinuation);
    else {
      cluster?.voices.noteTerminal(message.from);
      this.#recordTerminal(message, text, false, isContinuation);
    }
  }

  /** Finds the session with this address, or which had it. A voice of another gateway may have it now, or had it before. */
  #sessionAt(address: string, text: string, isContinuation: boolean): Session | undefined {
    const session = this.#parts.voices.get(address);
    const voices = this.#parts.cluster?.voices;
    if (!session || !voices?.expects(address, text.split('\n'), isContinuation)) return session;
    return session.address === address && session.sendQueue.expectsEcho(text, isContinuation)
      ? session
      : undefined;
  }

  /**
   * Records the lines of a voice, each of which may be another message of the session. `session`: undefined for a voice
   * of another gateway.
   */
  #recordVoice(
    session: Session | undefined,
    message: CurrentMessage,
    text: string,
    isContinuation: boolean,
  ): void {
    const [first = '', ...others] = text.split('\n');
    if (first !== '') this.#recordVoiceLine(session, message, first, isContinuation);
    let current = message;
    for (const line of others) {
      current = this.#message = { ...current, root: undefined };
      if (line !== '') this.#recordVoiceLine(session, current, line, false);
    }
  }

  /** `heard`: the line as the room sent it. */
  #recordVoiceLine(
    session: Session | undefined,
    message: CurrentMessage,
    line: string,
    isContinuation: boolean,
    heard = line,
  ): void {
    const { cluster } = this.#parts;
    if (session) this.#recordEcho(session, message, line, isContinuation, heard);
    else if (cluster) this.#recordRemoteEcho(cluster, message, line, isContinuation, heard);
  }

  #recordRemoteEcho(
    cluster: SharedScribe,
    message: CurrentMessage,
    text: string,
    isContinuation: boolean,
    heard: string,
  ): void {
    const match = cluster.voices.match(message.from, text, isContinuation);
    if (match.kind === 'forged') {
      this.#recordTerminal(message, text, cluster.isVoice(message.from), isContinuation);
      return;
    }
    const { by, id, left, isHost } = match;
    const said = { by, id, left, ...(isHost && { host: true as const }) };
    this.#write(message, { text, isContinuation, said }, heard);
  }

  #recordNote(text: string): void {
    this.#message = null;
    if (text.trim() === '') return;
    const message = { from: '', name: undefined, root: undefined };
    this.#parts.scribe.write({ message, text, heard: text, isContinuation: false, isNote: true });
  }

  #recordWithoutAddress(message: CurrentMessage, line: string, isContinuation: boolean): void {
    const sender = isContinuation ? undefined : this.#findSender(message, line);
    if (!sender) {
      this.#recordTerminal(message, line, false, isContinuation);
      return;
    }
    const { session, address: from, text } = sender;
    const { header } = message;
    // The rest of a line with a name is the rest of the echo.
    if (sender.isNamed) message.from = from;
    const echo = sender.isNamed ? message : { from, name: undefined, root: undefined, isBegun: true, header };
    this.#recordVoiceLine(session, echo, text, false, line);
    message.header = '';
  }

  /** In a room without addresses: finds a voice, here or elsewhere, that has sent a line and not heard it yet. */
  #findSender({ name }: { name?: string | undefined }, line: string): Sender | undefined {
    const { speakers, manner, cluster } = this.#parts;
    if (name !== undefined) {
      const session = speakers.get(name);
      if (session?.sendQueue.expectsEcho(line))
        return { session, address: session.lastAddress ?? '', text: line, isNamed: true };
      const remote = cluster?.voices.findSpeaker(name, line);
      if (remote) return { session: undefined, ...remote, isNamed: true };
    }
    const texts = manner.sentTexts(line);
    const sent = this.#sentLines.find(texts);
    if (sent)
      return {
        session: sent.sender,
        address: sent.sender.lastAddress ?? '',
        text: sent.text,
        isNamed: false,
      };
    const remote = cluster?.voices.findSender(texts);
    return remote && { session: undefined, ...remote, isNamed: false };
  }

  /** Records a line under the address of a voice: the echo of a chunk, or forged. */
  #recordEcho(
    session: Session,
    message: CurrentMessage,
    line: string,
    isContinuation: boolean,
    heard: string,
  ): void {
    const match = session.sendQueue.matchEcho(line, isContinuation);
    if (match.kind === 'forged') {
      // A terminal may get the address of a voice that the room lost, but not yet that of a voice that left.
      const { from, name } = message;
      const isVoice =
        session.address === from ||
        session.presence === 'gone' ||
        this.#parts.cluster?.isVoice(from) === true;
      const isForged = name === undefined && isVoice;
      this.#recordTerminal(message, line, isForged, isContinuation);
      return;
    }
    this.#echoCount++;
    const { publicId: by, isHost } = session;
    const said = { by, id: match.id, left: match.left, ...(isHost && { host: true as const }) };
    this.#write(message, { text: line, isContinuation, said, continues: match.continues }, heard);
    if (match.kind !== 'matched') return;
    this.#parts.tap.observer?.onEcho(session.id, match.chunk.text);
    session.sendQueue.acknowledge(match.chunk);
  }

  #recordTerminal(message: CurrentMessage, text: string, isForged: boolean, isContinuation: boolean): void {
    this.#write(message, { text, isContinuation, isForged });
  }

  /** `heard`: the line as the room sent it, behind its header. All gateways must hear the same. */
  #write(message: CurrentMessage, line: Omit<HeardLine, 'message' | 'heard'>, heard = line.text): void {
    const { header } = message;
    message.header = '';
    this.#parts.scribe.write({ message, heard: header + heard, ...line });
  }
}
