/**
 * Recognizes clients that speak HTTP or TLS from the first bytes of a connection. Pure.
 *
 * A browser that opens the room's port sends its cookies: text for nobody. A person may write "GET" as well, so only a
 * whole request line counts: `METHOD SP target SP HTTP/1.1 CR LF`. The CR is part of it, because messages of browsers
 * come through the gateway with LF alone, and a message about HTTP must not close the connection of its author.
 */

export type Protocol =
  | 'text'
  | 'http'
  | 'tls'
  /** May become HTTP or TLS, but is as likely the whole message of a person: send it on. */
  | 'undecided'
  /** May become HTTP or TLS, and looks like it: wait a moment for the rest. */
  | 'likely';

/** The longest request line that is looked at: servers take 8 KB, and browsers send little more. */
export const REQUEST_LINE_MAX_BYTES = 16 * 1024;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PRI'];

const REQUEST_LINE = /^[A-Z][A-Z-]{0,19} [\x21-\xff]+ HTTP\/\d(?:\.\d)?\r\n/;
const REQUEST_LINE_SO_FAR = new RegExp(`^(?:${METHODS.join('|')}) [\\x21-\\xff]+(?: [HTP/\\d.]*\\r?)?$`);

/** The record of a ClientHello: handshake, version 3.x, two bytes of length, its type. */
const CLIENT_HELLO: readonly ((byte: number) => boolean)[] = [
  (type) => type === 22,
  (major) => major === 3,
  (minor) => minor <= 4,
  () => true,
  () => true,
  (message) => message === 1,
];

/** Takes all bytes that have come so far. */
export function sniffProtocol(bytes: Buffer): Protocol {
  if (CLIENT_HELLO.every((fits, at) => fits(bytes[at] ?? -1) || at >= bytes.length)) {
    return bytes.length >= CLIENT_HELLO.length ? 'tls' : 'likely';
  }
  const text = bytes.toString('latin1', 0, REQUEST_LINE_MAX_BYTES);
  if (REQUEST_LINE.test(text)) return 'http';
  if (bytes.length >= REQUEST_LINE_MAX_BYTES) return 'text';
  if (REQUEST_LINE_SO_FAR.test(text)) return 'likely';
  return METHODS.some((method) => `${method} `.startsWith(text)) ? 'undecided' : 'text';
}
