/**
 * Logs joins and leaves for the operator, with addresses, duration and reason. Messages are never logged.
 */

import type { FastifyBaseLogger } from 'fastify';
import { formatAddress } from '../../common/ip.ts';
import type { Peer } from '../lib/client-address.ts';

export interface LoggedClient {
  /** Id of the session in the transcript. */
  publicId: string;
  /** Last `IP:PORT` in the room; undefined if the room never answered. */
  lastAddress: string | undefined;
  /** Address of the browser. */
  peer: Peer;
  /** Start of the session, ms since 1970. */
  since: number;
  isHost: boolean;
}

/** An act of a host. Texts are not logged, only their length. */
export type HostAct =
  | { act: 'hide' | 'show'; seq: number }
  | { act: 'silence'; who: string; seconds: number }
  | { act: 'pause' | 'resume' }
  | { act: 'pin' | 'title'; characters: number };

/** A repair of this gateway's copy of the log that several gateways share. */
export interface CopyRepair {
  /** Number of dropped entries. */
  dropped: number;
  /** Seq of the last entry that was kept. */
  kept: number;
}

export type LeaveReason =
  | 'left'
  | 'closed the socket'
  | 'did not come back'
  | 'moved to another gateway'
  | 'the gateway stops';

/** Shortest interval between warnings of one kind, because an attack repeats itself. */
const WARN_EVERY_MS = 60_000;

export class AccessLog {
  readonly #log: FastifyBaseLogger;
  /** Time of the last warning of each kind, ms since 1970. */
  readonly #warnedAt = new Map<string, number>();

  constructor(log: FastifyBaseLogger) {
    this.#log = log;
  }

  joined(client: LoggedClient): void {
    this.#log.info(describe(client), 'joined');
  }

  resumed(client: LoggedClient): void {
    this.#log.debug(describe(client), 'resumed');
  }

  moderated(host: LoggedClient, act: HostAct): void {
    this.#log.info({ ...describe(host), ...act }, 'act of a host');
  }

  labOpened(peer: Peer): void {
    this.#log.info({ peer: address(peer) }, 'lab: connection opened');
  }

  /** Logs the address in the room, and counts of bytes. */
  labClosed(peer: Peer, summary: object): void {
    this.#log.info({ peer: address(peer), ...summary }, 'lab: connection closed');
  }

  /** Warns of a request to an unknown host name: an attack, or a proxy that is not configured. */
  unknownHost(host: string | undefined, peer: Peer): void {
    this.#throttled('host', () =>
      this.#log.warn(
        { host, peer: address(peer) },
        `refused: unknown host name; if it is valid, set ALLOWED_HOSTS=${host}`,
      ),
    );
  }

  /** Warns of a page of another origin: an attack, or a proxy that does not forward `Host`. */
  foreignPage(origin: string | undefined, peer: Peer): void {
    this.#throttled('origin', () =>
      this.#log.warn(
        { origin, peer: address(peer) },
        'refused: page of another origin; if it is valid, forward Host in the proxy, or list it in ALLOWED_HOSTS',
      ),
    );
  }

  /** Logs why the room cannot be followed; undefined once it can. */
  roomTrouble(reason: string | undefined): void {
    if (reason === undefined) this.#log.info('the room is followed again');
    else this.#log.warn(reason);
  }

  /** Warns that this gateway's copy of the cluster's log was another one. */
  repaired({ dropped, kept }: CopyRepair): void {
    const what = dropped > 0 ? `${dropped} entries after ${kept} were not in the log` : 'no entry was wrong';
    this.#log.warn(`repaired the copy of the transcript: ${what}`);
  }

  /** Warns that the cluster's log was deleted or replaced, so that it begins again. `how`: what was noticed. */
  logLost(how: string): void {
    this.#log.warn(`lost the shared log: ${how}`);
  }

  /** Warns of lines faster than LINE_RATE under an address, which may be forged. */
  flooding(from: string): void {
    this.#throttled('flood', () => this.#log.warn({ address: from }, 'flood: lines are combined'));
  }

  left(client: LoggedClient, reason: LeaveReason): void {
    const seconds = Math.round((Date.now() - client.since) / 1000);
    this.#log.info({ ...describe(client), seconds, why: reason }, 'left');
  }

  #throttled(what: string, warn: () => void): void {
    const now = Date.now();
    if (now - (this.#warnedAt.get(what) ?? 0) < WARN_EVERY_MS) return;
    this.#warnedAt.set(what, now);
    warn();
  }
}

function address({ ip, port }: Peer): string {
  return formatAddress(ip, port);
}

function describe({ publicId, lastAddress, peer, isHost }: LoggedClient) {
  return { session: publicId, address: lastAddress, peer: address(peer), ...(isHost && { host: true }) };
}
