/**
 * All checks, in the order in which they run: from the first step to the last, and the restart at the end, because it
 * may take the port away for a minute.
 */
import type { Check } from '../check.ts';
import { characters, cut, glued, invalid, long, newline } from './bytes.ts';
import { burst, many, slowReader } from './crowd.ts';
import { answer, concurrency, start } from './first-steps.ts';
import { halfClose, leave, reset } from './leaving.ts';
import { restart, stop } from './life.ts';
import { broadcast, order, sender } from './talking.ts';

export const CHECKS: readonly Check[] = [
  start,
  answer,
  concurrency,
  broadcast,
  sender,
  order,
  glued,
  cut,
  newline,
  long,
  characters,
  invalid,
  halfClose,
  leave,
  reset,
  slowReader,
  burst,
  many,
  stop,
  restart,
];

export const LESSONS = Math.max(...CHECKS.map(({ lesson }) => lesson));
