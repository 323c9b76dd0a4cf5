/**
 * What an operator reads: who came and who went, from where, how long, why. Never what people say.
 */

import type { FastifyBaseLogger } from 'fastify';
import { formatAddress } from '../../common/ip.ts';
import type { Peer } from '../lib/client-address.ts';

export interface LoggedClient {
  /** Its name in the transcript. */
  publicId: string;
  /** Its `IP:PORT` in the room, now or at last; undefined if the room never answered. */
  lastAddress: string | undefined;
  /** Where its browser is. */
  peer: Peer;
  /** Since when it is here, ms since 1970. */
  since: number;
}

export type LeaveReason = 'left' | 'closed the socket' | 'did not come back' | 'the gateway stops';

/** An attack repeats itself; the log need not, ms. */
const WARN_EVERY_MS = 60_000;

export class AccessLog {
  readonly #log: FastifyBaseLogger;
  /** When it last warned of what, ms since 1970. */
  readonly #warnedAt = new Map<string, number>();

  constructor(log: FastifyBaseLogger) {
    this.#log = log;
  }

  joined(visitor: LoggedClient): void {
    this.#log.info(who(visitor), 'joined');
  }

  resumed(visitor: LoggedClient): void {
    this.#log.debug(who(visitor), 'came back');
  }

  /** Somebody used a name of ours that we don't know: an attack, or a proxy that nobody told us of. */
  unknownHost(host: string | undefined, peer: Peer): void {
    this.#throttled('host', () =>
      this.#log.warn(
        { host, peer: address(peer) },
        `refused: unknown name; if it is ours: ALLOWED_HOSTS=${host}`,
      ),
    );
  }

  /** A page of another origin wanted to connect: an attack, or a proxy that does not hand on `Host`. */
  foreignPage(origin: string | undefined, peer: Peer): void {
    this.#throttled('origin', () =>
      this.#log.warn(
        { origin, peer: address(peer) },
        'refused: page of another origin; if it is ours: hand on Host, or name it in ALLOWED_HOSTS',
      ),
    );
  }

  /** The room can't be followed; undefined: it can again. */
  roomTrouble(reason: string | undefined): void {
    if (reason === undefined) this.#log.info('the room is followed again');
    else this.#log.warn(reason);
  }

  /** Lines under an address come faster than LINE_RATE. The address may be forged. */
  flooding(from: string): void {
    this.#throttled('flood', () => this.#log.warn({ address: from }, 'flood: lines are gathered'));
  }

  left(visitor: LoggedClient, why: LeaveReason): void {
    const seconds = Math.round((Date.now() - visitor.since) / 1000);
    this.#log.info({ ...who(visitor), seconds, why }, 'left');
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

function who({ publicId, lastAddress, peer }: LoggedClient) {
  return { member: publicId, address: lastAddress, peer: address(peer) };
}
