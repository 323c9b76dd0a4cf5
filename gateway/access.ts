/**
 * The room's passphrase. A browser gives it once and gets a cookie, which then opens the WebSocket, the API and
 * downloads alike; everybody else gives it with each request.
 *
 *     page       POST /api/enter {code}  ->  Set-Cookie: an HttpOnly token made of the code
 *     scripts    Authorization: Bearer CODE, or ?code=CODE
 */
import { createHash, scryptSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Allowance, AllowancePerAddress, type Pace } from './allowance.ts';

/** Tries with a wrong code. One address may be a class of thirty who mistype it. */
const TRIES_PER_ADDRESS: Pace = { burst: 30, perSecond: 1 / 6 };

/** Of all addresses together: who has many of them guesses no faster. */
const TRIES_OF_ALL: Pace = { burst: 300, perSecond: 1 };

const COOKIE = 'tertulia';
const ONE_YEAR_S = 31_536_000;

export type Entry = 'open' | 'locked' | 'wrong' | 'too-many-tries';

export class AccessCode {
  readonly #digest: Buffer | undefined;
  /** Guessing the code from a stolen cookie costs a tenth of a second a try. A change of the code ends all cookies. */
  readonly #token: string;
  readonly #tries = new AllowancePerAddress(TRIES_PER_ADDRESS);
  readonly #allTries = new Allowance(TRIES_OF_ALL);

  /** An empty code asks for none. */
  constructor(code: string) {
    this.#digest = code === '' ? undefined : digest(code);
    this.#token = code === '' ? '' : scryptSync(code, 'tertulia', 32).toString('base64url');
  }

  /** May this request come in? */
  check(headers: IncomingHttpHeaders, query: URLSearchParams | undefined, ip: string): Entry {
    if (!this.#digest || this.#hasCookie(headers)) return 'open';
    const code = bearerOf(headers) ?? query?.get('code') ?? undefined;
    return code === undefined ? 'locked' : this.try(code, ip);
  }

  /** Is this the code? Wrong tries are counted, and beyond the limit the right one is refused too. */
  try(code: string, ip: string): Entry {
    if (!this.#digest) return 'open';
    const ofAddress = this.#tries.of(ip);
    if (ofAddress.wait() > 0 || this.#allTries.wait() > 0) return 'too-many-tries';
    // Digests have one length: the time it takes tells nothing of the code's.
    if (timingSafeEqual(digest(code), this.#digest)) return 'open';
    ofAddress.take();
    this.#allTries.take();
    return 'wrong';
  }

  cookie(isSecure: boolean): string {
    const secure = isSecure ? '; Secure' : '';
    return `${COOKIE}=${this.#token}; Path=/; Max-Age=${ONE_YEAR_S}; HttpOnly; SameSite=Strict${secure}`;
  }

  #hasCookie({ cookie = '' }: IncomingHttpHeaders): boolean {
    const tokens = cookie.split(';').map((pair) => pair.trim().split('='));
    return tokens.some(([name, value = '']) => name === COOKIE && isSame(value, this.#token));
  }
}

/** Node reads headers as Latin-1; what is sent is UTF-8. */
function bearerOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(.*)$/i.exec(Buffer.from(authorization, 'latin1').toString())?.[1];
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
