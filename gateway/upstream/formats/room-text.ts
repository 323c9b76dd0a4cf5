/**
 * The text of a room, and what a manner of a room can do with it. Types alone.
 */
import type { Framing } from './framing.ts';

export type RoomText =
  /**
   * A header and the text after it so far. `from` is `IPv4:PORT` or `[IPv6]:PORT`, empty in a room without addresses.
   * `name` is the sender's name or IP address, if the room writes one.
   */
  | { kind: 'message'; from: string; text: string; name?: string }
  /** More text of the last message. */
  | { kind: 'continuation'; text: string }
  /** A line of the room itself to everybody: `Ana has joined`. */
  | { kind: 'note'; text: string }
  /** Text of the server itself, because no header came before it in this connection. */
  | { kind: 'private'; text: string };

export interface RoomParser {
  /** True if `flush` would emit text. */
  readonly isHolding: boolean;
  push(bytes: Uint8Array): RoomText[];
  flush(): RoomText[];
  /** Emits everything, because the connection ended. */
  end(): RoomText[];
}

/** A text that a voice has sent, and that was not echoed yet. */
export interface SentText {
  /** Empty in a room without logins. */
  readonly name: string;
  readonly address: string;
  readonly text: string;
}

/** The gateway's own voices, as a parser needs them. */
export interface OwnVoices {
  /** Returns true if this is the address of one of the gateway's voices. */
  isOwn(address: string): boolean;
  /** Iterates over the texts in flight. */
  inFlight(): Iterable<SentText>;
}

/**
 * How long a caller should let a parser hold text before it flushes, ms. No reader notices the delay, and the rest of a
 * header that TCP cut is rarely later.
 */
export const HOLD_MS = 10;

/** Texts that a connection sends first, step by step. */
export interface Login {
  /** The login contains a name, so that a person must choose one. */
  readonly needsName: boolean;
  steps(name: string): string[];
  /** Index of the first step with the name. A refused name is sent again from there. */
  readonly nameStep: number;
  /** Returns true if the line is a message, so that it answers no login. */
  isMessage(line: string): boolean;
}

export interface Manner {
  /** The value of ROOM_FORMAT. */
  readonly name: string;
  /** The value of ROOM_FORMAT that probably fits a room that does not talk like this. */
  readonly alternative: string;
  /**
   * Each message has a header, so a message shows that the room has this format. Without headers only the echo of a sent
   * line does.
   */
  readonly hasHeaders: boolean;
  /** The end of a header, where messages begin behind headers anywhere. Undefined where they are lines. */
  readonly headerEnd: string | undefined;
  /** How a line names the voice that sent it. `none`: a voice is found by the text. */
  readonly senders: 'address' | 'name' | 'none';
  /** Messages end by a pause, so that two connections may hear them in different parts. */
  readonly endsByPause: boolean;
  /** How long the parser of the ear holds an incomplete line, ms. */
  readonly holdMs: number;
  /** The parser of the ear. */
  newEarParser(own: OwnVoices): RoomParser;
  /** The parser of a voice, which looks for private text. Undefined where private text looks like a message. */
  readonly newVoiceParser: (() => RoomParser) | undefined;
  /** How long text before the first message counts as private, ms. */
  readonly privateMs: number;
  /** Returns true if a voice received a message. Undefined: all text after the private text is one. */
  readonly isBroadcast: ((bytes: Uint8Array) => boolean) | undefined;
  /** Returns the texts that a client may have sent if the room repeats it as `line`, in a room without headers. */
  sentTexts(line: string): string[];
  readonly login: Login | undefined;
  /** Longest text of one chunk, bytes of UTF-8. The rest of what is written must fit into a read of the server. */
  readonly chunkMaxBytes: number;
  /** Returns a text as the charset of the room can hold it. */
  toCharset(text: string): string;
  /** Returns what is written into the room for a text of one line. */
  say(text: string, name: string): string | Uint8Array;
  encode(text: string): string | Uint8Array;
  readonly bye: string | undefined;
  /** Undefined: the server sends lines. */
  readonly framing: Framing | undefined;
}

/** A value of ROOM_BYE: the connection is reset. */
export const RESET = 'reset';
