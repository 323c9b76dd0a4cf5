/**
 * The manner of a server that repeats lines as they are.
 */
import { dice } from './dice.ts';
import { PlainParser, unwrapNcatLine } from './plain-parser.ts';
import type { Manner } from './room-text.ts';

export const plain: Manner = {
  ...dice,
  name: 'plain',
  alternative: 'dice',
  hasHeaders: false,
  headerEnd: undefined,
  senders: 'none',
  newEarParser: () => new PlainParser(),
  newVoiceParser: undefined,
  sentTexts: unwrapNcatLine,
};
