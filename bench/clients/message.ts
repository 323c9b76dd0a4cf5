/**
 * What is said while it is measured: 64 bytes with a number, and when it was said by the clock all processes share.
 *
 *     @0000042 0000012345678901 xxxxxxxxx...\n
 */
export const MESSAGE_BYTES = 64;
/** Stands in each message once, and nowhere else in what a bridge sends. */
export const MARK = '@'.charCodeAt(0);

const PATTERN = /@(\d{7}) (\d{16})/g;
const PATTERN_CHARS = 25;

/** µs, of a clock that is the same in every process. */
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

/** The messages in a text, and what may be the beginning of another. One that a header cuts in two is not seen. */
export function messagesIn(text: string): { seen: Seen[]; rest: string } {
  const seen = [...text.matchAll(PATTERN)].map(([, seq, us]) => ({ seq: Number(seq), saidUs: Number(us) }));
  const last = text.lastIndexOf('@');
  return { seen, rest: last >= 0 && text.length - last < PATTERN_CHARS ? text.slice(last) : '' };
}

function pad(value: number, length: number): string {
  return `${value}`.padStart(length, '0');
}
