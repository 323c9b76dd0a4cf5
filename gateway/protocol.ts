/**
 * CONTRACT: the messages of the WebSocket `/ws`, both directions, and what the page asks over HTTP. Imports nothing.
 *
 * With the subprotocol below each text frame is one JSON object of these types. Without a subprotocol the
 * socket is plain text: a frame in is one message, a frame out is one or more of the room's lines.
 *
 *     browser                            gateway
 *        | ---- hello ---------------------> |   first, within HELLO_TIMEOUT
 *        | <--- welcome -------------------- |   once the voice is in the room, or is known not to be
 *        | <--- messages, messages, ... ---- |   history, then live, by seq, each once
 *        | ---- say {id} ------------------> |
 *        | <--- receipt {id} --------------- |   unconfirmed may be followed by heard; heard and failed are final
 *        | <--- room ----------------------- |   the room was lost or regained
 *        | <--- disk ----------------------- |   what is said may be lost in a crash, or is kept again
 *        | ---- name ----------------------> |   what the person is called, for who asks who is here
 *        | <--- people --------------------- |   somebody came, went or is called otherwise; who, GET /api/people tells
 *        | ---- leave ---------------------> |   closed by the gateway with CLOSE.left
 */

export const SUBPROTOCOL = 'tertulia.v1';

/**
 * Where the room has a passphrase, a page shows the token of `POST /api/enter`: offered as a second subprotocol, this
 * and the token, and in this header over HTTP. `Authorization` stays free for a proxy that asks for a password.
 */
export const TOKEN_PROTOCOL = 'tertulia.token.';
export const TOKEN_HEADER = 'tertulia-token';

/** One entry of the transcript. `seq` counts from 1 without holes, so a jump in it is what is missing. */
export interface Entry {
  seq: number;
  /** When the gateway heard it, ms since 1970. */
  at: number;
  /** `IP:PORT` as the room gives it; empty for a gap, and where the room does not tell (ROOM_FORMAT=plain). */
  from: string;
  /** May hold newlines: one chunk of a terminal's with several lines is one message. */
  text: string;
  /** This text belongs, with nothing between, to the end of the text of that earlier entry. */
  continues?: number;
  /** Words of a browser of this gateway. Addresses are used again by others; this is not. */
  said?: {
    /** Which browser: the `me` of its welcome. */
    by: string;
    /** The id it gave the say. */
    id: string;
    /** Pieces of the say that are still to come; 0: the log has all of it. */
    left: number;
  };
  /** Claims the address of one of the gateway's own voices, which did not say it. */
  forged?: true;
  /** The gateway did not hear the room in this time (ms since 1970): words may be missing here. */
  gap?: { since: number; until: number };
}

export type ReceiptState = 'heard' | 'unconfirmed' | 'failed';

/**
 * Why the gateway can't follow the room. `asks`: the room wants something of each connection first, a name perhaps.
 * `format`: the room does not talk as ROOM_FORMAT says. What a browser sends goes out all the same.
 */
export type RoomTrouble = 'asks' | 'format';

/** Why a say failed: it was not and will not be said. */
export type FailReason = 'empty' | 'too-long' | 'left' | 'closing';

export type ClientMessage =
  | {
      type: 'hello';
      /** The three of them when coming back: from `welcome`, and the last `seq` seen. */
      session?: string;
      epoch?: string;
      after?: number;
    }
  | {
      type: 'say';
      /** The browser's own, unique in the session: said once, however often it is sent. 1 to ID_MAX_LENGTH characters. */
      id: string;
      text: string;
    }
  /** What this person is called, a nickname (below) or nothing. The session keeps it. */
  | { type: 'name'; name: string }
  | { type: 'ping' }
  /** The page is going away and may be back at once (a reload): the session is kept for a short while. */
  | { type: 'bye' }
  | { type: 'leave' };

export interface Limits {
  /** Longest text of a say, bytes of UTF-8. */
  textBytes: number;
  /** How many says a browser may have without a receipt; beyond it the gateway stops reading its socket. */
  openSays: number;
}

export type ServerMessage =
  | {
      type: 'welcome';
      session: string;
      /** Names the log that `seq` counts in. */
      epoch: string;
      /** This browser's name in `said`; new with each session. */
      me: string;
      /** This browser's address in the room; null while the room can't be reached (`room` brings it). */
      you: string | null;
      /** Newest and oldest `seq` in the log; head is 0 in an empty one. */
      head: number;
      tail: number;
      /** The first of what follows comes after this `seq`; the head: nothing of the past follows. */
      after: number;
      /** True only if not one message between the browser's `after` and what follows is missing. */
      recovered: boolean;
      /** True when the session was still there: same address, ids of says remembered. */
      resumed: boolean;
      /** The gateway's disk refuses what the room says; absent while it works. See `disk`. */
      disk?: 'failing';
      limits: Limits;
    }
  | { type: 'messages'; messages: Entry[] }
  /** `kept: false`: the room heard the message, but the gateway's disk refuses it for now, so a crash may lose it. */
  | { type: 'receipt'; id: string; state: ReceiptState; seq?: number; reason?: FailReason; kept?: false }
  | { type: 'room'; state: 'open' | 'connecting'; you: string | null; trouble?: RoomTrouble }
  /** The server's private words to this browser: a greeting, an echo. No entry of the log. */
  | {
      type: 'notice';
      text: string;
      /** The id of the say that it answers: the one it repeats, or the last that was sent. Absent before the first. */
      answers?: string;
      /** Goes on in the line of the last notice; absent, it begins a line. */
      continues?: true;
    }
  /** Bytes of private words that were left out since the last report, because the server sent too many. */
  | { type: 'notices-dropped'; bytes: number }
  /** Who is here has changed: so many browsers and terminals are. Some time after, and for several changes once. */
  | { type: 'people'; count: number }
  /** The gateway's disk refuses what the room says (it is full), or takes it again. Sent when that changes. */
  | { type: 'disk'; state: 'working' | 'failing' }
  /** Lines under this address (empty in a room without addresses) come too fast, and are gathered into long messages. */
  | { type: 'flood'; from: string }
  | { type: 'pong' }
  | { type: 'error'; code: ErrorCode; message: string };

/** What was wrong with a frame; the connection goes on, unless a close with a code of CLOSE follows. */
export type ErrorCode = 'bad-json' | 'bad-message' | 'hello-first' | 'hello-twice' | 'not-text';

/** Somebody who reads and speaks through this gateway. */
export interface BrowserHere {
  /** The `by` of what it said, and the `me` of its welcome. */
  id: string;
  /** Null while it has no place in the room. */
  address: string | null;
  nickname?: string;
  /** Its connection broke; it may come back. */
  away?: true;
}

/** An address that is none of this gateway's, and spoke. The room does not tell whether it is still there. */
export interface TerminalHeard {
  address: string;
  /** The one it last used. */
  nickname?: string;
  /** ms since 1970 */
  at: number;
}

/** The answer of `GET /api/people`. */
export interface PeopleHere {
  /** By when they came; the terminals, the last heard first. Of many, only some. */
  browsers: BrowserHere[];
  terminals: TerminalHeard[];
  /** How many there are. */
  count: number;
}

/** Longest `id` of a say, characters: a UUID is 36. */
export const ID_MAX_LENGTH = 64;

/** WebSocket close codes, and what a page does about each. */
export const CLOSE = {
  /** The browser asked to leave: stay away until the person comes back. */
  left: 1000,
  /** Too large a frame. */
  tooBig: 1009,
  /** The gateway restarts: come back after a random wait. */
  restart: 1012,
  /** Full: come back later. */
  full: 1013,
  /** No hello in time. */
  noHello: 4000,
  /** The session goes on in another connection (a duplicated tab): come back as somebody new. */
  replaced: 4001,
  /** Nothing was read or answered for too long: come back. */
  stalled: 4002,
  /** The access code is needed, or was not this one: ask the person, and come back with it. */
  locked: 4003,
  /** A page of another origin: the operator has to allow it. Come back seldom. */
  foreign: 4004,
  /** Too many connections from this address: come back later. */
  crowded: 4005,
} as const;

/** The answer of `GET /api/invite`: how others come in. */
export interface Invitation {
  /** Where the page is for everybody, if the operator has told; else it is where it was opened. */
  publicUrl: string | null;
  /** For who opened it on the gateway's own machine or in its network: its addresses there. */
  lanUrls: string[];
  /** The room for terminals; host null: the page's own. */
  room: { host: string | null; port: number };
  /** Guests need the room's passphrase too. It is not told here: who invites tells them. */
  asksForCode: boolean;
}

/** A nickname travels inside the text, `<Ana> hola`, so that it reads the same in any terminal. Characters. */
export const NICKNAME_MAX = 24;

/** A byte order mark may come first: editors and shells of Windows put one at the start of what they pipe. */
const NAMED = /^\ufeff?<([^<>\n]{1,24})> ([\s\S]*)$/u;
/** Control characters, and those that turn the direction of the text around them. */
const UNWRITABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069<>]/u;
/** A name of spaces of no width, or of accents alone, can't be seen. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

export interface Named {
  nickname: string | undefined;
  text: string;
}

export function parseNickname(text: string): Named {
  const [, nickname, rest] = NAMED.exec(text) ?? [];
  if (nickname === undefined || rest === undefined || !isNickname(nickname.trim())) {
    return { nickname: undefined, text };
  }
  return { nickname: nickname.trim(), text: rest };
}

export function isNickname(name: string): boolean {
  // Before its characters are counted: a hostile one may be long.
  if (name.length > 2 * NICKNAME_MAX) return false;
  const length = [...name].length;
  const isShort = length >= 1 && length <= NICKNAME_MAX;
  return isShort && name.trim() === name && !UNWRITABLE.test(name) && VISIBLE.test(name);
}
