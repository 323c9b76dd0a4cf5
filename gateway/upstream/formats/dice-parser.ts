/**
 * The bytes of the room -> who said what. Pure: no sockets, no clock.
 *
 * The room has no framing. A message begins at a header and ends where the next header begins, wherever TCP
 * cut the bytes; line ends before a header belong to neither. Text is given out as it comes and extended
 * later. Only what may be a header still arriving is kept back, until more bytes come or `flush` is called.
 */
import { isIPv6, SocketAddress } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { formatAddress, HEADER_SUFFIX, unmapIPv4 } from '../../../tcp-server/wire.ts';

export type RoomText =
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

/**
 * Addresses remembered to tell `son 1` + `10.0.0.7:4000` from `110.0.0.7:4000`: some times a large room. Exported for
 * tests.
 */
export const KNOWN_MAX = 20_000;

/**
 * Line ends kept in a row, characters. A run waits for the text after it and is scanned with each read, so without a
 * limit a flood of line ends costs the square of its length. A screen has fewer lines.
 */
export const LINE_ENDS_MAX = 64;

const LONG_LINE_ENDS = new RegExp(`[\\r\\n]{${LINE_ENDS_MAX + 1},}`, 'g');

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** A PROXY header may carry port 0, and the room writes it. */
const PORT = '(0|[1-9]\\d{0,4})';
const IPV6 = '([\\da-fA-F:.]{2,45}(?:%[\\w.-]{1,15})?)';
const IPV4_END = new RegExp(`((?:${OCTET}\\.){3}${OCTET}):${PORT}$`);
const BRACKETED_END = new RegExp(`\\[${IPV6}\\]:${PORT}$`);
/** As Python prints it: `::1:4000`. */
const BARE_IPV6_END = new RegExp(`${IPV6}:${PORT}$`);

// The same, as far as they may have come.
const SAYS_SO_FAR = [...HEADER_SUFFIX.slice(0, -1)].reduceRight((rest, char) => `(?:${char}${rest})?`, '');
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

/** An address that digits of the text before may have made longer. */
interface GluedAddress extends Address {
  /** The last index at which a shorter address can begin. */
  lastStart: number;
}

interface Header extends Address {
  /** Where the text after it begins. */
  end: number;
}

/** With headers as the tutorial's server writes them, or just words. */
export type RoomFormat = 'dice' | 'plain';

export interface RoomParser {
  /** Is something kept back that `flush` would give out? */
  readonly holding: boolean;
  push(bytes: Uint8Array): RoomText[];
  flush(): RoomText[];
  /** The connection ended: gives out all there is. */
  end(): RoomText[];
}

export class DiceParser implements RoomParser {
  readonly #decoder = new StringDecoder('utf8');
  #speaker: { from: string; begun: boolean } | null = null;
  /** Kept back; its first `#shown` characters were given out by a flush. The first byte begins a line. */
  #rest = '\n';
  #shown = 1;
  /** This server writes `::1:4000`: seen where a line begins, so to be expected elsewhere. */
  #bareIPv6 = false;
  /** Two generations of heard addresses: evicting the older one costs nothing per message, unlike an exact LRU. */
  #known = new Set<string>();
  #knownBefore = new Set<string>();
  readonly #isOwn: (address: string) => boolean;

  /** `isOwn`: is this the address of one of the gateway's own voices? A text that claims one can be verified. */
  constructor(isOwn: (address: string) => boolean = () => false) {
    this.#isOwn = isOwn;
  }

  /** Is something kept back that `flush` would give out? */
  get holding(): boolean {
    return trimmedLength(this.#rest) > this.#shown;
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#read(this.#decoder.write(bytes));
  }

  /** Gives out what was kept back. Should it be a header after all, that is still seen when its rest comes. */
  flush(): RoomText[] {
    const out: RoomText[] = [];
    if (this.holding) {
      this.#emit(this.#rest, this.#rest.length, out);
      this.#shown = this.#rest.length;
    }
    return out;
  }

  /** The connection ended: gives out all there is, half a character included. */
  end(): RoomText[] {
    const half = this.#decoder.end();
    return [...(half ? this.#read(half) : []), ...this.flush()];
  }

  #read(decoded: string): RoomText[] {
    const out: RoomText[] = [];
    const waited = this.holding;
    const text = (this.#rest + decoded).replace(LONG_LINE_ENDS, shortened);
    let from = 0;
    for (let header = this.#findHeader(text, from); header; header = this.#findHeader(text, from)) {
      this.#emit(text, trimmedLength(text, header.start, from), out);
      this.#speaker = { from: header.from, begun: false };
      from = header.end;
      this.#shown = from;
    }
    this.#keepBack(text, from, waited, out);
    return out;
  }

  /** No (more) header in sight: gives out all but line ends and what may become a header. */
  #keepBack(text: string, from: number, waited: boolean, out: RoomText[]): void {
    const suspect = this.#suspectFrom(text, from);
    // `son las 10`: a moment's wait, once, is better than `son las ` and `10`.
    const wait = suspect < text.length && !waited && text.length - from <= WAIT_WHOLE_MAX;
    const cut = wait ? from : trimmedLength(text, suspect, from);
    const emptyLine = this.#speaker?.begun === false && beginsLine(text, from + 1);
    if (cut > from || emptyLine) this.#emit(text, cut, out);
    this.#rest = text.slice(cut);
    this.#shown = Math.max(0, this.#shown - cut);
  }

  /** Gives out `text` up to `end` but for what was already. */
  #emit(text: string, end: number, out: RoomText[]): void {
    const fresh = withPlainLineEnds(text.slice(this.#shown, end));
    if (this.#speaker && !this.#speaker.begun) {
      this.#speaker.begun = true;
      out.push({ kind: 'message', from: this.#speaker.from, text: fresh });
    } else if (fresh) {
      out.push({ kind: this.#speaker ? 'more' : 'words', text: fresh });
    }
  }

  #findHeader(text: string, from: number): Header | undefined {
    for (
      let says = text.indexOf(HEADER_SUFFIX, from);
      says >= 0;
      says = text.indexOf(HEADER_SUFFIX, says + 1)
    ) {
      const found = isDigit(text[says - 1]) ? this.#addressBefore(text, from, says) : undefined;
      if (!found) continue;
      if (!isDigit(text[found.start - 1])) this.#remember(found.from);
      return { ...found, end: says + HEADER_SUFFIX.length };
    }
    return undefined;
  }

  #addressBefore(text: string, from: number, says: number): Address | undefined {
    const base = Math.max(from, says - ADDRESS_MAX);
    const before = text.slice(base, says);
    const bare = bareIPv6At(before);
    if (bare && beginsLine(text, base + bare.start)) this.#bareIPv6 = true;
    const found =
      bracketedAt(before) ?? this.#partGlued(before, base, (this.#bareIPv6 && bare) || ipv4At(before));
    return found && { start: base + found.start, from: found.from };
  }

  /**
   * Text without a line end glues to the next header: `son 110.0.0.7:4000 dice: `. Of the ways to part them the
   * address of an own voice wins, because the recorder verifies what is said under it. Then an address heard
   * before wins, then one that came after a pause, then the longest. Where the longest begins a line it is most
   * likely the header itself: only an address that is both heard and paused wins over it.
   */
  #partGlued(before: string, base: number, longest: GluedAddress | undefined): Address | undefined {
    if (!longest || this.#isOwn(longest.from)) return longest;
    const own = addressesIn(before, longest).find(({ from }) => this.#isOwn(from));
    if (own) return own;
    if (this.#isKnown(longest.from)) return longest;
    const wholeLine = beginsLine(before, longest.start);
    let afterPause: Address | undefined;
    for (const address of addressesIn(before, longest)) {
      const paused = base + address.start === this.#shown;
      const candidate = !wholeLine || paused;
      if (candidate && this.#isKnown(address.from)) return address;
      if (paused && !wholeLine) afterPause = address;
    }
    return afterPause ?? longest;
  }

  #isKnown(from: string): boolean {
    return this.#known.has(from) || this.#knownBefore.has(from);
  }

  #remember(from: string): void {
    this.#known.add(from);
    if (this.#known.size < KNOWN_MAX / 2) return;
    this.#knownBefore = this.#known;
    this.#known = new Set();
  }

  /** Where what may be the beginning of a header begins; the text's length if nowhere. */
  #suspectFrom(text: string, from: number): number {
    if (beginsLine(text, text.length)) return text.length;
    const base = Math.max(from, text.length - ADDRESS_MAX - HEADER_SUFFIX.length);
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
  for (
    let says = text.indexOf(HEADER_SUFFIX, from);
    says >= 0;
    says = text.indexOf(HEADER_SUFFIX, says + 1)
  ) {
    if (!isDigit(text[says - 1])) continue;
    const before = text.slice(Math.max(0, says - ADDRESS_MAX), says);
    if (IPV4_END.test(before) || BRACKETED_END.test(before) || BARE_IPV6_END.test(before)) return says;
  }
  return -1;
}

function ipv4At(before: string): GluedAddress | undefined {
  const match = IPV4_END.exec(before);
  if (!match || Number(match[2]) > 65535) return undefined;
  // Only digits of the first octet can belong to the text before it.
  return { start: match.index, from: match[0], lastStart: match.index + match[0].indexOf('.') - 1 };
}

function bracketedAt(before: string): Address | undefined {
  if (!before.includes(']:')) return undefined;
  const match = BRACKETED_END.exec(before);
  const from = match && ipv6Address(match[1], match[2]);
  return from ? { start: match.index, from } : undefined;
}

/** The longest: of `20250101::1:4000`, what glued text leaves of it. */
function bareIPv6At(before: string): GluedAddress | undefined {
  // Most have one colon, and are none: this is asked of every message.
  if (before.indexOf(':') === before.lastIndexOf(':')) return undefined;
  const [all = '', ip = '', port] = BARE_IPV6_END.exec(before) ?? [];
  for (let glued = 0; glued < ip.length; glued++) {
    const from = ipv6Address(ip.slice(glued), port);
    if (from) return { start: before.length - all.length + glued, from, lastStart: before.length - 1 };
  }
  return undefined;
}

/** The longest address and the shorter ones that end it. */
function addressesIn(before: string, longest: GluedAddress): Address[] {
  const found: Address[] = [longest];
  for (let start = longest.start + 1; start <= longest.lastStart; start++) {
    const from = canonical(before.slice(start));
    if (from) found.push({ start, from });
  }
  return found;
}

/** One spelling of each address: `[::FFFF:127.0.0.1]` and `[::ffff:7f00:1]` are `127.0.0.1`. */
function ipv6Address(ip = '', port = ''): string | undefined {
  if (!isIPv6(ip) || Number(port) > 65535) return undefined;
  const [address = '', zone] = ip.split('%');
  const spelled = new SocketAddress({ address, family: 'ipv6' }).address;
  const isIPv4 = unmapIPv4(spelled) !== spelled;
  return formatAddress(zone === undefined || isIPv4 ? spelled : `${spelled}%${zone}`, Number(port));
}

function canonical(address: string): string | undefined {
  if (ipv4At(address)?.start === 0) return address;
  const ipv6 = BARE_IPV6_END.exec(address);
  return ipv6?.index === 0 ? ipv6Address(ipv6[1], ipv6[2]) : undefined;
}

/** Keeps `\r\n` whole. */
function shortened(lineEnds: string): string {
  return lineEnds.slice(0, lineEnds[LINE_ENDS_MAX - 1] === '\r' ? LINE_ENDS_MAX - 1 : LINE_ENDS_MAX);
}

function withPlainLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

/** Without the line ends that end it. */
export function withoutLineEnds(text: string): string {
  return text.slice(0, trimmedLength(text));
}

function isDigit(char = ''): boolean {
  return char >= '0' && char <= '9';
}

/** Is what stands, or would stand, at `index` the first after a line end? */
function beginsLine(text: string, index: number): boolean {
  const before = text[index - 1];
  return before === '\n' || before === '\r';
}

/** The length of `text` up to `end`, without the line ends there that come after `from`. */
function trimmedLength(text: string, end = text.length, from = 0): number {
  let length = end;
  while (length > from && (text[length - 1] === '\n' || text[length - 1] === '\r')) length--;
  return length;
}
