/**
 * HAProxy's PROXY protocol: what a proxy sends before all else, to say for whom this connection is. Pure.
 *
 *     v1   PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345\r\n   or   PROXY UNKNOWN ...\r\n
 *     v2   12 bytes of signature, version and command, family, length, addresses, TLVs (not looked at)
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

export interface Origin {
  ip: string;
  port: number;
}

export type ProxyHeader =
  /** May become one. */
  | { kind: 'more' }
  /** `from` is null if the proxy speaks for itself, or does not know. `size`: its bytes; what follows is the client's. */
  | { kind: 'header'; from: Origin | null; size: number }
  | { kind: 'bad'; why: string };

/** The specification's longest line, its end included, bytes. */
export const V1_MAX_BYTES = 107;

/** Addresses take at most 36; the TLVs that proxies add (a cloud's endpoint, a certificate's name) some hundred. */
export const V2_MAX_BYTES = 2048;

const V1_START = Buffer.from('PROXY ');
const V1_PROTOCOLS = new Map([
  ['TCP4', isIPv4],
  ['TCP6', isPlainIPv6],
]);

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_FIXED_BYTES = 16;

/** Version and command, one byte. */
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;

/** Family and transport, one byte: TCP over IPv4 and IPv6. Those in OTHER_FAMILIES carry no IP address. */
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
const OTHER_FAMILIES: readonly number[] = [0x00, 0x31];

const MORE: ProxyHeader = { kind: 'more' };

/** Looks at all bytes that have come so far. Never waits for what can't become a header any more. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsAlike(bytes, V1_START)) return readV1(bytes);
  if (startsAlike(bytes, V2_SIGNATURE)) return readV2(bytes);
  return bad('no PROXY header');
}

/** As far as both go. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readV1(bytes: Buffer): ProxyHeader {
  const line = bytes.subarray(0, V1_MAX_BYTES);
  const end = line.indexOf('\r\n');
  if (end < 0) return line.length < V1_MAX_BYTES ? MORE : bad(`no line end within ${V1_MAX_BYTES} bytes`);
  const size = end + 2;
  const [, protocol = '', source = '', destination = '', from, to, ...rest] = line
    .toString('latin1', 0, end)
    .split(' ');
  if (protocol === 'UNKNOWN') return { kind: 'header', from: null, size };
  const isIp = V1_PROTOCOLS.get(protocol);
  const port = portOf(from);
  if (!isIp || rest.length > 0) return bad('not the words of version 1');
  if (!isIp(source) || !isIp(destination)) return bad('bad address');
  if (port === undefined || portOf(to) === undefined) return bad('bad port');
  return { kind: 'header', from: { ip: canonical(source), port }, size };
}

function portOf(digits = ''): number | undefined {
  return /^(?:0|[1-9]\d{0,4})$/.test(digits) && Number(digits) <= 65535 ? Number(digits) : undefined;
}

function isPlainIPv6(ip: string): boolean {
  return isIPv6(ip) && !ip.includes('%');
}

function readV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_FIXED_BYTES) return MORE;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const size = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (command !== V2_LOCAL && command !== V2_PROXY) return bad('unknown version or command');
  if (size > V2_MAX_BYTES) return bad(`longer than ${V2_MAX_BYTES} bytes`);
  if (bytes.length < size) return MORE;
  if (command === V2_LOCAL || OTHER_FAMILIES.includes(family)) return { kind: 'header', from: null, size };
  const ipBytes = { [V2_TCP4]: 4, [V2_TCP6]: 16 }[family];
  if (ipBytes === undefined) return bad('unknown address family');
  if (size < V2_FIXED_BYTES + 2 * ipBytes + 4) return bad('too short for its addresses');
  const ip = ipOf(bytes.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + ipBytes));
  return { kind: 'header', from: { ip, port: bytes.readUInt16BE(V2_FIXED_BYTES + 2 * ipBytes) }, size };
}

function ipOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return canonical((bytes.toString('hex').match(/..../g) ?? []).join(':'));
}

/** IPv6 can be written in many ways, and an address is a name here. */
function canonical(ip: string): string {
  return isIPv6(ip) ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip;
}

function bad(why: string): ProxyHeader {
  return { kind: 'bad', why };
}
