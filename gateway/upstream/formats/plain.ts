/**
 * The manner of a server that repeats lines as they are.
 */
import { PlainParser, unwrapNcatLine } from './plain-parser.ts';
import type { Manner } from './room-text.ts';

export const plain: Manner = {
  name: 'plain',
  alternative: 'dice',
  hasHeaders: false,
  newEarParser: () => new PlainParser(),
  newVoiceParser: undefined,
  sentTexts: unwrapNcatLine,
  say: (text) => `${text}\n`,
};
