/**
 * Encodes text frames of a WebSocket server. They are not masked, so one buffer serves every browser.
 */
const FINAL_TEXT = 0x81;
/** Longest length in the second byte. Beyond it, that byte gives the size of the length field. */
const SHORT_MAX = 125;
const MEDIUM_MAX = 0xffff;
const MEDIUM = 126;
const LONG = 127;

/** Joins the parts in one frame and one buffer, so that a socket needs one write. */
export function textFrame(...parts: Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const header = headerLength(length);
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, length);
  let at = header;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** Returns the text of a frame of `textFrame`. */
export function textOf(frame: Buffer): string {
  return frame.toString('utf8', headerLengthOf(frame));
}

function headerLength(length: number): number {
  if (length <= SHORT_MAX) return 2;
  return length <= MEDIUM_MAX ? 4 : 10;
}

function headerLengthOf(frame: Buffer): number {
  if (frame[1] === LONG) return 10;
  return frame[1] === MEDIUM ? 4 : 2;
}

function writeHeader(frame: Buffer, length: number): void {
  frame[0] = FINAL_TEXT;
  if (length <= SHORT_MAX) frame[1] = length;
  else if (length <= MEDIUM_MAX) {
    frame[1] = MEDIUM;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LONG;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
