/**
 * What an operator reads: who came and who went, from where, how long, why. Never what people say.
 */
import type { FastifyBaseLogger } from 'fastify';
import { formatAddress } from '../tcp-server/wire.ts';
import type { Peer } from './peer.ts';

export interface Visitor {
  /** Its name in the transcript. */
  name: string;
  /** Its `IP:PORT` in the room, now or at last; undefined if the room never answered. */
  lastAddress: string | undefined;
  /** Where its browser is. */
  peer: Peer;
  /** Since when it is here, ms since 1970. */
  since: number;
}

export type WhyLeft = 'left' | 'closed the socket' | 'did not come back' | 'the gateway stops';

export class Journal {
  readonly #log: FastifyBaseLogger;

  constructor(log: FastifyBaseLogger) {
    this.#log = log;
  }

  joined(visitor: Visitor): void {
    this.#log.info(who(visitor), 'joined');
  }

  cameBack(visitor: Visitor): void {
    this.#log.debug(who(visitor), 'came back');
  }

  left(visitor: Visitor, why: WhyLeft): void {
    const seconds = Math.round((Date.now() - visitor.since) / 1000);
    this.#log.info({ ...who(visitor), seconds, why }, 'left');
  }
}

function who({ name, lastAddress, peer }: Visitor) {
  return { member: name, address: lastAddress, peer: formatAddress(peer.ip, peer.port) };
}
