/**
 * Parses the bytes of the room into messages with their senders. Pure: no sockets, no clock.
 *
 * The room has no framing. A message begins at a header and ends where the next header begins, wherever TCP cut the
 * bytes. Line ends before a header belong to neither message. Text is emitted as it comes and continued later.
 * Only text that may be an incomplete header is held, until more bytes come or `flush` is called.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { canonicalIp, formatAddress } from '../../../common/ip.ts';
import { HEADER_SUFFIX } from '../../../tcp-server/wire.ts';
import type { RoomText } from './room-text.ts';

/** Longest address, characters: 45 of IPv6, a zone of 16, a colon, a port of 5, brackets, and a reserve. */
const ADDRESS_MAX = 72;

/** Longest text that is held whole because its end may be a header, characters. A longer text is held from its end only. */
const WAIT_WHOLE_MAX = 1024;

/** Addresses remembered to distinguish `son 1` + `10.0.0.7:4000` from `110.0.0.7:4000`: several times a large room. */
export const KNOWN_MAX = 20_000;

/**
 * Most line ends kept in a row, characters. A run waits for the text after it and is scanned with each read, so without
 * a limit a flood of line ends costs the square of its length. A screen has fewer lines.
 */
export const LINE_ENDS_MAX = 64;

const LONG_LINE_ENDS = new RegExp(`[\\r\\n]{${LINE_ENDS_MAX + 1},}`, 'g');

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** A PROXY header may carry port 0, and the room writes it. */
const PORT = '(0|[1-9]\\d{0,4})';
const IPV6 = '([\\da-fA-F:.]{2,45}(?:%[\\w.-]{1,15})?)';
const IPV4_END = new RegExp(`((?:${OCTET}\\.){3}${OCTET}):${PORT}$`);
const BRACKETED_END = new RegExp(`\\[${IPV6}\\]:${PORT}$`);
/** An IPv6 address as Python prints it: `::1:4000`. */
const BARE_IPV6_END = new RegExp(`${IPV6}:${PORT}$`);

// Patterns of an incomplete header.
const SAYS_SO_FAR = [...HEADER_SUFFIX.slice(0, -1)].reduceRight((rest, char) => `(?:${char}${rest})?`, '');
const REST_SO_FAR = `(?::(?:\\d{1,5}${SAYS_SO_FAR})?)?`;
const IPV4_SO_FAR = new RegExp(
  `(?:\\d{1,3}\\.){3}\\d{1,3}${REST_SO_FAR}$|(?:\\d{1,3}\\.){0,3}\\d{1,3}$|(?:\\d{1,3}\\.){1,3}$`,
);
const BRACKETED_SO_FAR = new RegExp(`\\[[\\da-fA-F:.]{0,45}(?:%[\\w.-]{0,15})?(?:\\]${REST_SO_FAR})?$`);
const BARE_IPV6_SO_FAR = new RegExp(`[\\da-fA-F:.]{1,51}(?:%[\\w.-]{0,15}(?::\\d{0,5})?)?${SAYS_SO_FAR}$`);
const BARE_IPV6_LINE_SO_FAR = new RegExp(`(?<=[\\r\\n])${BARE_IPV6_SO_FAR.source}`);

interface Address {
  /** Index of its first character. */
  start: number;
  from: string;
}

/** An address that may begin with digits of the text before it. */
interface GluedAddress extends Address {
  /** The last index at which a shorter address can begin. */
  lastStart: number;
}

interface Header extends Address {
  /** Index of the text after it. */
  end: number;
}

export class DiceParser {
  readonly #decoder = new StringDecoder('utf8');
  #sender: { from: string; hasBegun: boolean } | null = null;
  /** Held text. A flush has emitted its first `#emitted` characters. The first byte of the room begins a line. */
  #rest = '\n';
  #emitted = 1;
  /** This server writes `::1:4000`. The form was seen at a line's beginning, so it is expected elsewhere too. */
  #hasBareIPv6 = false;
  /** Two generations of heard addresses. Evicting the older one costs nothing per message, unlike an exact LRU. */
  #known = new Set<string>();
  #knownBefore = new Set<string>();
  readonly #isOwn: (address: string) => boolean;

  /** `isOwn` returns true for addresses of the gateway's own voices, because messages under them can be verified. */
  constructor(isOwn: (address: string) => boolean = () => false) {
    this.#isOwn = isOwn;
  }

  /** True if `flush` would emit text. */
  get isHolding(): boolean {
    return trimmedLength(this.#rest) > this.#emitted;
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#parse(this.#decoder.write(bytes));
  }

  /** Emits the held text. If it is a header after all, the header is still found when its rest comes. */
  flush(): RoomText[] {
    const out: RoomText[] = [];
    if (this.isHolding) {
      this.#emit(this.#rest, this.#rest.length, out);
      this.#emitted = this.#rest.length;
    }
    return out;
  }

  /** Emits everything, an incomplete character included. */
  end(): RoomText[] {
    const half = this.#decoder.end();
    return [...(half ? this.#parse(half) : []), ...this.flush()];
  }

  #parse(decoded: string): RoomText[] {
    const out: RoomText[] = [];
    const wasHolding = this.isHolding;
    const text = (this.#rest + decoded).replace(LONG_LINE_ENDS, shortened);
    let from = 0;
    for (let header = this.#findHeader(text, from); header; header = this.#findHeader(text, from)) {
      this.#emit(text, trimmedLength(text, header.start, from), out);
      this.#sender = { from: header.from, hasBegun: false };
      from = header.end;
      this.#emitted = from;
    }
    this.#emitRest(text, from, wasHolding, out);
    return out;
  }

  /** Emits text after the last header, and holds line ends and what may become a header. */
  #emitRest(text: string, from: number, wasHolding: boolean, out: RoomText[]): void {
    const suspect = this.#findIncompleteHeader(text, from);
    // Holding `son las 10` once is better than emitting `son las ` and `10`.
    const holdsWhole = suspect < text.length && !wasHolding && text.length - from <= WAIT_WHOLE_MAX;
    const cut = holdsWhole ? from : trimmedLength(text, suspect, from);
    const emptyLine = this.#sender?.hasBegun === false && beginsLine(text, from + 1);
    if (cut > from || emptyLine) this.#emit(text, cut, out);
    this.#rest = text.slice(cut);
    this.#emitted = Math.max(0, this.#emitted - cut);
  }

  /** Emits `text` up to `end`, without what was emitted before. */
  #emit(text: string, end: number, out: RoomText[]): void {
    const fresh = withPlainLineEnds(text.slice(this.#emitted, end));
    if (this.#sender && !this.#sender.hasBegun) {
      this.#sender.hasBegun = true;
      out.push({ kind: 'message', from: this.#sender.from, text: fresh });
    } else if (fresh) {
      out.push({ kind: this.#sender ? 'continuation' : 'private', text: fresh });
    }
  }

  #findHeader(text: string, from: number): Header | undefined {
    for (
      let suffix = text.indexOf(HEADER_SUFFIX, from);
      suffix >= 0;
      suffix = text.indexOf(HEADER_SUFFIX, suffix + 1)
    ) {
      const found = isDigit(text[suffix - 1]) ? this.#addressBefore(text, from, suffix) : undefined;
      if (!found) continue;
      if (!isDigit(text[found.start - 1])) this.#remember(found.from);
      return { ...found, end: suffix + HEADER_SUFFIX.length };
    }
    return undefined;
  }

  #addressBefore(text: string, from: number, suffix: number): Address | undefined {
    const base = Math.max(from, suffix - ADDRESS_MAX);
    const before = text.slice(base, suffix);
    const bare = bareIPv6At(before);
    if (bare && beginsLine(text, base + bare.start)) this.#hasBareIPv6 = true;
    const found =
      bracketedAt(before) ?? this.#separateGlued(before, base, (this.#hasBareIPv6 && bare) || ipv4At(before));
    return found && { start: base + found.start, from: found.from };
  }

  /**
   * Separates a header from text without a line end before it: `son 110.0.0.7:4000 dice: `. An own voice's address
   * wins, because the recorder verifies messages under it. Then an address heard before wins, then one after a pause,
   * then the longest. A longest address that begins a line is probably the header: it loses only to an address that
   * was heard before and also came after a pause.
   */
  #separateGlued(before: string, base: number, longest: GluedAddress | undefined): Address | undefined {
    if (!longest || this.#isOwn(longest.from)) return longest;
    const own = addressesIn(before, longest).find(({ from }) => this.#isOwn(from));
    if (own) return own;
    if (this.#isKnown(longest.from)) return longest;
    const beginsItsLine = beginsLine(before, longest.start);
    let afterPause: Address | undefined;
    for (const address of addressesIn(before, longest)) {
      const isAfterPause = base + address.start === this.#emitted;
      const isCandidate = !beginsItsLine || isAfterPause;
      if (isCandidate && this.#isKnown(address.from)) return address;
      if (isAfterPause && !beginsItsLine) afterPause = address;
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

  /** Returns the index of what may be an incomplete header, or the text's length. */
  #findIncompleteHeader(text: string, from: number): number {
    if (beginsLine(text, text.length)) return text.length;
    const base = Math.max(from, text.length - ADDRESS_MAX - HEADER_SUFFIX.length);
    const tail = text.slice(base);
    const bare = this.#hasBareIPv6 ? BARE_IPV6_SO_FAR : BARE_IPV6_LINE_SO_FAR;
    let suspect = tail.length;
    for (const soFar of [IPV4_SO_FAR, BRACKETED_SO_FAR, bare]) {
      suspect = Math.min(suspect, soFar.exec(tail)?.index ?? suspect);
    }
    return base + suspect;
  }
}

/** Returns the index of a suffix that a parser of the room would take for the end of a header; -1 if there is none. */
export function findHeaderLike(text: string, from = 0): number {
  for (
    let suffix = text.indexOf(HEADER_SUFFIX, from);
    suffix >= 0;
    suffix = text.indexOf(HEADER_SUFFIX, suffix + 1)
  ) {
    if (!isDigit(text[suffix - 1])) continue;
    const before = text.slice(Math.max(0, suffix - ADDRESS_MAX), suffix);
    if (IPV4_END.test(before) || BRACKETED_END.test(before) || BARE_IPV6_END.test(before)) return suffix;
  }
  return -1;
}

function ipv4At(before: string): GluedAddress | undefined {
  const match = IPV4_END.exec(before);
  if (!match || Number(match[2]) > 65535) return undefined;
  // Digits of the text before the address can only lengthen its first octet.
  return { start: match.index, from: match[0], lastStart: match.index + match[0].indexOf('.') - 1 };
}

function bracketedAt(before: string): Address | undefined {
  if (!before.includes(']:')) return undefined;
  const match = BRACKETED_END.exec(before);
  const from = match && ipv6Address(match[1], match[2]);
  return from ? { start: match.index, from } : undefined;
}

/** Finds the longest valid address at the end of `20250101::1:4000`. */
function bareIPv6At(before: string): GluedAddress | undefined {
  // Returns early for the many messages with one colon, because this runs for every message.
  if (before.indexOf(':') === before.lastIndexOf(':')) return undefined;
  const [all = '', ip = '', port] = BARE_IPV6_END.exec(before) ?? [];
  for (let glued = 0; glued < ip.length; glued++) {
    const from = ipv6Address(ip.slice(glued), port);
    if (from) return { start: before.length - all.length + glued, from, lastStart: before.length - 1 };
  }
  return undefined;
}

/** Returns the longest address and the shorter addresses at its end. */
function addressesIn(before: string, longest: GluedAddress): Address[] {
  const found: Address[] = [longest];
  for (let start = longest.start + 1; start <= longest.lastStart; start++) {
    const from = canonical(before.slice(start));
    if (from) found.push({ start, from });
  }
  return found;
}

/** Returns the one spelling of an address: `[::FFFF:127.0.0.1]` and `[::ffff:7f00:1]` are `127.0.0.1`. */
function ipv6Address(ip = '', port = ''): string | undefined {
  if (!isIPv6(ip) || Number(port) > 65535) return undefined;
  const [address = '', zone] = ip.split('%');
  const spelled = canonicalIp(address) ?? address;
  return formatAddress(zone === undefined || isIPv4(spelled) ? spelled : `${spelled}%${zone}`, Number(port));
}

function canonical(address: string): string | undefined {
  if (ipv4At(address)?.start === 0) return address;
  const ipv6 = BARE_IPV6_END.exec(address);
  return ipv6?.index === 0 ? ipv6Address(ipv6[1], ipv6[2]) : undefined;
}

/** Shortens a run of line ends, but never inside `\r\n`. */
function shortened(lineEnds: string): string {
  return lineEnds.slice(0, lineEnds[LINE_ENDS_MAX - 1] === '\r' ? LINE_ENDS_MAX - 1 : LINE_ENDS_MAX);
}

function withPlainLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

export function withoutLineEnds(text: string): string {
  return text.slice(0, trimmedLength(text));
}

function isDigit(char = ''): boolean {
  return char >= '0' && char <= '9';
}

/** Returns true if the character at `index`, present or not, comes right after a line end. */
function beginsLine(text: string, index: number): boolean {
  const before = text[index - 1];
  return before === '\n' || before === '\r';
}

/** Returns the length of `text` up to `end` without its last line ends, but at least `from`. */
function trimmedLength(text: string, end = text.length, from = 0): number {
  let length = end;
  while (length > from && (text[length - 1] === '\n' || text[length - 1] === '\r')) length--;
  return length;
}
