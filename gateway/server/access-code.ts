/**
 * The room's passphrase (the code), and the token that a browser gets for it.
 *
 *     page       POST /api/enter {code}  ->  {token}, which the page keeps in the storage of its origin
 *                WebSocket: the subprotocol `tertulia.token.TOKEN`; HTTP: the header `Tertulia-Token`
 *     download   POST /api/ticket  ->  {ticket}; GET /api/transcript?ticket=TICKET opens one file
 *     scripts    Authorization: Bearer CODE; for a WebSocket also ?code=CODE
 *
 * Cookies prove nothing here. A browser sends them to every port of a host, and so to the room, which repeats them.
 * Over HTTP the URL carries no code, because an image of another site could try codes that way. A WebSocket may,
 * because a browser always names the page that opens it.
 */
import { createHash, scryptSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { TokenBucketPerAddress } from '../limits/token-bucket-per-address.ts';
import { TOKEN_HEADER, TOKEN_PROTOCOL } from '../protocol.ts';
import { Tickets } from './tickets.ts';

/** Tries with a wrong code. One address may be a class of thirty who mistype it. */
const TRIES_PER_ADDRESS: RateLimit = { burst: 30, perSecond: 1 / 6 };

/** Of all addresses together: who has many of them guesses no faster. */
const TRIES_OF_ALL: RateLimit = { burst: 300, perSecond: 1 };

/** Longest code that is compared at all, characters. ACCESS_CODE has at most 200. */
export const CODE_MAX_LENGTH = 1_000;

/** Tokens of this version. The cookies of earlier versions had another salt, so they open nothing. */
const TOKEN_SALT = 'tertulia token';
const TOKEN_BYTES = 32;

export type AccessResult = 'open' | 'locked' | 'wrong' | 'too-many-tries';

export class AccessCode {
  readonly tickets = new Tickets();
  /** Opens everything until the code changes. Guessing the code from a token costs a tenth of a second a try. */
  readonly token: string;
  readonly #digest: Buffer | undefined;
  readonly #tries = new TokenBucketPerAddress(TRIES_PER_ADDRESS);
  readonly #allTries = new TokenBucket(TRIES_OF_ALL);

  /** An empty code asks for none. */
  constructor(code: string) {
    const normal = normalize(code);
    this.#digest = normal === '' ? undefined : digest(normal);
    this.token = normal === '' ? '' : scryptSync(normal, TOKEN_SALT, TOKEN_BYTES).toString('base64url');
  }

  /** `ticket`: of a request that a ticket may open. */
  checkRequest(headers: IncomingHttpHeaders, ticket: string | null, ip: string): AccessResult {
    if (!this.#digest || this.#isToken(headers[TOKEN_HEADER])) return 'open';
    if (ticket !== null) return this.tickets.redeem(ticket) ? 'open' : 'locked';
    return this.#tryGiven([bearerOf(headers)], ip);
  }

  checkWebSocket(headers: IncomingHttpHeaders, query: URLSearchParams | undefined, ip: string): AccessResult {
    if (!this.#digest || this.#isToken(tokenOffered(headers))) return 'open';
    const bearer = bearerOf(headers);
    return this.#tryGiven(bearer === undefined ? (query?.getAll('code') ?? []) : [bearer], ip);
  }

  /** Compares the code. Wrong tries are counted, and beyond the limit the right code is refused too. */
  try(code: string, ip: string): AccessResult {
    if (!this.#digest) return 'open';
    const ofAddress = this.#tries.of(ip);
    if (ofAddress.waitMs() > 0 || this.#allTries.waitMs() > 0) return 'too-many-tries';
    if (this.#isCode(code, this.#digest)) return 'open';
    ofAddress.take();
    this.#allTries.take();
    return 'wrong';
  }

  /** Several codes at once would be several guesses for one try. */
  #tryGiven([code, ...more]: (string | undefined)[], ip: string): AccessResult {
    return code === undefined || more.length > 0 ? 'locked' : this.try(code, ip);
  }

  /**
   * As it was typed, and with its first letter in lower case, which a phone's keyboard makes a capital. One try tells
   * apart two codes at most: that is one bit less to guess. Digests have one length, so the time tells nothing.
   */
  #isCode(typed: string, expected: Buffer): boolean {
    if (typed.length > CODE_MAX_LENGTH) return false;
    const code = normalize(typed);
    const [isSame, isSameInLowerCase] = [code, lowerFirst(code)].map((candidate) =>
      timingSafeEqual(digest(candidate), expected),
    );
    return isSame === true || isSameInLowerCase === true;
  }

  /** Tokens can't be guessed. A wrong one is of an earlier code, and costs its address no try. */
  #isToken(token: string | string[] | undefined): boolean {
    return typeof token === 'string' && timingSafeEqual(digest(token), digest(this.token));
  }
}

/** An accent is one character or two, by keyboard; phones put a blank behind a word. */
function normalize(code: string): string {
  return code.normalize('NFC').trim();
}

function lowerFirst(code: string): string {
  const [first = ''] = code;
  return first.toLowerCase() + code.slice(first.length);
}

/** Node reads headers as Latin-1; what is sent is UTF-8. */
function bearerOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(.*)$/i.exec(Buffer.from(authorization, 'latin1').toString())?.[1];
}

function tokenOffered({ 'sec-websocket-protocol': offered = '' }: IncomingHttpHeaders): string | undefined {
  const names = offered.split(',').map((name) => name.trim());
  return names.find((name) => name.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
