import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { initialOf, lookOf } from '../../web/speaker.ts';

const READABLE = 4.5;
const tokens = readFileSync(new URL('../../web/tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = tokens.split('@media (prefers-color-scheme: dark)');

describe('speaker', () => {
  it('looks the same on every page', () => {
    assert.deepEqual(lookOf('192.168.1.20:50412'), lookOf('192.168.1.20:50412'));
  });

  it('looks like few others of a class behind one gateway', () => {
    const looks = Array.from({ length: 30 }, (_, i) => JSON.stringify(lookOf(`127.0.0.1:${40_000 + 2 * i}`)));
    assert.ok(new Set(looks).size >= 24, `${new Set(looks).size} looks of 30`);
  });

  it('has the initial of the name, or the end of the port', () => {
    assert.equal(initialOf('ana', '127.0.0.1:40001'), 'A');
    assert.equal(initialOf('👋🏽', '127.0.0.1:40001'), '👋');
    assert.equal(initialOf(undefined, '127.0.0.1:40001'), '01');
  });

  for (const [name, theme] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    it(`is readable in any colour on ${name} paper`, () => {
      const paper = luminanceOfHex(token(theme, 'paper'));
      const saturation = Number.parseInt(token(theme, 'speaker-saturation'), 10) / 100;
      const lightness = Number.parseInt(token(theme, 'speaker-lightness'), 10) / 100;
      for (let hue = 0; hue < 360; hue += 15) {
        const ratio = contrast(paper, luminanceOfHsl(hue, saturation, lightness));
        assert.ok(ratio >= READABLE, `hue ${hue}: ${ratio.toFixed(2)}`);
      }
    });

    it(`reads the page's words on ${name} paper, table and cards`, () => {
      for (const ground of ['paper', 'table', 'mine']) {
        for (const ink of ['ink', 'ink-soft', 'accent', 'warn', 'good']) {
          const ratio = contrast(luminanceOfHex(token(theme, ground)), luminanceOfHex(token(theme, ink)));
          assert.ok(ratio >= READABLE, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
      const button = contrast(
        luminanceOfHex(token(theme, 'accent')),
        luminanceOfHex(token(theme, 'accent-ink')),
      );
      assert.ok(button >= READABLE, `button: ${button.toFixed(2)}`);
    });
  }
});

function token(theme: string, name: string): string {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(theme)?.[1];
  assert.ok(value, `--${name} is in tokens.css`);
  return value;
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
