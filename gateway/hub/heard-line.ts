/**
 * Text that the ear heard, as the recorder passes it to a scribe. Types alone.
 */
import type { Entry } from '../protocol.ts';

/** A message that the room sends. Its text may come in parts. */
export interface HeardMessage {
  from: string;
  /** The sender's name in the room, which the entry gets as a nickname. */
  name: string | undefined;
  /** Seq of the entry that further text continues. */
  root: number | undefined;
}

/** Text of a message, for one entry. */
export interface HeardLine {
  message: HeardMessage;
  text: string;
  /** The text as the room sent it, with the header before its first line. */
  heard: string;
  /** The text continues the last text of the message. */
  isContinuation: boolean;
  /** Set for the echo of a session's chunk. */
  said?: NonNullable<Entry['said']>;
  /** Seq of the first entry of the session's message, if this line is not the first. */
  continues?: number | undefined;
  isForged?: boolean;
  /** A line of the room itself. */
  isNote?: boolean;
}
