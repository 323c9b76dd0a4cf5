/**
 * The manner of the tutorial's server: `IP:PORT dice: ` before each message. Its clients end a message with a newline.
 */
import { DiceParser } from './dice-parser.ts';
import type { Manner } from './room-text.ts';

export const dice: Manner = {
  name: 'dice',
  alternative: 'plain',
  hasHeaders: true,
  newEarParser: (isOwn) => new DiceParser(isOwn),
  newVoiceParser: () => new DiceParser(),
  sentTexts: (line) => [line],
  say: (text) => `${text}\n`,
};
