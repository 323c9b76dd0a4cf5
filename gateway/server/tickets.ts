/**
 * Tickets for downloads. A browser navigates to a file, and a navigation carries no header of the page's: so the page
 * asks for a ticket first, which opens one file soon after. Unlike a token, a ticket in a log or a history is worthless.
 */
import { randomBytes } from 'node:crypto';

/** How long a ticket waits, ms: a page uses it at once, on a slow phone after some seconds. */
export const TICKET_MS = 60_000;

/** Tickets at once: a school that takes the transcript home within a minute. Beyond, the oldest is void. */
export const MAX_TICKETS = 1_000;

const TICKET_BYTES = 32;

export class Tickets {
  /** When each ends, on a clock that nobody sets; the oldest first. */
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
