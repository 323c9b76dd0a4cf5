/**
 * State of this gateway in its cluster, for health checks and metrics.
 */
export interface ClusterStatus {
  /** This gateway appended last. */
  readonly appends: boolean;
  /** The end of the log is known in what the ear hears. */
  readonly isAligned: boolean;
  /** Everything in the log was read a moment ago. */
  readonly isCurrent: boolean;
  /** This gateway's copy was not that of the log, and is not current again. */
  readonly isRepairing: boolean;
  /** Number of repairs of the copy. */
  readonly repairs: number;
  /** Characters that the ear has heard and the log has not. */
  readonly unlogged: number;
  /** How long the oldest request to the engine waits for its answer, ms. */
  readonly unacknowledgedMs: number;
  /** Other gateways that live. */
  readonly peers: number;
  /** New messages can be accepted. */
  readonly isAccepting: boolean;
}
