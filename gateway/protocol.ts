/**
 * CONTRACT: the messages of the WebSocket `/ws` in both directions, and the answers of the HTTP API. Imports nothing.
 *
 * With the subprotocol below, each text frame is one JSON object of these types. Without a subprotocol the socket is
 * plain text: a frame in is one message, a frame out is one or more lines of the room.
 *
 *     browser                            gateway
 *        | ---- hello ---------------------> |   first, within HELLO_TIMEOUT_MS
 *        | <--- welcome -------------------- |   once the voice is connected, or the room is unreachable
 *        | <--- messages, messages, ... ---- |   history, then live, by seq, each once
 *        | ---- say {id} ------------------> |
 *        | <--- receipt {id} --------------- |   unconfirmed may be followed by heard; heard and failed are final
 *        | <--- room ----------------------- |   the room was lost or regained
 *        | <--- disk ----------------------- |   messages may be lost in a crash, or are kept again
 *        | ---- name ----------------------> |   the nickname for GET /api/people
 *        | <--- moderation ----------------- |   after welcome, and after each act of a host
 *        | ---- hide, silence, pause, ... -> |   acts of a host; others get the error hosts-only
 *        | <--- people --------------------- |   a person joined, left or was renamed: GET /api/people has the list
 *        | ---- watch ---------------------> |   See TCP begins or stops; in place of hello, there is no session
 *        | <--- seen ----------------------- |   bytes of the room as the gateway reads them, while it is watched
 *        | ---- leave ---------------------> |   closed by the gateway with CLOSE.left
 */

export const SUBPROTOCOL = 'tertulia.v1';

/**
 * The token of `POST /api/enter`, for a guest or a host, is sent as a second subprotocol with this prefix, and over HTTP in this header.
 * `Authorization` stays free for a proxy that asks for a password.
 */
export const TOKEN_PROTOCOL = 'tertulia.token.';
export const TOKEN_HEADER = 'tertulia-token';

/** One entry of the transcript. `seq` counts from 1 without holes, so a jump means missing entries. */
export interface Entry {
  seq: number;
  /** Time at which the gateway received the entry, ms since 1970. */
  at: number;
  /** `IP:PORT` from the room; empty for a gap, and where the room shows no address. */
  from: string;
  /** May contain newlines, because a terminal's chunk of several lines is one message. */
  text: string;
  /** The `seq` of the earlier entry whose text this text continues directly. */
  continues?: number;
  /** Set for messages of this gateway's sessions. Unlike an address, the id is never reused. */
  said?: {
    /** The `me` of the session's welcome: the same for all sessions of a person. */
    by: string;
    /** The id of the say. */
    id: string;
    /** Chunks of the say that are still to come. 0 means that the log has the complete message. */
    left: number;
    /** The session was a host's. */
    host?: true;
  };
  /** A line of the room itself (`Ana has joined`), so it has no sender. */
  note?: true;
  /** Claims the address of a voice that did not send this text. */
  forged?: true;
  /** Another browser uses the nickname at the beginning of this text. */
  taken?: true;
  /** The ear was not connected in this time (ms since 1970), so messages may be missing here. */
  gap?: { since: number; until: number };
  /** A host has hidden the message. Its text is empty, except for hosts. */
  hidden?: true;
}

export type ReceiptState = 'heard' | 'unconfirmed' | 'failed';

/**
 * Reason why the person is not in the room: `name`: the room has logins, and waits for a nickname.
 * Reason why the gateway cannot follow the room. `asks`: the room asks each connection for something first, for example a
 * name. `format`: the room does not use ROOM_FORMAT. Messages of browsers are still sent.
 */
export type RoomTrouble = 'asks' | 'format' | 'name';

/** Reason why a say failed. Its text is never sent. `paused`, `silenced`: by a host. */
export type FailReason = 'empty' | 'too-long' | 'left' | 'closing' | 'paused' | 'silenced';

/** State of the room that its hosts set. */
export interface Moderation {
  /** Counts the acts of the hosts. */
  revision: number;
  /** Title of the room, or empty. */
  title: string;
  /** Line at the top of all pages, or empty. */
  pinned: string;
  /** Browsers may not send, except those of hosts. */
  paused: boolean;
}

/** Longest title in characters: it fits in a tab and on a phone. */
export const TITLE_MAX = 60;

/** Longest pinned line in characters: a link and a sentence. */
export const PIN_MAX = 300;

/** Longest silence, seconds: a lesson. */
export const SILENCE_MAX_S = 60 * 60;

export type ClientMessage =
  | {
      type: 'hello';
      /** These three resume a session: two values of `welcome`, and the last `seq` received. */
      session?: string;
      epoch?: string;
      after?: number;
      /** Secret of a person's browser, PERSON_MIN_LENGTH to ID_MAX_LENGTH characters. Each session gets the same `me`. */
      person?: string;
      /** The last `revision` received. `hidden` and `shown` report what was changed since. */
      revision?: number;
    }
  | {
      type: 'say';
      /** Unique in the session, so that a repeated say is sent once. 1 to ID_MAX_LENGTH characters. */
      id: string;
      text: string;
    }
  /** Nickname (below) of this person, or empty. The session keeps it. */
  | { type: 'name'; name: string }
  | { type: 'ping' }
  /** Acts of a host: hides the message with the entry `seq` for everybody but hosts, or shows it again. */
  | { type: 'hide'; seq: number; hidden: boolean }
  /** Refuses messages of the sessions with this `me` for 1 to SILENCE_MAX_S seconds. 0 ends its silence. */
  | { type: 'silence'; who: string; seconds: number }
  /** Refuses messages of all browsers but those of hosts. */
  | { type: 'pause'; paused: boolean }
  /** At most PIN_MAX characters. Empty removes the line. */
  | { type: 'pin'; text: string }
  /** At most TITLE_MAX characters. Empty restores ROOM_TITLE. */
  | { type: 'title'; text: string }
  /**
   * Begins or stops `seen`. In place of `hello`, the connection has no session and no voice, and only watches: of the
   * other messages it may send `ping`, `bye` and `leave`.
   */
  | { type: 'watch'; watching: boolean }
  /** The page closes and may reload, so the session is kept for RELOAD_RESUME_MS. */
  | { type: 'bye' }
  | { type: 'leave' };

export interface Limits {
  /** Longest text of a say in bytes of UTF-8. */
  textBytes: number;
  /** Says that may wait for a receipt. Beyond this the gateway pauses reading. */
  openSays: number;
}

export type ServerMessage =
  | {
      type: 'welcome';
      session: string;
      /** Id of the log in which `seq` counts. */
      epoch: string;
      /** Id of this person in `said`. Without a `person` in `hello`, each session has another. */
      me: string;
      /** This session's address in the room; null until `room` sends it. */
      you: string | null;
      /** Newest and oldest `seq` in the log. The head of an empty log is 0. */
      head: number;
      tail: number;
      /** The following entries begin after this `seq`. */
      after: number;
      /** True only if no entry since the `after` of `hello` is missing. */
      recovered: boolean;
      /** True if the session was resumed, with its address and the ids of its says. */
      resumed: boolean;
      /** True for a host. False if the room has hosts. Absent without HOST_CODE. */
      host?: boolean;
      /** This host may use the lab. */
      lab?: true;
      /** Set while the gateway cannot write the transcript. See `disk`. */
      disk?: 'failing';
      limits: Limits;
    }
  | { type: 'messages'; messages: Entry[] }
  /** `kept: false`: the room has the message, but the gateway could not write it yet. A crash may lose it. */
  | { type: 'receipt'; id: string; state: ReceiptState; seq?: number; reason?: FailReason; kept?: false }
  | {
      type: 'room';
      state: 'open' | 'connecting';
      you: string | null;
      trouble?: RoomTrouble;
      /** The setting of the gateway that would probably help, as `NAME=value`. */
      setting?: string;
      /** The name that the room knows this session by, where one logs in. It may differ from the nickname. */
      name?: string;
    }
  /** Private text of the server to this session, such as a greeting. The log does not contain it. */
  | {
      type: 'notice';
      text: string;
      /** The id of the say that the text repeats or answers. Absent before the first say. */
      answers?: string;
      /** Continues the line of the last notice. If absent, the text begins a line. */
      continues?: true;
    }
  /** Bytes of private text dropped since the last report, because of NOTICE_RATE_BYTES. */
  | { type: 'notices-dropped'; bytes: number }
  /** The number of people here after changes. Several changes are reported together. */
  | { type: 'people'; count: number }
  /** The gateway cannot write the transcript (a full disk), or can again. Sent on each change. */
  | { type: 'disk'; state: 'working' | 'failing' }
  /** Lines under this address come too fast and are combined. Empty in a room without addresses. */
  | { type: 'flood'; from: string }
  /** State of the room, after `welcome` and after each act of a host. */
  | ({ type: 'moderation' } & Moderation)
  /** Hosts have hidden the messages that begin with these entries. Entries with such a `continues` belong to them. */
  | { type: 'hidden'; seqs: number[] }
  /** Hosts show these entries again. */
  | { type: 'shown'; messages: Entry[] }
  /** A host has silenced this person for so many seconds from now on. 0: it may send again. */
  | { type: 'silenced'; seconds: number }
  /** Answers `watch`, then follows about every SEEN_EVERY_MS while there is something new. */
  | ({ type: 'seen' } & Seen)
  | { type: 'pong' }
  | { type: 'error'; code: ErrorCode; message: string };

/**
 * A watcher waits at most so long for a `seen`, ms. A shorter time costs the gateway more, and the timeline has its
 * times from the clock of the gateway.
 */
export const SEEN_EVERY_MS = 250;

/** The bytes of a part that a watcher receives, at most. Longer than a line of the tutorial's server, with its header. */
export const SEEN_PART_BYTES = 4 * 1024;

/** Reads and writes of the gateway's connections to the room since the last `seen`. */
export interface Seen {
  /** The log in which `seq` counts. */
  epoch: string;
  /** Reads of the ear, oldest first. Where an offset jumps, reads were left out. */
  reads: SeenRead[];
  /** Entries of the log in these reads, oldest first. A part that is sent again replaces that with the same offset. */
  parts: SeenPart[];
  /** About every second. The ear comes first. */
  connections?: SeenConnection[];
}

/** Bytes that one read of the ear returned. */
export interface SeenRead {
  /** Number of its first byte in all that the ear has read. */
  offset: number;
  bytes: number;
  /** Time by a monotonic clock, ms. Only differences have a meaning. */
  at: number;
  /** The first read of another connection. */
  first?: true;
}

/** The bytes of an entry: its header, its text, and the line ends after it. */
export interface SeenPart {
  seq: number;
  /** The first entry of the message: `seq`, or the `continues` of the entry. */
  root: number;
  /** Number of its first byte in all that the ear has read. */
  offset: number;
  /** Bytes of each. A continuation has no header. */
  header: number;
  text: number;
  ends: number;
  /** The bytes in base64, at most SEEN_PART_BYTES. Empty where a host has hidden the message, for hosts too, and in a flood. */
  data: string;
  /** A voice of this gateway wrote the text in one write. `ms`: from the write to the end of the text in the ear. */
  written?: { bytes: number; ms: number };
}

/** A connection of the gateway to the room. */
export interface SeenConnection {
  kind: 'ear' | 'voice';
  /** As the room shows it; null while the connection is not in the room. */
  address: string | null;
  /** Ports of the gateway and of the room, while connected. */
  port?: number;
  roomPort?: number;
  state: 'dialing' | 'logging-in' | 'open' | 'resting' | 'leaving' | 'left';
  read: number;
  written: number;
  /** Time since the connection opened, ms. */
  age: number;
}

/** Error in a frame. The connection stays open unless a close follows. */
export type ErrorCode =
  | 'bad-json'
  | 'bad-message'
  | 'hello-first'
  | 'hello-twice'
  | 'not-text'
  | 'hosts-only'
  /** The entry or the session of an act does not exist. */
  | 'not-found'
  /** HIDDEN_MAX messages are hidden already, or too many connections watch. */
  | 'too-many';

/** A person with one or more sessions of this gateway. */
export interface BrowserHere {
  /** The `me` of the welcome. */
  id: string;
  /** Null while the session has no connection to the room. */
  address: string | null;
  nickname?: string;
  /** The connection broke, and the session may be resumed. */
  away?: true;
  /** Another browser uses the nickname. */
  taken?: true;
  host?: true;
  /** A host has silenced this person. */
  silenced?: true;
}

/** An address outside this gateway that sent a message. The room does not report whether it is still connected. */
export interface TerminalHeard {
  address: string;
  /** The last nickname it used. */
  nickname?: string;
  /** Time of the last message, ms since 1970. */
  at: number;
}

/** The answer of `GET /api/people`. */
export interface PeopleHere {
  /** Oldest session first, latest terminal first. Long lists are cut. */
  browsers: BrowserHere[];
  terminals: TerminalHeard[];
  /** Browsers that the list leaves out. */
  unlisted: number;
  /** Number of the people here: all browsers, and the terminals heard within TERMINAL_HERE_MS. */
  count: number;
}

/** A terminal that has been silent for longer is listed, but not counted, ms. */
export const TERMINAL_HERE_MS = 10 * 60_000;

/** Shortest `person` of a hello in characters: 96 random bits in base64. */
export const PERSON_MIN_LENGTH = 16;

/** Longest `id` of a say in characters. A UUID has 36. */
export const ID_MAX_LENGTH = 64;

/** WebSocket close codes, each with the reaction of the page. */
export const CLOSE = {
  /** The browser left: do not reconnect until the person joins again. */
  left: 1000,
  /** A frame was too large. */
  tooBig: 1009,
  /** The gateway restarts: reconnect after a random delay. */
  restart: 1012,
  /** The gateway is full: reconnect later. */
  full: 1013,
  /** No `hello` arrived in time. */
  noHello: 4000,
  /** Another connection resumed the session (a duplicated tab): join with a new session. */
  replaced: 4001,
  /** The browser read or answered nothing for too long: reconnect. */
  stalled: 4002,
  /** The access code is missing or wrong: ask the person, then reconnect. */
  locked: 4003,
  /** The operator must allow this origin: reconnect rarely. */
  foreign: 4004,
  /** Too many connections from this address: reconnect later. */
  crowded: 4005,
  /** Only in the lab: no command came for too long. */
  idle: 4006,
  /** The gateway has shown entries that the log does not have: forget all entries, and reconnect without `after`. */
  corrected: 4007,
} as const;

/**
 * The lab, with LAB: each WebSocket `/ws/lab` of a host is a TCP connection of its own into the room, which the gateway
 * opens at once and closes with the WebSocket. Bytes are pairs of hexadecimal digits: `686f6c610a` is `hola` and a newline.
 */
export type LabCommand =
  /** Writes 1 to LAB_WRITE_MAX_BYTES bytes at once. */
  | { type: 'write'; bytes: string }
  /** Sends FIN. The connection still reads. */
  | { type: 'end' }
  /** Sends RST, which ends both directions at once. */
  | { type: 'reset' }
  /** Stops reading, for at most a minute, or resumes it. */
  | { type: 'read'; reading: boolean };

/** Longest write of the lab: as many bytes as the tutorial's server takes in 16 reads. */
export const LAB_WRITE_MAX_BYTES = 16 * 1024;

/**
 * How a connection of the lab ended. `fin`: both sides sent FIN. `reset`: by the lab. `room-reset`: by the room. `refused`
 * and `no-answer`: it never opened. `lost`: by an error of the network.
 */
export type LabEnd = 'fin' | 'reset' | 'room-reset' | 'refused' | 'no-answer' | 'lost';

/** `at`: ms since the WebSocket was opened, with one decimal. */
export type LabEvent = { at: number } /** The connection is in the room, as this `IP:PORT`. */ & (
  | { type: 'open'; address: string }
  /** The bytes of one read. */
  | { type: 'received'; bytes: string }
  /** Bytes that were read and are not shown, because they came too fast. */
  | { type: 'skipped'; bytes: number }
  /** Bytes of one write, and all bytes that the system has not taken yet. */
  | { type: 'wrote'; bytes: number; waiting: number }
  /** The connection stopped or resumed reading. */
  | { type: 'reading'; reading: boolean }
  | { type: 'fin'; from: 'lab' | 'room' }
  /** The last event. A close with CLOSE.left follows. */
  | { type: 'closed'; by: LabEnd }
  | { type: 'error'; code: 'bad-command' | 'not-open' | 'queue-full'; message: string }
);

/** The answer of `GET /api/invite`: addresses for other people. */
export interface Invitation {
  /** Public URL from the configuration. Null means the URL of the open page. */
  publicUrl: string | null;
  /** Local URLs, only for a page opened on the gateway's machine or in its network. */
  lanUrls: string[];
  /** The room for terminals. Host null means the host of the page. */
  room: { host: string | null; port: number };
  /** Whether guests need the passphrase, which is never sent. */
  asksForCode: boolean;
}

/** Longest nickname in characters. A nickname is part of the text (`<Ana> hola`), as any terminal shows it. */
export const NICKNAME_MAX = 24;

/** Matches a nickname. Shells of Windows put a byte order mark at the start of piped text. */
const NAMED = /^\ufeff?<([^<>\n]{1,24})> ([\s\S]*)$/u;
/** Matches control characters and characters that change the text direction. */
const UNWRITABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069<>]/u;
/** Matches a visible character. A name of accents or zero-width spaces alone is invisible. */
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
  // Checked before counting characters, because a hostile name may be long.
  if (name.length > 2 * NICKNAME_MAX) return false;
  const length = [...name].length;
  const isShort = length >= 1 && length <= NICKNAME_MAX;
  return isShort && name.trim() === name && !UNWRITABLE.test(name) && VISIBLE.test(name);
}
