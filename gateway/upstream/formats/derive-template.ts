/**
 * Derives the template of a room from a line that holds a text somebody is known to have sent. Pure.
 */
import { HEADER_SUFFIX } from '../../../tcp-server/wire.ts';

/** The connection that sent a text, as far as it is known. */
export interface Sender {
  /** `IP:PORT` in the room, if it is known. */
  address?: string | null;
  /** Undefined without a login. */
  name?: string | undefined;
}

/** A time or a date, which differs in each line. */
const TIME =
  /\d{1,4}([-/.])\d{1,2}\1\d{1,4}[ T]\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?/g;

/** A header without anything known: signs, perhaps a name, and signs. */
const UNKNOWN_HEADER = /^([^\p{L}\p{N}]*)([\p{L}\p{N}].{0,30}?)([^\p{L}\p{N}]+)$/u;

/** Returns the value of ROOM_FORMAT that fits the line, or undefined if the line does not hold the text. */
export function deriveTemplate(line: string, text: string, { address, name }: Sender): string | undefined {
  const at = line.lastIndexOf(text);
  if (at < 0 || text === '') return undefined;
  const header = line.slice(0, at).replaceAll('\\', '\\\\');
  const rest = line.slice(at + text.length).replaceAll('\\', '\\\\');
  if (header === '' && rest === '') return 'plain';
  if (address && header === `${address}${HEADER_SUFFIX}`) return 'dice';
  const known = withFields(header, address ?? '', name);
  return `${known}{text}${rest}`;
}

function withFields(header: string, address: string, name: string | undefined): string {
  const end = address.lastIndexOf(':');
  const [ip, port] = [address.slice(0, end).replace(/^\[|\]$/g, ''), address.slice(end + 1)];
  // A server that listens for IPv6 too shows IPv4 addresses so. The fields match both spellings.
  let known = header.replace(`::ffff:${ip}`, ip);
  if (address !== '' && known.includes(address)) known = known.replace(address, '{address}');
  else if (ip !== '' && known.includes(ip)) {
    known = known.replace(ip, '{ip}');
    // A port that stands before the IP address may be any other number.
    const [before = '', after = ''] = known.split('{ip}');
    known = `${before}{ip}${after.replace(new RegExp(`(?<!\\d)${port}(?!\\d)`), '{port}')}`;
  }
  if (name !== undefined && name !== '') known = known.replace(name, '{name}');
  known = known.replace(TIME, '{any}');
  return /\{(?:address|ip|name)\}/.test(known) ? known : known.replace(UNKNOWN_HEADER, '$1{name}$3');
}
