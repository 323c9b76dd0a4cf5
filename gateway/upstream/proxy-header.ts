/**
 * HAProxy's PROXY protocol, towards the room: a header before all else says for whom a connection is. Pure.
 */
import { isIP, isIPv6, SocketAddress } from 'node:net';
import { unmapIPv4 } from '../../tcp-server/wire.ts';

export type ProxyProtocol = 'v1' | 'v2';

export interface Endpoint {
  ip: string;
  port: number;
}

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_LOCAL = Buffer.from([0x20, 0x00, 0, 0]);
const V2_PROXY = 0x21;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;

/** The connection from `from` to `to`; null: our own. */
export function proxyHeader(protocol: ProxyProtocol, from: Endpoint | null, to: Endpoint): Buffer {
  switch (protocol) {
    case 'v1':
      return Buffer.from(from ? v1(from, to) : 'PROXY UNKNOWN\r\n');
    case 'v2':
      return from ? v2(from, to) : Buffer.concat([V2_SIGNATURE, V2_LOCAL]);
  }
}

/** One way to write it, without the zone that only its own machine knows; undefined if it is no IP address. */
export function canonicalIp(ip: string): string | undefined {
  const plain = unmapIPv4(ip).replace(/%.*/, '');
  if (isIP(plain) === 0) return undefined;
  return isIPv6(plain) ? unmapIPv4(new SocketAddress({ address: plain, family: 'ipv6' }).address) : plain;
}

function v1(from: Endpoint, to: Endpoint): string {
  const ips = inOneFamily(from.ip, to.ip);
  return `PROXY TCP${isIPv6(ips[0]) ? 6 : 4} ${ips.join(' ')} ${from.port} ${to.port}\r\n`;
}

function v2(from: Endpoint, to: Endpoint): Buffer {
  const ips = inOneFamily(from.ip, to.ip);
  const [family, toBytes] = isIPv6(ips[0]) ? [V2_TCP6, ipv6Bytes] : [V2_TCP4, ipv4Bytes];
  const body = Buffer.from([...ips.flatMap(toBytes), ...twoBytes(from.port), ...twoBytes(to.port)]);
  return Buffer.concat([V2_SIGNATURE, Buffer.from([V2_PROXY, family, ...twoBytes(body.length)]), body]);
}

/** A header has room for one: IPv4 beside IPv6 is written as IPv6, as HAProxy does. */
function inOneFamily(...ips: [string, string]): [string, string] {
  if (isIPv6(ips[0]) === isIPv6(ips[1])) return ips;
  return ips.map((ip) => (isIPv6(ip) ? ip : `::ffff:${ip}`)) as [string, string];
}

function ipv4Bytes(ip: string): number[] {
  return ip.split('.').map(Number);
}

function ipv6Bytes(ip: string): number[] {
  // A URL writes it without dots: `::ffff:a00:7`.
  const [head = '', tail = ''] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap(twoBytes);
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function twoBytes(value: number): number[] {
  return [value >> 8, value & 0xff];
}
