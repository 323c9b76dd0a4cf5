/**
 * Reads, compares and spells IP addresses and networks.
 */
import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The ranges that no machine of the internet can use. */
const PRIVATE_RANGES: readonly string[] = ['loopback', 'private', 'linkLocal', 'uniqueLocal'];

/** The prefix of an IPv4 network is this much longer in its IPv4-mapped spelling. */
const MAPPED_PREFIX_BITS = 96;

/**
 * Returns the one spelling of an address, or undefined if the text is no address.
 * Drops the zone, which has a meaning on its own machine only.
 */
export function canonicalIp(ip: string): string | undefined {
  // Node accepts one spelling of IPv4, and this test costs a fraction of parsing.
  return isIPv4(ip) ? ip : parse(ip)?.toString();
}

/** Writes an IPv4 address that has reached an IPv6 socket (`::ffff:10.0.0.7`) as IPv4. */
export function unmapIPv4(ip: string): string {
  return ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
}

/** `127.0.0.1:4000`, `[::1]:4000`. */
export function formatAddress(ip: string, port: number): string {
  const plain = unmapIPv4(ip);
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** Returns true for an address of this machine or of its own networks, never for one of the internet. */
export function isPrivate(ip: string): boolean {
  return PRIVATE_RANGES.includes(parse(ip)?.range() ?? '');
}

/** Returns true for a host name or address that means the machine on which it is used. */
export function isLoopback(host: string): boolean {
  // Each request asks for its address, and this test costs a fraction of parsing.
  if (isIPv4(host)) return host.startsWith('127.');
  if (host.toLowerCase() === 'localhost') return true;
  return parse(host.replace(/^\[(.*)\]$/, '$1'))?.range() === 'loopback';
}

/** Returns the key under which addresses share a rate limit: an IPv6 user has a whole /64 network. */
export function rateLimitKey(ip: string): string {
  const address = isIPv4(ip) ? undefined : parse(ip);
  if (!(address instanceof ipaddr.IPv6)) return address?.toString() ?? ip;
  const network = address.parts.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** Returns true for `10.0.0.7`, `192.168.0.0/16` or `fd00::/8`. Refuses `/0`, which means every address. */
export function isNetwork(item: string): boolean {
  return parseNetwork(item) !== undefined;
}

/** Returns a function that is true for the addresses in one of the networks. */
export function networkMatcher(items: readonly string[]): (ip: string) => boolean {
  const networks = items.map(parseNetwork).filter((network) => network !== undefined);
  if (networks.length === 0) return () => false;
  return (ip) => {
    const address = parse(ip);
    return networks.some(
      ([network, bits]) => address?.kind() === network.kind() && address.match(network, bits),
    );
  };
}

/** Returns 4 or 16 bytes. */
export function ipToBytes(ip: string): number[] {
  const address = parseAsWritten(ip);
  if (!address) throw new TypeError(`Not an IP address: ${ip}`);
  return address.toByteArray();
}

/** Takes 4 or 16 bytes. */
export function ipFromBytes(bytes: Iterable<number>): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

function parse(ip: string): Address | undefined {
  const address = parseAsWritten(ip);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Parses what Node accepts, because ipaddr.js also accepts `1`, `0x7f.1` and `010.0.0.1`. */
function parseAsWritten(ip: string): Address | undefined {
  if (isIP(ip) === 0) return undefined;
  // ipaddr.js reads the withdrawn spelling `::10.0.0.7` as `::ffff:10.0.0.7`, which is another address.
  return ipaddr.parse(ip.replace(/%.*/, '').replace(/^::(?=\d+\.)/, '0::'));
}

function parseNetwork(item: string): [network: Address, bits: number] | undefined {
  const [ip = '', digits, ...rest] = item.split('/');
  const network = parse(ip);
  if (!network || rest.length > 0 || (digits !== undefined && !/^\d{1,3}$/.test(digits))) return undefined;
  const longest = network.kind() === 'ipv4' ? 32 : 128;
  const mapped = isIP(ip) === 6 && longest === 32 ? MAPPED_PREFIX_BITS : 0;
  const bits = digits === undefined ? longest : Number(digits) - mapped;
  return bits >= 1 && bits <= longest ? [network, bits] : undefined;
}
