/**
 * Limits of the lab, and where its room is.
 */
import type { ProxyProtocol } from '../../common/proxy-protocol.ts';
import type { RateLimit } from '../../common/token-bucket.ts';

export interface LabRoom {
  host: string;
  port: number;
  proxyProtocol: ProxyProtocol | 'off';
}

export interface LabLimits {
  /** Connections of the lab at the same time, including those that the room has not closed yet. */
  connections: number;
  /** Commands of one connection. A command costs its bytes and COMMAND_BYTES. Faster commands wait in the network. */
  commandRate: RateLimit;
  /** Bytes of one connection that the room has not taken. A room that does not read would fill the memory. */
  queuedBytes: number;
  /** Bytes of the room that one connection reports. Others are read and counted. */
  reportRate: RateLimit;
  /** Bytes of events that a slow browser has not taken. Beyond this the room's bytes are only counted. */
  unsentBytes: number;
  /** Longest time without reading, ms. It freezes a room like the tutorial's for everybody. */
  unreadMs: number;
  /** Longest time without a command, ms. */
  idleMs: number;
  /** Longest wait for the room's answer to a dial, ms. */
  dialMs: number;
  /** Interval of pings, ms. A browser that misses one is gone. Proxies cut what is silent for 60 s. */
  pingMs: number;
  /** Longest wait for the room's FIN after that of the lab, ms. */
  leaveMs: number;
}

/** Bytes that a command costs beside those it writes: 64 small commands per second. */
export const COMMAND_BYTES = 1024;

export const LAB_LIMITS: LabLimits = {
  // A class of thirty people who share the passphrase for an exercise.
  connections: 32,
  // More than a person types, and less than a flood that others notice.
  commandRate: { burst: 256 * 1024, perSecond: 64 * 1024 },
  // The system's buffers take some megabytes more.
  queuedBytes: 256 * 1024,
  // As much as a page can draw.
  reportRate: { burst: 512 * 1024, perSecond: 128 * 1024 },
  // Reported bytes are hexadecimal, so this is less than the burst.
  unsentBytes: 512 * 1024,
  // Long enough to see a room freeze, short enough for a lesson that goes on.
  unreadMs: 60_000,
  // The explanation of an experiment takes some minutes.
  idleMs: 10 * 60_000,
  dialMs: 5_000,
  pingMs: 20_000,
  // As long as a session waits.
  leaveMs: 60_000,
};
