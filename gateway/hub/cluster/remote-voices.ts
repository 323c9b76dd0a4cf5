/**
 * Voices of other gateways, and the chunks that they are about to send. So this gateway finds the sender of a line
 * that it has not sent itself.
 *
 *     announcement ---> chunks of a voice --- line under its address ---> echo of a chunk, or forged
 */
import { EchoMatcher, type SentChunk } from '../../session/echo-matcher.ts';
import type { Manner } from '../../upstream/formats/manner.ts';
import { SentLines } from '../sent-lines.ts';

/** A message that a voice is about to send, or the rest of one. */
export interface Announcement {
  /** The gateway of the voice. */
  gateway: string;
  /** Public id of the person. */
  by: string;
  /** Id of the say. */
  id: string;
  isHost: boolean;
  /** Address of the voice in the room. */
  address: string;
  /** The name with which the voice has logged in. */
  name?: string | undefined;
  /** Chunks that are still to be sent. */
  chunks: string[];
}

/** Voices that are remembered, and addresses of terminals. Some hours of a large room. */
const REMEMBERED_MAX = 5_000;

interface RemoteMessage {
  by: string;
  id: string;
  isHost: boolean;
  /** Number of chunks without an echo. */
  left: number;
}

interface RemoteChunk extends SentChunk {
  message: RemoteMessage;
}

class RemoteVoice {
  readonly gateway: string;
  readonly address: string;
  readonly echoes = new EchoMatcher<RemoteChunk>();

  constructor(gateway: string, address: string) {
    this.gateway = gateway;
    this.address = address;
  }

  findSentLine(lines: string[]): string | undefined {
    return this.echoes.find(lines)?.text;
  }
}

export type RemoteMatch =
  | { kind: 'echo'; by: string; id: string; left: number; isHost: boolean }
  | { kind: 'forged' };

export class RemoteVoices {
  readonly #gateway: string;
  readonly #senders: Manner['senders'];
  /** By address. The longest silent comes first. */
  readonly #voices = new Map<string, RemoteVoice>();
  /** By the name with which a voice has logged in. The longest silent comes first. */
  readonly #speakers = new Map<string, RemoteVoice>();
  readonly #sentLines = new SentLines<RemoteVoice>();
  /** Addresses that are no voices. */
  readonly #terminals = new Set<string>();

  /**
   * `gateway`: this gateway, whose own announcements are known already. `senders`: how the room shows who sent a line.
   */
  constructor(gateway: string, senders: Manner['senders'] = 'address') {
    this.#gateway = gateway;
    this.#senders = senders;
  }

  /** `loggedLeft`: number of chunks that the log has not yet. Undefined: it has none of the message. */
  onAnnouncement(
    { gateway, address, name, by, id, isHost, chunks }: Announcement,
    loggedLeft: number | undefined = undefined,
  ): void {
    if (gateway === this.#gateway) return;
    this.#terminals.delete(address);
    const before = this.#voices.get(address);
    const voice = before?.gateway === gateway ? before : new RemoteVoice(gateway, address);
    // Lines of the voice that had this address before may still be heard.
    if (before && voice !== before) voice.echoes.presumeLost(before.echoes.inFlight);
    this.#voices.delete(address);
    this.#voices.set(address, voice);
    if (name !== undefined) this.#noteSpeaker(name, voice);
    const rest = loggedLeft === undefined ? chunks : chunks.slice(chunks.length - loggedLeft);
    const message = { by, id, isHost, left: rest.length };
    for (const text of rest) {
      voice.echoes.add({ text, message });
      if (this.#senders === 'none') this.#sentLines.add(voice, text);
    }
    evictOldest(this.#voices);
  }

  /** The log has a message up to its last `left` chunks. The ear may have missed them. */
  onLogged(address: string, by: string, id: string, left: number): void {
    const voice = this.#voices.get(address);
    if (!voice) return;
    const isOfMessage = ({ message }: RemoteChunk): boolean => message.by === by && message.id === id;
    let seen = voice.echoes.inFlight.filter(isOfMessage).length - left;
    if (seen <= 0) return;
    voice.echoes.drop((chunk) => {
      if (!isOfMessage(chunk) || seen-- <= 0) return false;
      chunk.message.left--;
      return true;
    });
  }

  /** Returns true if the sender of this line is known. Otherwise its announcement may still be on the way. */
  isKnown(address: string, lines: readonly string[]): boolean {
    return this.#voices.has(address) ? this.expects(address, lines) : this.#terminals.has(address);
  }

  /** Returns true if a voice has announced these lines. `isContinuation`: they continue the last one. */
  expects(address: string, lines: readonly string[], isContinuation = false): boolean {
    const echoes = this.#voices.get(address)?.echoes;
    const isExpected = (line: string, index: number) =>
      line === '' || echoes?.expects(line, isContinuation && index === 0);
    return echoes !== undefined && lines.every(isExpected);
  }

  /** In a room with names: finds the voice that has announced this line under its name. */
  findSpeaker(name: string, line: string): { address: string; text: string } | undefined {
    const speaker = this.#speakers.get(name);
    return speaker?.echoes.expects(line) ? { address: speaker.address, text: line } : undefined;
  }

  /** In a room without senders: finds the voice that has announced one of these lines, and the text as it was sent. */
  findSender(lines: string[]): { address: string; text: string } | undefined {
    const found = this.#sentLines.find(lines);
    return found && { address: found.sender.address, text: found.text };
  }

  hasVoice(address: string): boolean {
    return this.#voices.has(address);
  }

  /** A line came from this address, and no gateway has announced it. */
  noteTerminal(address: string): void {
    this.#terminals.add(address);
    evictOldest(this.#terminals);
  }

  #noteSpeaker(name: string, voice: RemoteVoice): void {
    this.#speakers.delete(name);
    this.#speakers.set(name, voice);
    evictOldest(this.#speakers);
  }

  /** Compares a line under the address of a voice with its announced chunks. */
  match(address: string, line: string, isContinuation: boolean): RemoteMatch {
    const voice = this.#voices.get(address);
    if (!voice) return { kind: 'forged' };
    const match = voice.echoes.match(line, isContinuation);
    if (match.kind === 'forged') return match;
    const { message } = match.chunk;
    if (match.kind === 'matched') message.left--;
    const { by, id, isHost, left } = message;
    return { kind: 'echo', by, id, isHost, left };
  }
}

function evictOldest(remembered: {
  size: number;
  keys(): Iterator<string>;
  delete(key: string): boolean;
}): void {
  const oldest = remembered.size > REMEMBERED_MAX ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
}
