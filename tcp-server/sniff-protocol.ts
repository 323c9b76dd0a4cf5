/**
 * Recognizes HTTP and TLS from the first bytes of a connection. Pure.
 *
 * A browser that opens the room's port sends its cookies, which must not reach the room. A person may write "GET" too, so
 * only a complete request line counts: `METHOD SP target SP HTTP/1.1 CR LF`. The CR is required, because the gateway sends
 * messages with LF alone, and a message about HTTP must not close the connection of its author.
 */

export type Protocol =
  | 'text'
  | 'http'
  | 'tls'
  /** The bytes may become HTTP or TLS, but are probably a person's complete message. */
  | 'undecided'
  /** The bytes look like the beginning of HTTP or TLS. */
  | 'likely';

/** The longest request line that is recognized. Servers accept 8 KB, and browsers send little more. */
export const REQUEST_LINE_MAX_BYTES = 16 * 1024;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PRI'];

const REQUEST_LINE = /^[A-Z][A-Z-]{0,19} [\x21-\xff]+ HTTP\/\d(?:\.\d)?\r\n/;
const REQUEST_LINE_SO_FAR = new RegExp(`^(?:${METHODS.join('|')}) [\\x21-\\xff]+(?: [HTP/\\d.]*\\r?)?$`);

/** The record of a ClientHello: handshake, version 3.x, two bytes of length, message type. */
const CLIENT_HELLO: readonly ((byte: number) => boolean)[] = [
  (type) => type === 22,
  (major) => major === 3,
  (minor) => minor <= 4,
  () => true,
  () => true,
  (message) => message === 1,
];

/** Takes all bytes received so far. */
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
