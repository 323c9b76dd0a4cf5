/**
 * Shared state of several gateways: one log of records, announcements of what browsers are about to say, and messages
 * that nobody keeps. It imports nothing, so that the rules of the shared log can be tested without an engine.
 *
 * Methods that return a promise retry for as long as the engine is away. They reject only when their signal is
 * aborted or the engine is closed.
 */

/** A place in the shared log. The id tells whether a log still has the same record there. */
export interface LogPosition {
  sequence: number;
  id: string;
}

/** A record of the shared log: a batch of entries, or a control record. Sequences are the engine's own. */
export interface LogRecord extends LogPosition {
  body: Uint8Array;
}

/** A record that is to be appended. The id is unique in the log; retries of one append have the same. */
export interface NewRecord {
  id: string;
  body: Uint8Array;
}

/**
 * Result of an append. It is refused if the log's last record was not the expected one, and if the engine does not commit
 * it in time. Such a record may be committed later, if no other one is committed in its place.
 */
export type AppendResult = { outcome: 'committed'; sequence: number } | { outcome: 'refused' };

/** Why a log can't be followed from a position: it was deleted, lost its end, or has another record there. */
export type LogLoss = 'deleted' | 'went back' | 'differs';

export interface LogListener {
  /** Receives each record once, in order. A sequence is skipped only where the log has forgotten old records. */
  onRecord(record: LogRecord): void;
  /** Everything up to `last` was received, which was the whole log a moment ago. Called again after each reconnect. */
  onCurrent(last: number): void;
  /** The log is not the one that was followed. Nothing more is received; follow from the beginning. */
  onLost(loss: LogLoss): void;
}

/** A message that nobody keeps: who is here, and that somebody appends. */
export type SignalSubject = 'presence' | 'alive';

/** Connection to the engine. */
export type EngineState = 'connected' | 'lost';

export interface ClusterEngine {
  readonly state: EngineState;
  /** Largest body of a record or an announcement, bytes. */
  readonly maxBodyBytes: number;
  /** Calls the listener when the state changes. Returns a function that ends it, as all of these do. */
  onState(listener: (state: EngineState) => void): () => void;

  /** Appends the record if `expectedLast` is the sequence of the log's last record, or 0 for an empty log. */
  append(record: NewRecord, expectedLast: number, signal: AbortSignal): Promise<AppendResult>;
  /** Passes on every record after a position, or every record there is, and then each new one. */
  follow(after: LogPosition | 'beginning', listener: LogListener): () => void;
  /** Returns the sequence of the last committed record, or 0. */
  lastSequence(signal: AbortSignal): Promise<number>;
  /** Returns how many of these positions, in order, the log has before one that differs. It has forgotten ones too. */
  countKnown(positions: readonly LogPosition[], signal: AbortSignal): Promise<number>;

  /** Replaces what the hosts have set, if `expectedLast` is the sequence of the last replacement, or 0 for none. */
  replaceRules(record: NewRecord, expectedLast: number, signal: AbortSignal): Promise<AppendResult>;
  /** Passes on what the hosts have set, and each replacement. An older one may be left out. */
  followRules(listener: LogListener): () => void;

  /** Writes an announcement. It is `known` if one with this id was written in the last ten minutes. */
  announce(id: string, body: Uint8Array, signal: AbortSignal): Promise<'new' | 'known'>;
  /** Passes on the announcements of the last ten minutes, in order, and then each new one. */
  followAnnouncements(listener: (body: Uint8Array) => void): () => void;
  /** Resolves once every follower here has received what was announced before this call, anywhere. */
  announcementsReceived(signal: AbortSignal): Promise<void>;

  /** Sends a signal to all gateways, this one included. It is dropped while the engine is away. */
  publish(subject: SignalSubject, body: Uint8Array): void;
  subscribe(subject: SignalSubject, listener: (body: Uint8Array) => void): () => void;

  close(): Promise<void>;
}

/** A cause that waiting for the engine does not cure. Its message is one line for the operator. */
export class EngineRefused extends Error {}
