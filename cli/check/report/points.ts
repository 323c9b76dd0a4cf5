/**
 * The points of a run. A skipped check counts for nothing, because the server could not show anything.
 */
import type { Result } from '../outcome.ts';
import type { Status } from '../texts/check-texts.ts';

export class Points {
  readonly earned: number;
  readonly total: number;
  readonly counts: Readonly<Record<Status, number>>;

  constructor(results: readonly Result[]) {
    const sum = (statuses: readonly Status[]) =>
      results
        .filter(({ status }) => statuses.includes(status))
        .reduce((total, { weight }) => total + weight, 0);
    const count = (wanted: Status) => results.filter(({ status }) => status === wanted).length;
    this.earned = sum(['passed', 'noted']);
    this.total = sum(['passed', 'noted', 'failed']);
    this.counts = {
      passed: count('passed'),
      failed: count('failed'),
      noted: count('noted'),
      skipped: count('skipped'),
    };
  }
}
