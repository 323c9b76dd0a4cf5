/**
 * Checks of TCP as a stream of bytes: it has no messages and no characters.
 */
import type { Check } from '../check.ts';
import { failed, noted, passed, skipped } from '../outcome.ts';
import { HEARS_WITHIN_MS, headerPattern, textBetween } from '../room-format.ts';

/** Pause between the parts of a message, ms, so that a server reads them apart. */
const BETWEEN_PARTS_MS = 300;
/** Time in which a text without a newline is delivered, ms. It is more than servers hold single keys back. */
const NEWLINE_WAIT_MS = 1_000;
const LONG_BYTES = 5_000;
/** More than one `recv` of any usual size below it, and each character has two bytes. */
const ACCENTS_BYTES = 3_001;
const MAX_SHOWN_CHARS = 120;

export const glued: Check = {
  id: 'glued',
  weight: 2,
  lesson: 4,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    const { speaker, witness } = await scene.pair();
    // An echo has no sender that could be missing.
    const header = scene.format.kind === 'room' ? await scene.headerOf(speaker, witness) : '';
    const tokens = [scene.token(), scene.token(), scene.token()];
    witness.forget();
    speaker.write(Buffer.concat(tokens.map((token) => speaker.line(token))));
    for (const token of tokens) await scene.mustHear(witness, token);
    if (header.trim() === '') return passed((t) => t.eachWhole(tokens.length));
    const missing = tokens.filter((token) => !new RegExp(headerPattern(header) + token).test(witness.text));
    if (missing.length === 0) return passed((t) => t.eachWithSender(tokens.length));
    const shown = shorten(witness.text);
    return failed((t) => t.withoutSender(missing.length, tokens.length, shown));
  },
};

export const cut: Check = {
  id: 'cut',
  weight: 2,
  lesson: 4,
  needs: 'room',
  risk: 'safe',
  async run(scene) {
    const [ana, luis, witness] = await scene.enter(3);
    const headers = [await scene.headerOf(ana, witness), await scene.headerOf(luis, witness)] as const;
    const [begin, end, between] = [scene.token(), scene.token(), scene.token()];
    witness.forget();
    const line = ana.line(`${begin} ${end}`);
    const border = line.indexOf(end);
    ana.write(line.subarray(0, border));
    // A server that passes parts on is given the time to do so.
    await witness.hears(begin, BETWEEN_PARTS_MS);
    luis.say(between);
    await scene.mustHear(witness, between);
    ana.write(line.subarray(border));
    await scene.mustHear(witness, end);
    const { text } = witness;
    if (textBetween(text, begin, end) === ' ') return passed((t) => t.cutTogether);
    const shown = shorten(text);
    const isSigned =
      headers[0].trim() !== '' &&
      [begin, end].every((token) => new RegExp(headerPattern(headers[0]) + token).test(text)) &&
      new RegExp(headerPattern(headers[1]) + between).test(text);
    return isSigned ? noted((t) => t.cutInPieces(shown)) : failed((t) => t.cutMixed(shown));
  },
};

export const newline: Check = {
  id: 'newline',
  weight: 0,
  lesson: 4,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    if (scene.manner.framing) return skipped((t) => t.hasFrames);
    const { speaker, witness } = await scene.talkingPair();
    const token = scene.token();
    const [, text = '', end = ''] = /^(.*?)(\s*)$/.exec(speaker.line(token).toString()) ?? [];
    speaker.write(text);
    const isHeard = await witness.hears(token, NEWLINE_WAIT_MS);
    if (isHeard) return noted((t) => t.sentAtOnce);
    speaker.write(end);
    await scene.mustHear(witness, token);
    return noted((t) => t.waitsForNewline(NEWLINE_WAIT_MS / 1000));
  },
};

export const long: Check = {
  id: 'long',
  weight: 2,
  lesson: 4,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    const { speaker, witness } = await scene.pair();
    const header = await scene.headerOf(speaker, witness);
    const bytes = Math.min(LONG_BYTES, speaker.textMaxBytes);
    const message = wordyText(scene.token(), bytes);
    witness.forget();
    speaker.say(message);
    const isWhole = () => withoutHeaders(witness.text, header).includes(message);
    await witness.until(isWhole, HEARS_WITHIN_MS);
    const { text } = witness;
    if (text.includes(message)) return passed((t) => t.longWhole(bytes));
    if (isWhole()) {
      const pieces = text.split(new RegExp(headerPattern(header))).length - 1;
      return noted((t) => t.longInPieces(bytes, pieces));
    }
    await scene.mustLive({ speaker, witness });
    return failed((t) => t.longIncomplete(bytes, text.length));
  },
};

export const characters: Check = {
  id: 'characters',
  weight: 2,
  lesson: 4,
  needs: 'one',
  risk: 'risky',
  async run(scene) {
    const { speaker, witness } = await scene.pair();
    const header = await scene.headerOf(speaker, witness);
    const token = scene.token();
    const split = speaker.line(`${token} mañana`);
    const inside = split.indexOf('ñ') + 1;
    witness.forget();
    speaker.write(split.subarray(0, inside));
    await witness.hears(token, BETWEEN_PARTS_MS);
    speaker.write(split.subarray(inside));
    const isWhole = (text: string) => () => withoutHeaders(witness.text, header).includes(text);
    const damage = async () => {
      await scene.mustLive({ speaker, witness });
      const shown = shorten(/.{0,60}\uFFFD.{0,60}/.exec(witness.text)?.[0] ?? witness.text);
      return failed((t) => t.charactersDamaged(shown));
    };
    if (!(await witness.until(isWhole(`${token} mañana`), HEARS_WITHIN_MS))) return await damage();
    // The odd first byte makes every even border of reads fall into a character.
    const accentsBytes = Math.min(ACCENTS_BYTES, speaker.textMaxBytes);
    const accents = `a${'ñ'.repeat((accentsBytes - 1) / 2)}`;
    witness.forget();
    speaker.say(accents);
    if (!(await witness.until(isWhole(accents), HEARS_WITHIN_MS))) return await damage();
    await scene.mustLive({ speaker, witness });
    return passed((t) => t.charactersWhole);
  },
};

export const invalid: Check = {
  id: 'invalid',
  weight: 2,
  lesson: 5,
  needs: 'many',
  risk: 'risky',
  async run(scene) {
    const pair = await scene.talkingPair();
    const [other] = await scene.enter(1);
    other.write(Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]));
    const isClosed = await other.isClosedByServer(BETWEEN_PARTS_MS);
    await scene.mustLive(pair);
    return passed((t) => t.invalidSurvived(isClosed));
  },
};

/** A text of unique words without digits, which could be read as a part of a header. */
function wordyText(token: string, bytes: number): string {
  let text = `${token} `;
  for (let number = 0; text.length < bytes; number++) {
    text += `${`${number}`.padStart(4, '0').replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')} `;
  }
  return `${text.slice(0, bytes - 1)}.`;
}

/** Removes headers inside a message, with the line end that some servers put before them. */
function withoutHeaders(text: string, header: string): string {
  return header.trim() === '' ? text : text.replaceAll(new RegExp(`\n?${headerPattern(header)}`, 'g'), '');
}

function shorten(text: string): string {
  const visible = text.replaceAll('\r', '').trimEnd().replaceAll('\n', '⏎');
  return visible.length > MAX_SHOWN_CHARS ? `${visible.slice(0, MAX_SHOWN_CHARS)}...` : visible;
}
