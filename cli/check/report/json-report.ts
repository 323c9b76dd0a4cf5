/**
 * The report for programs. Ids and statuses are stable, texts are in the language of the run.
 */
import type { Result } from '../outcome.ts';
import type { CheckTexts } from '../texts/check-texts.ts';
import { CODE_LINES } from '../texts/code-lines.ts';
import type { Points } from './points.ts';

export function jsonReport(
  target: string,
  results: readonly Result[],
  { earned, total, counts }: Points,
  { checks, facts }: CheckTexts,
): string {
  const report = {
    target,
    points: { earned, total },
    counts,
    checks: results.map(({ id, status, weight, ms, seen, printed, isConsequence = false }) => {
      const { title, sent, why, mend } = checks[id];
      const lines = CODE_LINES[id];
      return {
        id,
        status,
        isConsequence,
        weight,
        ms,
        title,
        sent,
        seen: seen(facts),
        printed,
        why,
        mend,
        lines,
      };
    }),
  };
  return JSON.stringify(report, null, 2);
}
