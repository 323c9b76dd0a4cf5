/**
 * The results of checks.
 */
import type { CheckId, Facts, Status } from './texts/check-texts.ts';

/** A sentence that is written in the language of the report. */
export type Sentence = (facts: Facts) => string;

export interface Outcome {
  status: Status;
  seen: Sentence;
  /** The check could not be run because of another failure, which has the explanation. */
  isConsequence?: boolean;
}

export interface Result extends Outcome {
  id: CheckId;
  weight: number;
  ms: number;
  /** The lines that lead to the fault, of those that the server wrote to its standard error during the check. */
  printed: string[];
}

export const passed = (seen: Sentence): Outcome => ({ status: 'passed', seen });
export const noted = (seen: Sentence): Outcome => ({ status: 'noted', seen });
export const failed = (seen: Sentence): Outcome => ({ status: 'failed', seen });
export const skipped = (seen: Sentence): Outcome => ({ status: 'skipped', seen });
export const impossible = (seen: Sentence): Outcome => ({ status: 'failed', seen, isConsequence: true });

/** Ends a check as failed from any depth. */
export class CheckFailure extends Error {
  readonly outcome: Outcome;

  constructor(seen: Sentence) {
    super('check failed');
    this.outcome = failed(seen);
  }
}
