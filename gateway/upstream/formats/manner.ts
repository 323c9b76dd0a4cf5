/**
 * The manner of a room: how its text is read, how one logs in, how a message is written, how one leaves. Everything that
 * depends on the kind of server is here, so that the rest of the gateway knows no format by its name.
 */
import { HEADER_SUFFIX, WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';
import { DiceParser } from './dice-parser.ts';
import type { Framing } from './framing.ts';
import { LineParser } from './line-parser.ts';
import { PlainParser, unwrapNcatLine } from './plain-parser.ts';
import type { OwnVoices } from './room-text.ts';

/** Turns the bytes of a room into texts. */
export type RoomParser = DiceParser | LineParser;

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

/**
 * How long text that may be an incomplete header is held, ms. No reader notices the delay, and the rest of a
 * header that TCP cut is rarely later.
 */
const HOLD_MS = 10;

/** The manner of the tutorial's server: `IP:PORT dice: ` before each message. Its clients end a message with a newline. */
export const dice: Manner = {
  name: 'dice',
  alternative: 'plain',
  hasHeaders: true,
  headerEnd: HEADER_SUFFIX,
  senders: 'address',
  endsByPause: false,
  holdMs: HOLD_MS,
  newEarParser: (own) => new DiceParser(own.isOwn),
  newVoiceParser: () => new DiceParser(),
  privateMs: Number.POSITIVE_INFINITY,
  isBroadcast: undefined,
  sentTexts: (line) => [line],
  login: undefined,
  chunkMaxBytes: WIRE_MAX_BYTES - 1,
  toCharset: (text) => text,
  say: (text) => `${text}\n`,
  encode: (text) => text,
  bye: undefined,
  framing: undefined,
};

/** The manner of a server that repeats lines as they are. */
export const plain: Manner = {
  ...dice,
  name: 'plain',
  alternative: 'dice',
  hasHeaders: false,
  headerEnd: undefined,
  senders: 'none',
  newEarParser: () => new LineParser(new PlainParser()),
  newVoiceParser: undefined,
  sentTexts: unwrapNcatLine,
};
