/** A message of a session on its way into the room, and the chunks of it that the voice has sent. */
import type { FailReason, ReceiptState } from '../protocol.ts';
import type { Chunks } from './chunks.ts';

export interface OutgoingMessage {
  id: string;
  /** Time of arrival, ms since 1970. */
  at: number;
  /** Chunks that are not sent yet. undefined: none is left, and the text is released. */
  chunks: Chunks | undefined;
  /** Number of chunks sent and not acknowledged. */
  unacknowledged: number;
  receipt: Receipt | undefined;
  /** A chunk was echoed. */
  hasEcho: boolean;
  /** Number of announcements. */
  announcements: number;
  /** The connection for which the message is announced, or is being announced. */
  announcedFor: number | undefined;
  isAnnouncing: boolean;
  /** Seq of the first entry of this message. */
  seq: number | undefined;
}

export interface Receipt {
  id: string;
  state: ReceiptState;
  /** Seq of the message's first entry in the log. */
  seq?: number;
  reason?: FailReason;
}

export interface Chunk {
  message: OutgoingMessage;
  text: string;
  bytes: number;
  /** Time of sending, ms since 1970. */
  sentAt: number;
  isLate: boolean;
  /** Its connection is gone, so that it cannot be glued to another chunk. */
  isStranded: boolean;
}
