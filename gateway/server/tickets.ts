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

interface Ticket<Role> {
  /** By the monotonic clock. */
  end: number;
  role: Role;
}

export class Tickets<Role> {
  /** Oldest first. */
  readonly #issued = new Map<string, Ticket<Role>>();

  get size(): number {
    return this.#issued.size;
  }

  issue(role: Role, now = performance.now()): string {
    for (const [ticket, { end }] of this.#issued) {
      if (end > now && this.#issued.size < MAX_TICKETS) break;
      this.#issued.delete(ticket);
    }
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    this.#issued.set(ticket, { end: now + TICKET_MS, role });
    return ticket;
  }

  /** Returns the role of who requested the ticket, undefined if the ticket is invalid. */
  redeem(ticket: string, now = performance.now()): Role | undefined {
    const issued = this.#issued.get(ticket);
    this.#issued.delete(ticket);
    return issued !== undefined && issued.end > now ? issued.role : undefined;
  }
}
