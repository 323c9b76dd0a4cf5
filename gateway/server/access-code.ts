/**
 * Checks the room's passphrase (the code) and the token that a browser gets for it.
 *
 *     page       POST /api/enter {code}  ->  {token}, which the page keeps in the storage of its origin
 *                WebSocket: the subprotocol `tertulia.token.TOKEN`; HTTP: the header `Tertulia-Token`
 *     download   POST /api/ticket  ->  {ticket}; GET /api/transcript?ticket=TICKET opens one file
 *     scripts    Authorization: Bearer CODE; for a WebSocket also ?code=CODE
 *
 * There are no cookies, because a browser sends them to every port of a host. The room would repeat them to everybody.
 * Over HTTP the URL carries no code, because an image of another site could try codes that way. A WebSocket may,
 * because a browser always names the page that opens it.
 */
import { createHash, scryptSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { TokenBucketPerAddress } from '../limits/token-bucket-per-address.ts';
import { TOKEN_HEADER, TOKEN_PROTOCOL } from '../protocol.ts';
import { Tickets } from './tickets.ts';

/** Attempts with a wrong code. One address may be a class of thirty people who mistype it. */
const TRIES_PER_ADDRESS: RateLimit = { burst: 30, perSecond: 1 / 6 };

/** Wrong attempts of all addresses together, so that many addresses guess no faster. */
const TRIES_OF_ALL: RateLimit = { burst: 300, perSecond: 1 };

/** Longest code that is compared, in characters. ACCESS_CODE has at most 200. */
export const CODE_MAX_LENGTH = 1_000;

/** Salt of tokens. The cookies of earlier versions had another salt, so they are no valid tokens. */
const TOKEN_SALT = 'tertulia token';
const TOKEN_BYTES = 32;

export type AccessResult = 'open' | 'locked' | 'wrong' | 'too-many-tries';

export class AccessCode {
  readonly tickets = new Tickets();
  /** Grants access until the code changes. Guessing the code from a token costs 0.1 s per attempt. */
  readonly token: string;
  readonly #digest: Buffer | undefined;
  readonly #tries = new TokenBucketPerAddress(TRIES_PER_ADDRESS);
  readonly #allTries = new TokenBucket(TRIES_OF_ALL);

  /** An empty code disables the check. */
  constructor(code: string) {
    const normal = normalize(code);
    this.#digest = normal === '' ? undefined : digest(normal);
    this.token = normal === '' ? '' : scryptSync(normal, TOKEN_SALT, TOKEN_BYTES).toString('base64url');
  }

  /** `ticket` is null for a route without tickets. */
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

  /** Compares the code. Wrong attempts are counted. Beyond the limit even the right code is refused. */
  try(code: string, ip: string): AccessResult {
    if (!this.#digest) return 'open';
    const ofAddress = this.#tries.of(ip);
    if (ofAddress.waitMs() > 0 || this.#allTries.waitMs() > 0) return 'too-many-tries';
    if (this.#isCode(code, this.#digest)) return 'open';
    ofAddress.take();
    this.#allTries.take();
    return 'wrong';
  }

  /** Refuses several codes in one request, which would be several guesses for one attempt. */
  #tryGiven([code, ...more]: (string | undefined)[], ip: string): AccessResult {
    return code === undefined || more.length > 0 ? 'locked' : this.try(code, ip);
  }

  /**
   * Compares the code as typed, and with a first letter in lower case, because phones capitalize it. So one attempt
   * tests two codes, which costs one bit of security. Digests have one length, so the time reveals nothing.
   */
  #isCode(typed: string, expected: Buffer): boolean {
    if (typed.length > CODE_MAX_LENGTH) return false;
    const code = normalize(typed);
    const [isSame, isSameInLowerCase] = [code, lowerFirst(code)].map((candidate) =>
      timingSafeEqual(digest(candidate), expected),
    );
    return isSame === true || isSameInLowerCase === true;
  }

  /** Tokens cannot be guessed. A wrong token belongs to an earlier code, so it does not count as an attempt. */
  #isToken(token: string | string[] | undefined): boolean {
    return typeof token === 'string' && timingSafeEqual(digest(token), digest(this.token));
  }
}

/** Unifies accents, which are one or two characters by keyboard. Removes the blank that phones append. */
function normalize(code: string): string {
  return code.normalize('NFC').trim();
}

function lowerFirst(code: string): string {
  const [first = ''] = code;
  return first.toLowerCase() + code.slice(first.length);
}

/** Reads the code as UTF-8, because Node decodes headers as Latin-1. */
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
