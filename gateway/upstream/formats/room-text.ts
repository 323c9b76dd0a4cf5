/**
 * The text of a room, and what its parsers know of the gateway's own voices. Types alone.
 */

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
