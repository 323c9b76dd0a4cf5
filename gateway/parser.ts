/**
 * The bytes of the room -> who said what. Pure: no sockets, no clock.
 *
 * The room has no framing. A message begins at a header and ends where the next header begins, wherever TCP
 * cut the bytes; line ends before a header belong to neither. Text is given out as it comes and extended
 * later. Only what may be a header still arriving is kept back, until more bytes come or `flush` is called.
 */
import { isIPv6 } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { formatAddress, SAYS } from '../tcp-server/wire.ts';

export type Heard =
  /** A header, and the text that has come after it. `from` is `IPv4:PORT` or `[IPv6]:PORT`; empty without headers. */
  | { kind: 'message'; from: string; text: string }
  /** Goes on where the last message ended. */
  | { kind: 'more'; text: string }
  /** No header came before it in this connection: the server's own words. */
  | { kind: 'words'; text: string };

/**
 * How long a caller should let the parser keep something back, ms: no reader notices it, and the rest of a
 * header that TCP cut is rarely later.
 */
export const HOLD_MS = 10;

/** Longest address, characters: 45 of IPv6, a zone of 16, colon, port of 5, brackets, and some air. */
const ADDRESS_MAX = 72;

/** Longest text that waits as a whole because its end may be a header, characters. Longer ones wait in part. */
const WAIT_WHOLE_MAX = 1024;

/** Addresses remembered to tell `son 1` + `10.0.0.7:4000` from `110.0.0.7:4000`: some times a large room. */
const KNOWN_MAX = 20_000;

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const PORT = '([1-9]\\d{0,4})';
const IPV6 = '([\\da-fA-F:.]{2,45}(?:%[\\w.-]{1,15})?)';
const IPV4_END = new RegExp(`((?:${OCTET}\\.){3}${OCTET}):${PORT}$`);
const BRACKETED_END = new RegExp(`\\[${IPV6}\\]:${PORT}$`);
/** As Python prints it: `::1:4000`. */
const BARE_IPV6_END = new RegExp(`${IPV6}:${PORT}$`);

// The same, as far as they may have come.
const SAYS_SO_FAR = [...SAYS.slice(0, -1)].reduceRight((rest, char) => `(?:${char}${rest})?`, '');
const REST_SO_FAR = `(?::(?:\\d{1,5}${SAYS_SO_FAR})?)?`;
const IPV4_SO_FAR = new RegExp(
  `(?:\\d{1,3}\\.){3}\\d{1,3}${REST_SO_FAR}$|(?:\\d{1,3}\\.){0,3}\\d{1,3}$|(?:\\d{1,3}\\.){1,3}$`,
);
const BRACKETED_SO_FAR = new RegExp(`\\[[\\da-fA-F:.]{0,45}(?:%[\\w.-]{0,15})?(?:\\]${REST_SO_FAR})?$`);
const BARE_IPV6_SO_FAR = new RegExp(`[\\da-fA-F:.]{1,51}(?:%[\\w.-]{0,15}(?::\\d{0,5})?)?${SAYS_SO_FAR}$`);
const BARE_IPV6_LINE_SO_FAR = new RegExp(`(?<=[\\r\\n])${BARE_IPV6_SO_FAR.source}`);

interface Address {
  /** Where it begins. */
  start: number;
  from: string;
}

interface Header extends Address {
  /** Where the text after it begins. */
  end: number;
}

/** With headers as the tutorial's server writes them, or just words. */
export type RoomFormat = 'dice' | 'plain';

export interface Parser {
  /** Is something kept back that `flush` would give out? */
  readonly holding: boolean;
  push(bytes: Uint8Array): Heard[];
  flush(): Heard[];
  /** The connection ended: gives out all there is. */
  end(): Heard[];
}

export class RoomParser implements Parser {
  readonly #decoder = new StringDecoder('utf8');
  #speaker: { from: string; begun: boolean } | null = null;
  /** Kept back; its first `#shown` characters were given out by a flush. The first byte begins a line. */
  #rest = '\n';
  #shown = 1;
  /** This server writes `::1:4000`: seen where a line begins, so to be expected elsewhere. */
  #bareIPv6 = false;
  #known = new Set<string>();

  /** Is something kept back that `flush` would give out? */
  get holding(): boolean {
    return trimmedLength(this.#rest) > this.#shown;
  }

  push(bytes: Uint8Array): Heard[] {
    return this.#read(this.#decoder.write(bytes));
  }

  /** Gives out what was kept back. Should it be a header after all, that is still seen when its rest comes. */
  flush(): Heard[] {
    const out: Heard[] = [];
    if (this.holding) {
      this.#give(this.#rest, out);
      this.#shown = this.#rest.length;
    }
    return out;
  }

  /** The connection ended: gives out all there is, half a character included. */
  end(): Heard[] {
    const half = this.#decoder.end();
    return [...(half ? this.#read(half) : []), ...this.flush()];
  }

  #read(decoded: string): Heard[] {
    const out: Heard[] = [];
    const waited = this.holding;
    let text = this.#rest + decoded;
    for (let header = this.#findHeader(text); header; header = this.#findHeader(text)) {
      this.#give(text.slice(0, trimmedLength(text, header.start)), out);
      this.#speaker = { from: header.from, begun: false };
      text = text.slice(header.end);
      this.#shown = 0;
    }
    this.#keepBack(text, waited, out);
    return out;
  }

  /** No (more) header in sight: gives out all but line ends and what may become a header. */
  #keepBack(text: string, waited: boolean, out: Heard[]): void {
    const suspect = this.#suspectFrom(text);
    // `son las 10`: a moment's wait, once, is better than `son las ` and `10`.
    const wait = suspect < text.length && !waited && text.length <= WAIT_WHOLE_MAX;
    const cut = wait ? 0 : trimmedLength(text, suspect);
    const emptyLine = this.#speaker?.begun === false && beginsLine(text, 1);
    if (cut > 0 || emptyLine) this.#give(text.slice(0, cut), out);
    this.#rest = text.slice(cut);
    this.#shown = Math.max(0, this.#shown - cut);
  }

  /** Gives out `text` but for what was already. */
  #give(text: string, out: Heard[]): void {
    const fresh = withPlainLineEnds(text.slice(this.#shown));
    if (this.#speaker && !this.#speaker.begun) {
      this.#speaker.begun = true;
      out.push({ kind: 'message', from: this.#speaker.from, text: fresh });
    } else if (fresh) {
      out.push({ kind: this.#speaker ? 'more' : 'words', text: fresh });
    }
  }

  #findHeader(text: string): Header | undefined {
    for (let says = text.indexOf(SAYS); says >= 0; says = text.indexOf(SAYS, says + 1)) {
      const found = this.#addressBefore(text, says);
      if (!found) continue;
      if (!isDigit(text[found.start - 1])) this.#remember(found.from);
      return { ...found, end: says + SAYS.length };
    }
    return undefined;
  }

  #addressBefore(text: string, says: number): Address | undefined {
    const base = Math.max(0, says - ADDRESS_MAX);
    const before = text.slice(base, says);
    const bare = bareIPv6At(before);
    if (bare && beginsLine(text, base + bare.start)) this.#bareIPv6 = true;
    const found =
      bracketedAt(before) ?? this.#partGlued(before, base, (this.#bareIPv6 && bare) || ipv4At(before));
    return found && { start: base + found.start, from: found.from };
  }

  /**
   * Text without a line end glues to the next header: `son 110.0.0.7:4000 dice: `. Of the ways to part them
   * an address heard before wins, then one that came after a pause, then the longest. Where the longest begins
   * a line it is most likely the header itself: only an address that is both wins over it.
   */
  #partGlued(before: string, base: number, longest: Address | undefined): Address | undefined {
    if (!longest || this.#known.has(longest.from)) return longest;
    const wholeLine = beginsLine(before, longest.start);
    let afterPause: Address | undefined;
    for (let start = longest.start; start < before.length; start++) {
      const from = canonical(before.slice(start));
      if (!from) continue;
      const paused = base + start === this.#shown;
      const candidate = !wholeLine || paused;
      if (candidate && this.#known.has(from)) return { start, from };
      if (paused && !wholeLine) afterPause = { start, from };
    }
    return afterPause ?? longest;
  }

  #remember(from: string): void {
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.add(from);
  }

  /** Where what may be the beginning of a header begins; the text's length if nowhere. */
  #suspectFrom(text: string): number {
    if (beginsLine(text, text.length)) return text.length;
    const base = Math.max(0, text.length - ADDRESS_MAX - SAYS.length);
    const tail = text.slice(base);
    const bare = this.#bareIPv6 ? BARE_IPV6_SO_FAR : BARE_IPV6_LINE_SO_FAR;
    let suspect = tail.length;
    for (const soFar of [IPV4_SO_FAR, BRACKETED_SO_FAR, bare]) {
      suspect = Math.min(suspect, soFar.exec(tail)?.index ?? suspect);
    }
    return base + suspect;
  }
}

/** Does this text hold what a parser of the room would take for a header? Where. */
export function findHeaderLike(text: string, from = 0): number {
  for (let says = text.indexOf(SAYS, from); says >= 0; says = text.indexOf(SAYS, says + 1)) {
    const before = text.slice(Math.max(0, says - ADDRESS_MAX), says);
    if (IPV4_END.test(before) || BRACKETED_END.test(before) || BARE_IPV6_END.test(before)) return says;
  }
  return -1;
}

function ipv4At(before: string): Address | undefined {
  const match = IPV4_END.exec(before);
  return match && Number(match[2]) <= 65535 ? { start: match.index, from: match[0] } : undefined;
}

function bracketedAt(before: string): Address | undefined {
  if (!before.includes(']:')) return undefined;
  const match = BRACKETED_END.exec(before);
  const from = match && ipv6Address(match[1], match[2]);
  return from ? { start: match.index, from } : undefined;
}

/** The longest: of `20250101::1:4000`, what glued text leaves of it. */
function bareIPv6At(before: string): Address | undefined {
  // Most have one colon, and are none: this is asked of every message.
  if (before.indexOf(':') === before.lastIndexOf(':')) return undefined;
  const [all = '', ip = '', port] = BARE_IPV6_END.exec(before) ?? [];
  for (let glued = 0; glued < ip.length; glued++) {
    const from = ipv6Address(ip.slice(glued), port);
    if (from) return { start: before.length - all.length + glued, from };
  }
  return undefined;
}

function ipv6Address(ip = '', port = ''): string | undefined {
  return isIPv6(ip) && Number(port) <= 65535 ? formatAddress(ip, Number(port)) : undefined;
}

function canonical(address: string): string | undefined {
  if (ipv4At(address)?.start === 0) return address;
  const ipv6 = BARE_IPV6_END.exec(address);
  return ipv6?.index === 0 ? ipv6Address(ipv6[1], ipv6[2]) : undefined;
}

function withPlainLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

function isDigit(char = ''): boolean {
  return char >= '0' && char <= '9';
}

/** Is what stands, or would stand, at `index` the first after a line end? */
function beginsLine(text: string, index: number): boolean {
  const before = text[index - 1];
  return before === '\n' || before === '\r';
}

/** The length of `text` up to `end`, without the line ends there. */
function trimmedLength(text: string, end = text.length): number {
  let length = end;
  while (text[length - 1] === '\n' || text[length - 1] === '\r') length--;
  return length;
}
