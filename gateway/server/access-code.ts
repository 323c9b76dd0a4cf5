/**
 * Checks the room's passphrase (the code), the hosts' passphrase, and the token that a browser gets for either.
 *
 *     page       POST /api/enter {code}  ->  {token}, which the page keeps in the storage of its origin
 *                WebSocket: the subprotocol `tertulia.token.TOKEN`; HTTP: the header `Tertulia-Token`
 *     download   POST /api/ticket  ->  {ticket}; GET /api/transcript?ticket=TICKET opens one file
 *     scripts    Authorization: Bearer CODE; for a WebSocket also ?code=CODE
 *
 * A host has a token of its own, which opens the room too. In a room without ACCESS_CODE only that token makes a host.
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

/** Longest code that is compared, in characters. A configured one has at most 200. */
export const CODE_MAX_LENGTH = 1_000;

/** Salt of tokens. The cookies of earlier versions had another salt, so they are no valid tokens. */
const TOKEN_SALT = 'tertulia token';
const HOST_TOKEN_SALT = 'tertulia host token';
const TOKEN_BYTES = 32;

export type Role = 'guest' | 'host';

export type AccessResult = Role | 'locked' | 'wrong' | 'too-many-tries';

/** A passphrase, and the token that a browser gets for it. */
interface Code {
  role: Role;
  digest: Buffer;
  /** Valid until the code changes. Guessing the code from a token costs 0.1 s per attempt. */
  token: string;
}

export class AccessCode {
  readonly tickets = new Tickets<Role>();
  readonly #codes: Code[];
  /** False if everybody may enter. */
  readonly #isLocked: boolean;
  readonly #tries = new TokenBucketPerAddress(TRIES_PER_ADDRESS);
  readonly #allTries = new TokenBucket(TRIES_OF_ALL);

  /** An empty code opens the room. An empty host code means that there are no hosts. */
  constructor(code: string, hostCode = '') {
    const guest = parseCode('guest', code, TOKEN_SALT);
    const host = parseCode('host', hostCode, HOST_TOKEN_SALT);
    this.#isLocked = guest !== undefined;
    this.#codes = [guest, host].filter((known) => known !== undefined);
  }

  get hasHosts(): boolean {
    return this.#codes.some(({ role }) => role === 'host');
  }

  /** Returns '' in a room without the code of this role. */
  tokenOf(role: Role): string {
    return this.#codes.find((code) => code.role === role)?.token ?? '';
  }

  /** `ticket` is null for a route without tickets. */
  checkRequest(headers: IncomingHttpHeaders, ticket: string | null, ip: string): AccessResult {
    const role = this.#roleOf(headers[TOKEN_HEADER]);
    if (role) return role;
    if (ticket !== null) return this.tickets.redeem(ticket) ?? this.#withoutProof;
    return this.#isLocked ? this.#tryGiven([bearerOf(headers)], ip) : 'guest';
  }

  checkWebSocket(headers: IncomingHttpHeaders, query: URLSearchParams | undefined, ip: string): AccessResult {
    const role = this.#roleOf(tokenOffered(headers));
    if (role) return role;
    if (!this.#isLocked) return 'guest';
    const bearer = bearerOf(headers);
    return this.#tryGiven(bearer === undefined ? (query?.getAll('code') ?? []) : [bearer], ip);
  }

  /** Compares the code. Wrong attempts are counted. Beyond the limit even the right code is refused. */
  try(typed: string, ip: string): AccessResult {
    if (this.#codes.length === 0) return 'guest';
    const ofAddress = this.#tries.of(ip);
    if (ofAddress.waitMs() > 0 || this.#allTries.waitMs() > 0) return 'too-many-tries';
    const [code] = this.#codes.filter(({ digest }) => isCode(typed, digest));
    if (code) return code.role;
    ofAddress.take();
    this.#allTries.take();
    return 'wrong';
  }

  get #withoutProof(): AccessResult {
    return this.#isLocked ? 'locked' : 'guest';
  }

  /** Refuses several codes in one request, which would be several guesses for one attempt. */
  #tryGiven([code, ...more]: (string | undefined)[], ip: string): AccessResult {
    return code === undefined || more.length > 0 ? 'locked' : this.try(code, ip);
  }

  /** Tokens cannot be guessed. A wrong token belongs to an earlier code, so it does not count as an attempt. */
  #roleOf(token: string | string[] | undefined): Role | undefined {
    if (typeof token !== 'string') return undefined;
    return this.#codes.find((code) => timingSafeEqual(hash(token), hash(code.token)))?.role;
  }
}

/** Returns true if both codes are the same passphrase, which would make every guest a host. */
export function isSameCode(one: string, other: string): boolean {
  const [first, second] = [one, other].map(normalize);
  return first !== '' && (first === second || lowerFirst(first ?? '') === lowerFirst(second ?? ''));
}

function parseCode(role: Role, text: string, salt: string): Code | undefined {
  const code = normalize(text);
  if (code === '') return undefined;
  return { role, digest: hash(code), token: scryptSync(code, salt, TOKEN_BYTES).toString('base64url') };
}

/**
 * Compares the code as typed, and with a first letter in lower case, because phones capitalize it. So one attempt
 * tests two codes, which costs one bit of security. Digests have one length, so the time reveals nothing.
 */
function isCode(typed: string, expected: Buffer): boolean {
  if (typed.length > CODE_MAX_LENGTH) return false;
  const code = normalize(typed);
  const [isSame, isSameInLowerCase] = [code, lowerFirst(code)].map((candidate) =>
    timingSafeEqual(hash(candidate), expected),
  );
  return isSame === true || isSameInLowerCase === true;
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

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
