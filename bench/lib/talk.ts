/**
 * A long conversation, equal in each run except for its times.
 */

import type { Entry } from '../../gateway/protocol.ts';
import type { Row } from '../../gateway/transcript/sqlite-store.ts';

const COMMON =
  'que de no a la el es y en lo un por qué me una te los se con para mi está si bien pero yo eso las sí su tu aquí';
const USUAL =
  'café mañana sesión clase código programa servidor mensaje terminal navegador teléfono conexión función árbol línea';
/** Words that occur once in some thousand messages. */
const RARE = 'murciélago esdrújula paralelepípedo otorrinolaringólogo ñandú';

/** Lengths of messages: 60 of 100 have up to 12 words, the next 30 up to 60, ... */
const LENGTHS = [
  { below: 60, words: 12 },
  { below: 90, words: 60 },
  { below: 99, words: 200 },
  { below: 100, words: 1_200 },
];

const SPEAKERS = 40;
const TIME_MS = 30 * 24 * 60 * 60_000;
const RARE_EVERY_MESSAGES = 60_000;

export function* talk(count: number, end: number): Generator<Row> {
  const random = randomOf(1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const [common, usual, rare] = [COMMON, USUAL, RARE].map((words) => words.split(' ')) as [
    string[],
    string[],
    string[],
  ];
  const word = (): string => {
    if (random() < 1 / RARE_EVERY_MESSAGES) return pick(rare);
    return random() < 0.6
      ? pick(common)
      : `${pick(usual)}${random() < 0.3 ? Math.floor(random() * 1_000) : ''}`;
  };
  let speaker = 0;
  for (let seq = 1; seq <= count; seq++) {
    if (random() < 0.6) speaker = Math.floor(random() * SPEAKERS);
    const text = Array.from({ length: 1 + Math.floor(random() * longest(random() * 100)) }, word);
    const separator = text.length > 40 && random() < 0.3 ? '\n' : ' ';
    const at = Math.floor(end - TIME_MS * (1 - seq / count));
    const entry: Entry = {
      seq,
      at,
      from: `10.0.0.${speaker}:${40_000 + speaker}`,
      text: lines(text, separator),
    };
    yield { seq, at, json: JSON.stringify(entry) };
  }
}

/** Twenty searches: common and rare words, missing ones, single and in pairs, with accents and without. */
export const SEARCHES = [
  ...['que', 'de', 'café', 'cafe', 'conexion', 'sesión', 'serv', 'q'],
  ...['murciélago', 'murcielago', 'nandu', 'código777', 'ornitorrinco', 'xyzzy'],
  ...['que de', 'cafe manana', 'función árbol', 'que murcielago', 'esdrujula clase', 'que ornitorrinco'],
];

function longest(percent: number): number {
  return LENGTHS.find(({ below }) => percent < below)?.words ?? 1;
}

/** Breaks a text after every ten words. */
function lines(words: readonly string[], separator: string): string {
  return words.map((word, i) => (i === 0 ? word : `${i % 10 === 0 ? separator : ' '}${word}`)).join('');
}

/** Returns a generator of repeatable random numbers (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
