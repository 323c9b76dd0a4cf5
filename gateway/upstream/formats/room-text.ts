/**
 * The text of a room, and what a manner of a room can do with it. Types alone.
 */

export type RoomText =
  /** A header and the text after it so far. `from` is `IPv4:PORT` or `[IPv6]:PORT`, empty in a room without headers. */
  | { kind: 'message'; from: string; text: string }
  /** More text of the last message. */
  | { kind: 'continuation'; text: string }
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

/**
 * How long a caller should let a parser hold text before it flushes, ms. No reader notices the delay, and the rest of a
 * header that TCP cut is rarely later.
 */
export const HOLD_MS = 10;

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
  /** The parser of the ear. `isOwn` returns true for addresses of the gateway's own voices. */
  newEarParser(isOwn: (address: string) => boolean): RoomParser;
  /** The parser of a voice, which looks for private text. Undefined where private text looks like a message. */
  readonly newVoiceParser: (() => RoomParser) | undefined;
  /** Returns the texts that a client may have sent if the room repeats it as `line`, in a room without headers. */
  sentTexts(line: string): string[];
  /** Returns what is written into the room for a text of one line. */
  say(text: string): string;
}
