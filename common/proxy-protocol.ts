/**
 * Writes and parses headers of HAProxy's PROXY protocol. Pure.
 *
 * A proxy sends the header before all else, and names the client of the connection.
 *
 *     v1   PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345\r\n   or   PROXY UNKNOWN ...\r\n
 *     v2   12 bytes of signature, version and command, family, length, addresses, TLVs
 */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIp, ipFromBytes, ipToBytes } from './ip.ts';

export type ProxyProtocol = 'v1' | 'v2';

export interface Endpoint {
  ip: string;
  port: number;
}

export type ProxyHeader =
  /** The bytes may become a header. */
  | { kind: 'incomplete' }
  /** `from` is null if the proxy made the connection for itself. Bytes after `size` are the client's. */
  | { kind: 'header'; from: Endpoint | null; size: number }
  | { kind: 'invalid'; reason: string };

/** The specification's longest line of version 1, its end included. */
export const V1_MAX_BYTES = 107;

/** Addresses take at most 36 bytes. The TLVs that proxies add, for example a certificate's name, take some hundred. */
export const V2_MAX_BYTES = 2048;

const V1_START = Buffer.from('PROXY ');
const V1_PROTOCOLS = new Map([
  ['TCP4', isIPv4],
  ['TCP6', isIPv6WithoutZone],
]);

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_FIXED_BYTES = 16;

/** Version and command, one byte. */
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;

/** Family and transport, one byte. */
const V2_UNSPECIFIED = 0x00;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
const V2_UNIX_STREAM = 0x31;

/** Bytes of the two addresses and ports, by family. */
const V2_ADDRESS_BYTES: Record<number, number> = {
  [V2_UNSPECIFIED]: 0,
  [V2_TCP4]: 12,
  [V2_TCP6]: 36,
  [V2_UNIX_STREAM]: 216,
};

/** Type and length of a field. */
const TLV_FIXED_BYTES = 3;

const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };

/**
 * Writes the header of a connection from `from` to `to`. `from` is null for the proxy's own connection, and for a
 * client without an address. Version 1 has no TLVs.
 */
export function formatProxyHeader(
  protocol: ProxyProtocol,
  from: Endpoint | null,
  to: Endpoint,
  tlvs: readonly number[] = [],
): Buffer {
  switch (protocol) {
    case 'v1':
      return Buffer.from(from ? formatV1(from, to) : 'PROXY UNKNOWN\r\n');
    case 'v2':
      return from ? formatV2(from, to, tlvs) : v2Bytes(V2_LOCAL, V2_UNSPECIFIED, tlvs);
  }
}

/** Writes a field of version 2. */
export function formatTlv(type: number, value: Uint8Array): number[] {
  return [type, ...uint16(value.length), ...value];
}

/** Returns the value of the first field of this type. `header` is a complete header of either version. */
export function findTlv(header: Buffer, type: number): Buffer | undefined {
  const addressBytes = startsAlike(header, V2_SIGNATURE) && V2_ADDRESS_BYTES[header.readUInt8(13)];
  if (typeof addressBytes !== 'number') return undefined;
  let start = V2_FIXED_BYTES + addressBytes;
  while (start + TLV_FIXED_BYTES <= header.length) {
    const value = start + TLV_FIXED_BYTES;
    const end = value + header.readUInt16BE(start + 1);
    if (header[start] === type && end <= header.length) return header.subarray(value, end);
    start = end;
  }
  return undefined;
}

function formatV1(from: Endpoint, to: Endpoint): string {
  const ips = inOneFamily(from.ip, to.ip);
  return `PROXY TCP${isIPv6(ips[0]) ? 6 : 4} ${ips.join(' ')} ${from.port} ${to.port}\r\n`;
}

function formatV2(from: Endpoint, to: Endpoint, tlvs: readonly number[]): Buffer {
  const ips = inOneFamily(from.ip, to.ip);
  const family = isIPv6(ips[0]) ? V2_TCP6 : V2_TCP4;
  const addresses = [...ips.flatMap(ipToBytes), ...uint16(from.port), ...uint16(to.port)];
  return v2Bytes(V2_PROXY, family, [...addresses, ...tlvs]);
}

function v2Bytes(command: number, family: number, body: readonly number[]): Buffer {
  return Buffer.concat([V2_SIGNATURE, Buffer.from([command, family, ...uint16(body.length), ...body])]);
}

/** A header has one family. IPv4 beside IPv6 is written as IPv4-mapped IPv6, as HAProxy does. */
function inOneFamily(...ips: [string, string]): [string, string] {
  if (isIPv6(ips[0]) === isIPv6(ips[1])) return ips;
  return ips.map((ip) => (isIPv6(ip) ? ip : `::ffff:${ip}`)) as [string, string];
}

function uint16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** Parses all bytes received so far. Bytes that can't become a header are invalid at once. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsAlike(bytes, V1_START)) return parseV1(bytes);
  if (startsAlike(bytes, V2_SIGNATURE)) return parseV2(bytes);
  return invalid('no PROXY header');
}

/** Compares the bytes up to the shorter length. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function parseV1(bytes: Buffer): ProxyHeader {
  const line = bytes.subarray(0, V1_MAX_BYTES);
  const end = line.indexOf('\r\n');
  if (end < 0)
    return line.length < V1_MAX_BYTES ? INCOMPLETE : invalid(`no line end within ${V1_MAX_BYTES} bytes`);
  const size = end + 2;
  const [, protocol = '', source = '', destination = '', sourcePort, destinationPort, ...rest] = line
    .toString('latin1', 0, end)
    .split(' ');
  if (protocol === 'UNKNOWN') return { kind: 'header', from: null, size };
  const isIp = V1_PROTOCOLS.get(protocol);
  const port = parsePort(sourcePort);
  if (!isIp || rest.length > 0) return invalid('not the fields of version 1');
  if (!isIp(source) || !isIp(destination)) return invalid('bad address');
  if (port === undefined || parsePort(destinationPort) === undefined) return invalid('bad port');
  return { kind: 'header', from: { ip: canonicalIp(source) ?? source, port }, size };
}

function parsePort(digits = ''): number | undefined {
  return /^(?:0|[1-9]\d{0,4})$/.test(digits) && Number(digits) <= 65535 ? Number(digits) : undefined;
}

function isIPv6WithoutZone(ip: string): boolean {
  return isIPv6(ip) && !ip.includes('%');
}

function parseV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_FIXED_BYTES) return INCOMPLETE;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const size = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (command !== V2_LOCAL && command !== V2_PROXY) return invalid('unknown version or command');
  if (size > V2_MAX_BYTES) return invalid(`longer than ${V2_MAX_BYTES} bytes`);
  if (bytes.length < size) return INCOMPLETE;
  const hasNoIp = family === V2_UNSPECIFIED || family === V2_UNIX_STREAM;
  if (command === V2_LOCAL || hasNoIp) return { kind: 'header', from: null, size };
  const ipBytes = { [V2_TCP4]: 4, [V2_TCP6]: 16 }[family];
  if (ipBytes === undefined) return invalid('unknown address family');
  if (size < V2_FIXED_BYTES + 2 * ipBytes + 4) return invalid('too short for its addresses');
  const ip = ipFromBytes(bytes.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + ipBytes));
  const port = bytes.readUInt16BE(V2_FIXED_BYTES + 2 * ipBytes);
  return { kind: 'header', from: { ip: canonicalIp(ip) ?? ip, port }, size };
}

function invalid(reason: string): ProxyHeader {
  return { kind: 'invalid', reason };
}
