/**
 * Parsing untrusted text costs in proportion to its length. Tests count steps instead of time, because a machine may
 * be slow.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { toPageText } from '../../common/control-characters.ts';
import { sanitize } from '../../gateway/session/sanitize.ts';
import { DiceParser } from '../../gateway/upstream/formats/dice-parser.ts';
import { LineParser } from '../../gateway/upstream/formats/line-parser.ts';
import type { RoomParser } from '../../gateway/upstream/formats/manner.ts';
import { PlainParser } from '../../gateway/upstream/formats/plain-parser.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { countSteps } from '../helpers/step-counter.ts';

const CHUNK_BYTES = 1024;
const SMALL = 32 * 1024;
const FACTOR = 4;

/** A quadratic cost would be FACTOR times this. */
const GROWTH_MAX = 1.2 * FACTOR;

/** Most steps per character, for any text. */
const STEPS_PER_CHARACTER_MAX = 200;

/** Repeated parts with which a terminal might keep a parser busy. */
const HOSTILE: Record<string, string> = {
  'line ends': '\n',
  'carriage returns': '\r',
  'line ends of Windows': '\r\n',
  digits: '1',
  'an address': '127.0.0.1:4000',
  headers: '127.0.0.1:4000 dice: ',
  'headers of IPv6': '::1:4000 dice: ',
  'headers with glued digits': '1111127.0.0.1:4000 dice: ',
  'IPv6 that never ends': 'a:',
  'IPv6 with glued digits': 'abcdef0123456789::1:4000 dice: ',
  'an IPv6 address begun': '[::',
  zones: '%eth0:1 dice: ',
  'what stands between address and message': ' dice: ',
  blanks: ' ',
  'escapes of ncat': '\\303',
  'half a character': '\ud800',
  'the beginning of a name': '<',
};

/** Steps for this many characters of `part`, repeated. */
function growth(part: string, run: (text: string) => void): { factor: number; perCharacter: number } {
  const [small, large] = [SMALL, SMALL * FACTOR].map((length) => {
    const text = part.repeat(Math.ceil(length / part.length));
    return countSteps(() => run(text)) / text.length;
  }) as [number, number];
  return { factor: FACTOR * (large / Math.max(small, 1)), perCharacter: large };
}

function isLinear(part: string, run: (text: string) => void): void {
  const { factor, perCharacter } = growth(part, run);
  assert.ok(factor <= GROWTH_MAX, `${FACTOR} times the text costs ${factor.toFixed(1)} times as much`);
  assert.ok(perCharacter <= STEPS_PER_CHARACTER_MAX, `a character costs ${perCharacter.toFixed(0)} steps`);
}

function inChunks(parser: RoomParser, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) parser.push(bytes.subarray(at, at + CHUNK_BYTES));
  parser.end();
}

describe("cost of parsing a room's text grows with its length:", () => {
  for (const [what, part] of Object.entries(HOSTILE)) {
    test(what, () => {
      isLinear(part, (text) => inChunks(new DiceParser(), text));
      isLinear(part, (text) => inChunks(new DiceParser(), `::1:4000 dice: ${text}`));
      isLinear(part, (text) => inChunks(new LineParser(new PlainParser()), text));
    });
  }
});

describe("cost of sanitizing a browser's text grows with its length:", () => {
  for (const [what, part] of Object.entries(HOSTILE)) test(what, () => isLinear(part, sanitize));
});

describe('cost of showing a message grows with its length:', () => {
  for (const [what, part] of Object.entries(HOSTILE)) test(what, () => isLinear(`${part}x`, toPageText));
});

/** Such an expression is retried at each character of a run, so its cost is quadratic. */
const TRIMS_END = /\/(?!\^)(?:\[[^\]]+\]|\\.|[^/[\\\s^])[+*]\$\/[a-z]*/;

test('no regular expression trims the end of untrusted text', () => {
  for (const folder of ['gateway', 'web', 'tcp-server']) {
    for (const name of readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      for (const line of readFileSync(inProject(folder, name), 'utf8').split('\n')) {
        assert.doesNotMatch(line, TRIMS_END, `${folder}/${name}`);
      }
    }
  }
});
