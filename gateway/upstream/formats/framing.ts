/**
 * Frames of servers that send no lines: a length before each text, or texts of a fixed size. For the rest of the gateway a
 * frame is a line.
 *
 *     bytes of the server ---> Deframer ---> lines ---> login, parser
 *     line ---> Framing.frame ---> bytes to the server
 *
 * A bad frame ends the reading of its connection, because nothing shows where the next one begins.
 */
import { WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';

/** Values of ROOM_FRAMING. Servers for `fixed` have buffers of 64 to 7999 bytes. */
export const FRAMING_PATTERN = '^(lines|utf|digits:[1-9]|fixed:(6[4-9]|[7-9]\\d|\\d{3}|[1-7]\\d{3}))$';

/** Longest frame of a server, bytes: more than any message. A text that is no frame reads as a greater length. */
const FRAME_MAX_BYTES = 8 * 1024;

/** The examples of Asio, after which many servers with a decimal length are made, accept this much, bytes. */
const DIGITS_TEXT_MAX_BYTES = 512;

/** Bytes of the length before a text of Java's `writeUTF`. */
const UTF_LENGTH_BYTES = 2;

const NEWLINE = Buffer.from('\n');
const SPACE = 0x20;
const NOTHING = Buffer.alloc(0);

export interface Framing {
  /** The value of ROOM_FRAMING. */
  readonly name: string;
  /** Longest text that a server takes in one frame, bytes. */
  readonly textMaxBytes: number;
  /** Bytes before each text. */
  readonly headerBytes: number;
  /** Returns the bytes of a text, its line end left out. */
  frame(text: string | Uint8Array): Uint8Array;
  /** Returns the length that a header names, or NaN. */
  lengthOf(header: Buffer): number;
  /** Returns the text of a frame. */
  textOf(body: Buffer): Buffer;
}

/** Returns undefined for lines. */
export function framingOf(name: string): Framing | undefined {
  const [kind, size] = name.split(':');
  if (kind === 'utf') return utf;
  if (kind === 'digits') return digits(Number(size));
  return kind === 'fixed' ? fixed(Number(size)) : undefined;
}

const utf: Framing = {
  name: 'utf',
  textMaxBytes: WIRE_MAX_BYTES,
  headerBytes: UTF_LENGTH_BYTES,
  frame: (text) => {
    const body = toModifiedUtf8(withoutEnd(text).toString());
    const header = Buffer.alloc(UTF_LENGTH_BYTES);
    header.writeUInt16BE(body.length);
    return Buffer.concat([header, body]);
  },
  lengthOf: (header) => header.readUInt16BE(),
  textOf: fromModifiedUtf8,
};

function digits(count: number): Framing {
  return {
    name: `digits:${count}`,
    textMaxBytes: Math.min(DIGITS_TEXT_MAX_BYTES, 10 ** count - 1),
    headerBytes: count,
    frame: (text) => {
      const body = withoutEnd(text);
      return Buffer.concat([Buffer.from(`${body.length}`.padStart(count, '0')), body]);
    },
    // Some servers fill up with blanks, before or behind.
    lengthOf: (header) => {
      const length = header.toString('latin1');
      return /^ *\d+ *$/.test(length) ? Number(length) : Number.NaN;
    },
    textOf: (body) => body,
  };
}

function fixed(size: number): Framing {
  return {
    name: `fixed:${size}`,
    // A server in C may need a NUL at the end.
    textMaxBytes: Math.min(WIRE_MAX_BYTES, size - 1),
    headerBytes: 0,
    frame: (text) => {
      const body = withoutEnd(text).subarray(0, size);
      return Buffer.concat([body, Buffer.alloc(size - body.length)]);
    },
    lengthOf: () => size,
    textOf: (body) => {
      const end = body.indexOf(0);
      return end < 0 ? body : body.subarray(0, end);
    },
  };
}

/** Turns frames into lines, however TCP cuts them. Pure. */
export class Deframer {
  readonly #framing: Framing;
  #rest: Buffer = NOTHING;
  #problem: string | undefined;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Describes the first bad frame. Nothing is read after it. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Returns the lines that the bytes complete. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#problem !== undefined) return NOTHING;
    // Copies, because the next read overwrites the bytes.
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const lines: Buffer[] = [];
    for (let body = this.#take(); body !== undefined; body = this.#take()) {
      lines.push(asLine(this.#framing.textOf(body)), NEWLINE);
    }
    return Buffer.concat(lines);
  }

  #take(): Buffer | undefined {
    const { headerBytes, lengthOf, name } = this.#framing;
    if (this.#problem !== undefined || this.#rest.length < headerBytes) return undefined;
    const header = this.#rest.subarray(0, headerBytes);
    const length = lengthOf(header);
    if (!(length <= FRAME_MAX_BYTES)) {
      this.#problem = `${JSON.stringify(header.toString('latin1'))} begins no frame of ROOM_FRAMING=${name}`;
      this.#rest = NOTHING;
      return undefined;
    }
    const end = headerBytes + length;
    if (this.#rest.length < end) return undefined;
    const body = this.#rest.subarray(headerBytes, end);
    this.#rest = this.#rest.subarray(end);
    return body;
  }
}

/** A client may also write a line end into its frame. */
function withoutEnd(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  let end = bytes.length;
  while (end > 0 && isLineEnd(bytes[end - 1])) end--;
  return bytes.subarray(0, end);
}

/** A frame is one line, so that the next line of a text is not another message. */
function asLine(text: Buffer): Buffer {
  const line = Buffer.from(withoutEnd(text));
  for (const [index, byte] of line.entries()) if (isLineEnd(byte)) line[index] = SPACE;
  return line;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}

/** Java encodes each half of a surrogate pair, and NUL as two bytes. A server fails at other bytes. */
function toModifiedUtf8(text: string): Buffer {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0 && code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Buffer.from(bytes);
}

/** Returns UTF-8. */
function fromModifiedUtf8(body: Buffer): Buffer {
  // Halves of surrogate pairs begin with ED A0 to ED BF.
  const text = body
    .toString('latin1')
    .replace(/\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g, (...half) => {
      const [high, low] = [half.slice(1, 3), half.slice(3, 5)].map(codeUnitOf) as [number, number];
      return Buffer.from(String.fromCharCode(high, low)).toString('latin1');
    });
  return Buffer.from(text, 'latin1');
}

function codeUnitOf([middle = '', last = '']: string[]): number {
  return 0xd000 | ((middle.charCodeAt(0) & 0x3f) << 6) | (last.charCodeAt(0) & 0x3f);
}
