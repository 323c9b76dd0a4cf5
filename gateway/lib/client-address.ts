/**
 * Who is at the other end of a request: where proxies that we trust stand between, the one they name.
 *
 *     X-Forwarded-For: made up, 203.0.113.7, 10.0.0.2      the socket: 10.0.0.1
 *                               ^ the first that we don't trust, walked from the right
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { unmapIPv4 } from '../../common/ip.ts';

export interface Peer {
  ip: string;
  /** 0 if it is not known: few proxies tell it. */
  port: number;
}

/** Is this address one of a proxy that tells the truth about who is behind it? */
export type TrustProxy = (ip: string, hop: number) => boolean;

export type ClientAddressReader = (request: IncomingMessage) => Peer;

export function clientAddressReader(trustProxy: TrustProxy): ClientAddressReader {
  return (request) => {
    const { remoteAddress = '', remotePort = 0 } = request.socket;
    const named = proxyAddr.all(request, trustProxy).slice(1);
    // A proxy that hands on what the browser wrote itself may name anything: then the proxy it is.
    const known = named.map(parseEnd).findLast((end) => end !== undefined);
    return known ?? { ip: unmapIPv4(remoteAddress), port: remotePort };
  };
}

const PORT_MAX = 65_535;

/** `203.0.113.7`, `203.0.113.7:4000`, `2001:db8::7`, `[2001:db8::7]:4000`. A port that does not exist is not known. */
function parseEnd(text: string): Peer | undefined {
  if (isIP(text) !== 0) return { ip: unmapIPv4(text), port: 0 };
  const [, bracketed, plain, digits = '0'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = bracketed ?? plain ?? '';
  if (isIP(ip) === 0) return undefined;
  const port = Number(digits);
  return { ip: unmapIPv4(ip), port: port <= PORT_MAX ? port : 0 };
}
