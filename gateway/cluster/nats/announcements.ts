/**
 * Follows the announcements of all gateways, and the marks among them.
 *
 *     stream -> follower -> announcements: a body for the listener, or a mark that somebody waits for
 */
import type { LogListener, LogPosition } from '../engine.ts';

/** Announcements that are read again after a wrong one: some seconds of the busiest room. */
export const REREAD_MAX = 1_000;

/** Reads the last ones again if one was wrong, and all of a stream that begins anew. */
export class Announcements {
  readonly #follow: (after: LogPosition | 'beginning', listener: LogListener) => () => void;
  /** The marks that somebody waits for, and what to call on each. */
  readonly #marks = new Map<string, () => void>();

  constructor(follow: (after: LogPosition | 'beginning', listener: LogListener) => () => void) {
    this.#follow = follow;
  }

  follow(listener: (body: Uint8Array) => void): () => void {
    let isStopped = false;
    let stop = () => {};
    const start = (after: LogPosition | 'beginning') => {
      const trail: LogPosition[] = [];
      stop = this.#follow(after, {
        onRecord: ({ sequence, id, body }) => {
          trail.push({ sequence, id });
          if (trail.length > REREAD_MAX) trail.shift();
          // An empty one only marks a place.
          if (body.length > 0) listener(body);
          else this.#marks.get(id)?.();
        },
        onCurrent: () => {},
        onLost: (loss) => {
          stop();
          const [known = 'beginning'] = loss === 'deleted' ? [] : trail;
          if (!isStopped) start(known);
        },
      });
    };
    start('beginning');
    return () => {
      isStopped = true;
      stop();
    };
  }

  /** Resolves when the follower has received this mark. */
  receives(mark: string): Promise<void> {
    return new Promise((resolve) => this.#marks.set(mark, resolve));
  }

  forget(mark: string): void {
    this.#marks.delete(mark);
  }
}
