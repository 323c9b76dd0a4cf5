/**
 * Writes HAProxy's PROXY protocol towards the room: a header before all else names the client of a connection.
 *
 *     v1   PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345\r\n   or   PROXY UNKNOWN\r\n   for the gateway's own connection
 *     v2   12 bytes of signature, version and command, family, length, addresses, TLVs
 */
import { isIP, isIPv6, type Socket, SocketAddress } from 'node:net';
import { formatAddress, NO_BROADCASTS_TLV, unmapIPv4 } from '../../tcp-server/wire.ts';
import type { Peer } from '../lib/client-address.ts';

export type ProxyProtocol = 'v1' | 'v2';

export interface Endpoint {
  ip: string;
  port: number;
}

/** The client of a connection to the room. */
export interface RoomClient {
  readonly peer: Peer;
  /** Returns false if another client has, or had until a moment ago, this `IP:PORT` in the room. */
  mayUse(address: string): boolean;
}

const MAX_PORT = 65_535;

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;
const V2_NO_FAMILY = 0x00;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;

/** A voice discards broadcasts, so the room need not send them. Other rooms skip a TLV that they do not know. */
const VOICE_TLVS = tlv(NO_BROADCASTS_TLV.type, Buffer.from(NO_BROADCASTS_TLV.value));

/**
 * Writes the header of a new connection, if the room expects one. Returns the `IP:PORT` that the room will show.
 * Without a client the connection is the gateway's own.
 */
export function writeProxyHeader(
  socket: Socket,
  protocol: ProxyProtocol | 'off',
  client: RoomClient | undefined,
): string {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  if (protocol === 'off') return formatAddress(localAddress, localPort);
  const from = client ? endpointOf(client, localPort) : null;
  const to = { ip: canonicalIp(remoteAddress) ?? '', port: remotePort };
  socket.write(proxyHeader(protocol, from, to, client && VOICE_TLVS));
  return formatAddress(from?.ip ?? localAddress, from?.port ?? localPort);
}

/**
 * The client's address, with its port if that is known and free. A reloaded page has another port than its voice, and
 * behind one more proxy many clients have the same port or none. The address must be unique, because it tells voices apart.
 */
function endpointOf(client: RoomClient, localPort: number): Endpoint | null {
  const ip = canonicalIp(client.peer.ip);
  if (ip === undefined) return null;
  const isFree = (port: number): boolean => client.mayUse(formatAddress(ip, port));
  let port = client.peer.port || localPort;
  if (!isFree(port)) port = localPort;
  while (!isFree(port)) port = (port % MAX_PORT) + 1;
  return { ip, port };
}

/** The header of a connection from `from`, null for a client without an address, to `to`. Version 1 has no TLVs. */
export function proxyHeader(
  protocol: ProxyProtocol,
  from: Endpoint | null,
  to: Endpoint,
  tlvs: readonly number[] = [],
): Buffer {
  switch (protocol) {
    case 'v1':
      return Buffer.from(from ? v1(from, to) : 'PROXY UNKNOWN\r\n');
    case 'v2':
      return from ? v2(from, to, tlvs) : v2Bytes(V2_LOCAL, V2_NO_FAMILY, tlvs);
  }
}

/** A field of version 2. */
export function tlv(type: number, value: Uint8Array): number[] {
  return [type, ...twoBytes(value.length), ...value];
}

/** The one spelling of an IP, without the zone that only its machine knows. Undefined if the text is no IP address. */
export function canonicalIp(ip: string): string | undefined {
  const plain = unmapIPv4(ip).replace(/%.*/, '');
  if (isIP(plain) === 0) return undefined;
  return isIPv6(plain) ? unmapIPv4(new SocketAddress({ address: plain, family: 'ipv6' }).address) : plain;
}

function v1(from: Endpoint, to: Endpoint): string {
  const ips = inOneFamily(from.ip, to.ip);
  return `PROXY TCP${isIPv6(ips[0]) ? 6 : 4} ${ips.join(' ')} ${from.port} ${to.port}\r\n`;
}

function v2(from: Endpoint, to: Endpoint, tlvs: readonly number[]): Buffer {
  const ips = inOneFamily(from.ip, to.ip);
  const [family, toBytes] = isIPv6(ips[0]) ? [V2_TCP6, ipv6Bytes] : [V2_TCP4, ipv4Bytes];
  const addresses = [...ips.flatMap(toBytes), ...twoBytes(from.port), ...twoBytes(to.port)];
  return v2Bytes(V2_PROXY, family, [...addresses, ...tlvs]);
}

function v2Bytes(command: number, family: number, body: readonly number[]): Buffer {
  return Buffer.concat([V2_SIGNATURE, Buffer.from([command, family, ...twoBytes(body.length), ...body])]);
}

/** Writes IPv4 beside IPv6 as IPv6, as HAProxy does, because a header has room for one family. */
function inOneFamily(...ips: [string, string]): [string, string] {
  if (isIPv6(ips[0]) === isIPv6(ips[1])) return ips;
  return ips.map((ip) => (isIPv6(ip) ? ip : `::ffff:${ip}`)) as [string, string];
}

function ipv4Bytes(ip: string): number[] {
  return ip.split('.').map(Number);
}

function ipv6Bytes(ip: string): number[] {
  // A URL writes the address without dots: `::ffff:a00:7`.
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
