/**
 * The manner of the tutorial's server: `IP:PORT dice: ` before each message. Its clients end a message with a newline.
 */
import { HEADER_SUFFIX, WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';
import { DiceParser } from './dice-parser.ts';
import { HOLD_MS, type Manner } from './room-text.ts';

export const dice: Manner = {
  name: 'dice',
  alternative: 'plain',
  hasHeaders: true,
  headerEnd: HEADER_SUFFIX,
  senders: 'address',
  endsByPause: false,
  holdMs: HOLD_MS,
  newEarParser: (own) => new DiceParser(own.isOwn),
  newVoiceParser: () => new DiceParser(),
  privateMs: Number.POSITIVE_INFINITY,
  isBroadcast: undefined,
  sentTexts: (line) => [line],
  login: undefined,
  chunkMaxBytes: WIRE_MAX_BYTES - 1,
  toCharset: (text) => text,
  say: (text) => `${text}\n`,
  encode: (text) => text,
  bye: undefined,
  framing: undefined,
};
