/**
 * Finds the address of a client behind trusted proxies.
 *
 *     X-Forwarded-For: made up, 203.0.113.7, 10.0.0.2      the socket: 10.0.0.1
 *                               ^ the first untrusted address from the right
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { unmapIPv4 } from '../../common/ip.ts';

export interface Peer {
  ip: string;
  /** 0 if unknown, because few proxies send the port. */
  port: number;
}

/** Returns true for a proxy whose `X-Forwarded-For` is trusted. */
export type TrustProxy = (ip: string, hop: number) => boolean;

export type ClientAddressReader = (request: IncomingMessage) => Peer;

/** Reads the address of a request once, because each of its checks asks for it. */
export function clientAddressReader(trustProxy: TrustProxy): ClientAddressReader {
  const known = new WeakMap<IncomingMessage, Peer>();
  return (request) => {
    const peer = known.get(request) ?? readAddress(request, trustProxy);
    known.set(request, peer);
    return peer;
  };
}

function readAddress(request: IncomingMessage, trustProxy: TrustProxy): Peer {
  const { remoteAddress = '', remotePort = 0 } = request.socket;
  const named = proxyAddr.all(request, trustProxy).slice(1);
  // A proxy that forwards a browser's own header may send anything. Then the proxy's address counts.
  const known = named.map(parseEnd).findLast((end) => end !== undefined);
  return known ?? { ip: unmapIPv4(remoteAddress), port: remotePort };
}

const PORT_MAX = 65_535;

/** `203.0.113.7`, `203.0.113.7:4000`, `2001:db8::7`, `[2001:db8::7]:4000`. An impossible port is unknown. */
function parseEnd(text: string): Peer | undefined {
  if (isIP(text) !== 0) return { ip: unmapIPv4(text), port: 0 };
  const [, bracketed, plain, digits = '0'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = bracketed ?? plain ?? '';
  if (isIP(ip) === 0) return undefined;
  const port = Number(digits);
  return { ip: unmapIPv4(ip), port: port <= PORT_MAX ? port : 0 };
}
