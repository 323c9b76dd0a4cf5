/**
 * A measured message: 64 bytes with a number and the time of sending, by a clock that all processes share.
 *
 *     @0000042 0000012345678901 xxxxxxxxx...
 *
 */
export const MESSAGE_BYTES = 64;
/** Occurs once in each message, and nowhere else in the output of a bridge. */
export const MARK = '@'.charCodeAt(0);

const PATTERN = /@(\d{7}) (\d{16})/g;
const PATTERN_CHARS = 25;

/** Time in µs of a clock that all processes share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function message(seq: number): string {
  const text = `@${pad(seq, 7)} ${pad(nowUs(), 16)} `;
  return `${text.padEnd(MESSAGE_BYTES - 1, 'x')}\n`;
}

export interface Seen {
  seq: number;
  saidUs: number;
}

/**
 * Parses the messages in a text, and returns the rest that may be the beginning of another. A message that a header
 * cuts in two is skipped.
 */
export function messagesIn(text: string): { seen: Seen[]; rest: string } {
  const seen = [...text.matchAll(PATTERN)].map(([, seq, us]) => ({ seq: Number(seq), saidUs: Number(us) }));
  const last = text.lastIndexOf('@');
  return { seen, rest: last >= 0 && text.length - last < PATTERN_CHARS ? text.slice(last) : '' };
}

function pad(value: number, length: number): string {
  return `${value}`.padStart(length, '0');
}
