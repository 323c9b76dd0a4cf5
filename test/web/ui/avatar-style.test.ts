import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { avatarStyle, initialOf } from '../../../web/ui/avatar-style.ts';

const READABLE = 4.5;
const tokens = readFileSync(new URL('../../../web/tokens.css', import.meta.url), 'utf8');
const HUES = Array.from({ length: 24 }, (_, i) => i * 15);

/** Forms of a colour in the style sheet: explicit light and dark, and the default. */
const COLOUR = /light-dark\((#\w+), (#\w+)\) var\(--contrast\), light-dark\((#\w+), (#\w+)\)/;

const THEMES = {
  'strong light': { place: 0, isDark: false, contrast: 100 },
  'strong dark': { place: 1, isDark: true, contrast: 100 },
  light: { place: 2, isDark: false, contrast: 0 },
  dark: { place: 3, isDark: true, contrast: 0 },
};

describe('avatar style', () => {
  it('is the same on every page', () => {
    assert.deepEqual(avatarStyle('192.168.1.20:50412'), avatarStyle('192.168.1.20:50412'));
  });

  it('differs between most browsers behind one gateway', () => {
    const looks = Array.from({ length: 30 }, (_, i) =>
      JSON.stringify(avatarStyle(`127.0.0.1:${40_000 + 2 * i}`)),
    );
    assert.ok(new Set(looks).size >= 24, `${new Set(looks).size} looks of 30`);
  });

  it('shows the initial of the name, or the end of the port', () => {
    assert.equal(initialOf('ana', '127.0.0.1:40001'), 'A');
    assert.equal(initialOf('👋🏽', '127.0.0.1:40001'), '👋');
    assert.equal(initialOf(undefined, '127.0.0.1:40001'), '01');
  });

  for (const [name, theme] of Object.entries(THEMES)) {
    it(`is readable in any colour on ${name} paper and sheets, and paper on it`, () => {
      for (const ground of ['paper', 'table']) {
        for (const hue of HUES) {
          const ratio = contrast(luminanceOfHex(colour(theme, ground)), luminanceOfSpeaker(theme, hue));
          assert.ok(ratio >= READABLE, `hue ${hue} on ${ground}: ${ratio.toFixed(2)}`);
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

function luminanceOfSpeaker({ isDark, contrast }: Theme, hue: number): number {
  const [byDay, byNight, chosen] = valuesOf('speaker-lightness');
  assert.equal(chosen, byNight);
  const [, plain, more] =
    /calc\((\d+)% ([+-] [\d.]+) \* var\(--contrast\)\)/.exec((isDark ? byNight : byDay) ?? '') ?? [];
  const lightness = Number(plain) + Number(more?.replace(' ', '')) * contrast;
  return luminanceOfHsl(
    hue,
    Number.parseInt(valuesOf('speaker-saturation')[0] ?? '', 10) / 100,
    lightness / 100,
  );
}

/** The themes in the order of the style sheet. */
function valuesOf(name: string): string[] {
  return [...tokens.matchAll(new RegExp(`--${name}: ([^;]+);`, 'g'))].map(([, value = '']) => value);
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminanceOfHex(hex: string): number {
  return luminance([1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255));
}

function luminanceOfHsl(hue: number, saturation: number, lightness: number): number {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  return luminance(
    [0, 8, 4].map((n) => {
      const k = (n + hue / 30) % 12;
      return lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    }),
  );
}

function luminance(channels: number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
