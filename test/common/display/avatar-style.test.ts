import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { HUES, hueOf, initialOf } from '../../../common/display/avatar-style.ts';

const READABLE = 4.5;
const tokens = readFileSync(new URL('../../../web/tokens.css', import.meta.url), 'utf8');
/** Nearer colours look alike, distance in OKLab. */
const DISTINCT = 0.04;
/** Names that together have every hue. */
const ALL_HUES = [...new Set(Array.from({ length: 500 }, (_, i) => hueOf(`Ana ${i}`, '')))].toSorted(
  (a, b) => a - b,
);

/** Forms of a colour in the style sheet: explicit light and dark, and the default. */
const COLOUR = /light-dark\((#\w+), (#\w+)\) var\(--contrast\), light-dark\((#\w+), (#\w+)\)/;

const THEMES = {
  'strong light': { place: 0, isDark: false, contrast: 100 },
  'strong dark': { place: 1, isDark: true, contrast: 100 },
  light: { place: 2, isDark: false, contrast: 0 },
  dark: { place: 3, isDark: true, contrast: 0 },
};

describe('avatar style', () => {
  it('has the hue of the name, on every page and at every address', () => {
    assert.equal(hueOf('Ana', '192.168.1.20:50412'), hueOf('Ana', '10.0.0.7:4000'));
    assert.notEqual(hueOf('Ana', ''), hueOf('Luis', ''));
  });

  it('has the hue of the address without a name', () => {
    const hues = Array.from({ length: 30 }, (_, i) => hueOf(undefined, `127.0.0.1:${40_000 + 2 * i}`));
    assert.ok(new Set(hues).size >= 9, `${new Set(hues).size} hues of 30`);
  });

  it('shows the initial of the name, or the end of the port', () => {
    assert.equal(initialOf('ana', '127.0.0.1:40001'), 'A');
    assert.equal(initialOf('👋🏽', '127.0.0.1:40001'), '👋');
    assert.equal(initialOf(undefined, '127.0.0.1:40001'), '01');
  });

  for (const [name, theme] of Object.entries(THEMES)) {
    it(`is readable in any colour on ${name} paper and sheets, and paper on it`, () => {
      for (const ground of ['paper', 'table']) {
        for (const hue of ALL_HUES) {
          const ratio = contrast(luminanceOfHex(colour(theme, ground)), luminanceOf(speaker(theme, hue)));
          assert.ok(ratio >= READABLE, `hue ${hue} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });

    it(`has hues that can be told apart on ${name} paper`, { skip: theme.contrast > 0 }, () => {
      assert.equal(ALL_HUES.length, HUES);
      for (const [i, hue] of ALL_HUES.entries()) {
        for (const other of ALL_HUES.slice(0, i)) {
          const [a, b] = [hue, other].map((one) => toOklab(speaker(theme, one)));
          const distance = Math.hypot(...[0, 1, 2].map((k) => (a?.[k] ?? 0) - (b?.[k] ?? 0)));
          assert.ok(distance >= DISTINCT, `hues ${hue} and ${other}: ${distance.toFixed(3)}`);
        }
      }
    });

    it(`has readable text on ${name} paper, table and cards`, () => {
      const pairs = ['paper', 'table', 'mine'].flatMap((ground) =>
        ['ink', 'ink-soft', 'accent', 'warn', 'good'].map((ink) => [ground, ink] as const),
      );
      for (const [ground, ink] of [...pairs, ['accent', 'accent-ink'] as const]) {
        const [below, above] = [ground, ink].map((token) => luminanceOfHex(colour(theme, token)));
        const ratio = contrast(below ?? 0, above ?? 0);
        assert.ok(ratio >= READABLE, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
      }
    });
  }
});

type Theme = (typeof THEMES)[keyof typeof THEMES];

function colour({ place }: Theme, name: string): string {
  const said = COLOUR.exec(valuesOf(name)[0] ?? '')?.[place + 1];
  assert.ok(said, `--${name} is a colour in tokens.css`);
  return said.length === 4 ? said.replaceAll(/\w/g, '$&$&') : said;
}

/** Linear channels of a speaker's colour, as a screen shows it. */
function speaker({ isDark, contrast }: Theme, hue: number): number[] {
  const [byDay, byNight, chosen] = valuesOf('speaker-lightness');
  const [chroma, chromaByNight] = valuesOf('speaker-chroma').map(Number);
  assert.equal(chosen, byNight);
  const [, plain, more] =
    /calc\((\d+)% ([+-] [\d.]+) \* var\(--contrast\)\)/.exec((isDark ? byNight : byDay) ?? '') ?? [];
  const lightness = (Number(plain) + Number(more?.replace(' ', '')) * contrast) / 100;
  return fromOklch(lightness, (isDark ? chromaByNight : chroma) ?? 0, hue);
}

/** The themes in the order of the style sheet. */
function valuesOf(name: string): string[] {
  return [...tokens.matchAll(new RegExp(`--${name}: ([^;]+);`, 'g'))].map(([, value = '']) => value);
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminanceOfHex(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return luminanceOf(channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)));
}

function luminanceOf([red = 0, green = 0, blue = 0]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Björn Ottosson's matrices, from OKLab to linear sRGB and back. */
const TO_CONES = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];
const TO_RGB = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];
const FROM_RGB = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const FROM_CONES = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

function fromOklch(lightness: number, chroma: number, hue: number): number[] {
  const angle = (hue * Math.PI) / 180;
  const lab = [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const cones = times(TO_CONES, lab).map((cone) => cone ** 3);
  return times(TO_RGB, cones).map((channel) => Math.min(1, Math.max(0, channel)));
}

function toOklab(channels: number[]): number[] {
  return times(FROM_CONES, times(FROM_RGB, channels).map(Math.cbrt));
}

function times(matrix: number[][], vector: number[]): number[] {
  return matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * (vector[i] ?? 0), 0));
}
