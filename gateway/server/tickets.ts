/**
 * Issues tickets for downloads. A browser navigates to a file without the page's headers, so the URL needs a secret. A
 * ticket opens one download within a minute. Unlike a token, a ticket in a log or a browser history is worthless.
 */
import { randomBytes } from 'node:crypto';

/** Lifetime of a ticket. The page uses it at once, on a slow phone after some seconds. */
export const TICKET_MS = 60_000;

/** Most valid tickets, enough for a school. Beyond this the oldest becomes invalid. */
export const MAX_TICKETS = 1_000;

const TICKET_BYTES = 32;

export class Tickets {
  /** End of each ticket by the monotonic clock, oldest first. */
  readonly #ends = new Map<string, number>();

  get size(): number {
    return this.#ends.size;
  }

  issue(now = performance.now()): string {
    for (const [ticket, end] of this.#ends) {
      if (end > now && this.#ends.size < MAX_TICKETS) break;
      this.#ends.delete(ticket);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#ends.set(ticket, now + TICKET_MS);
    return ticket;
  }

  redeem(ticket: string, now = performance.now()): boolean {
    const end = this.#ends.get(ticket);
    this.#ends.delete(ticket);
    return end !== undefined && end > now;
  }
}
