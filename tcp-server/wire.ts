/**
 * CONTRACT: the room's wire format, as the tutorial's server uses it. Imports nothing.
 *
 *     IP:PORT dice: <bytes as the client sent them>
 *
 * There is no framing. A message ends where the next header begins, and need not end with a newline.
 */

/** The tutorial's port. */
export const DEFAULT_PORT = 12345;

/** The tutorial's `recv(1024)`. A longer message is broadcast in chunks, each under a header of its own. */
export const WIRE_MAX_BYTES = 1024;

/** The text between an address and a message. */
export const HEADER_SUFFIX = ' dice: ';

/** The command that leaves the room. A client never sends it. */
export const LEAVE_WORD = 'salir';

/**
 * A TLV of the PROXY protocol v2, by which a client asks the room for no broadcasts. Others may use the type, which is
 * in the range for private use, so the value states the request.
 */
export const NO_BROADCASTS_TLV = { type: 0xe4, value: 'tertulia: no broadcasts' } as const;

/** Returns the header that precedes each message of a client. */
export function header(address: string): string {
  return `${address}${HEADER_SUFFIX}`;
}
