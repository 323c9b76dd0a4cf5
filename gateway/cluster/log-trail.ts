/**
 * Last records that a gateway has applied. They show whether its copy is that of the log.
 */
import type { LogPosition } from './engine.ts';

/**
 * Last records that can be compared with the log. The record after a wrong one shows it, unless the same gateway has
 * appended that too.
 */
export const TRAIL_RECORDS = 100;

/** A record that this gateway has applied, and the seq of the last entry up to it. */
export interface LogStep extends LogPosition {
  head: number;
}

export class LogTrail {
  #steps: LogStep[] = [];

  get steps(): readonly LogStep[] {
    return this.#steps;
  }

  get last(): LogStep | undefined {
    return this.#steps.at(-1);
  }

  append(step: LogStep): void {
    this.#steps.push(step);
    if (this.#steps.length > TRAIL_RECORDS) this.#steps.shift();
  }

  clear(): void {
    this.#steps = [];
  }

  /** Removes all records after `step`. */
  cutAfter(step: LogStep): void {
    this.#steps.length = this.#steps.indexOf(step) + 1;
  }

  /** Returns true if the copy, which ends at sequence `end`, has another record than `position`, or has left it out. */
  differsAt(position: LogPosition, end: number): boolean {
    const [oldest] = this.#steps;
    if (!oldest || position.sequence < oldest.sequence || position.sequence > end) return false;
    return !this.#steps.some(({ sequence, id }) => sequence === position.sequence && id === position.id);
  }
}
