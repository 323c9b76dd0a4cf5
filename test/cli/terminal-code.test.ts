import assert from 'node:assert/strict';
import { test } from 'node:test';
import readQR from 'jsqr';
import { terminalCode } from '../../cli/terminal-code.ts';

const URL = 'http://192.168.100.200:8080';
/** Pixels per module, because readers need more than one. */
const SCALE = 4;

/** The upper and the lower half of each character, light or dark. */
const LIGHT: Record<string, [boolean, boolean]> = {
  '█': [true, true],
  '▀': [true, false],
  '▄': [false, true],
  ' ': [false, false],
};

function readCode(lines: string): string | undefined {
  const bare = lines.replaceAll(/\x1b\[[\d;]*m/g, '').split('\n');
  const rows = bare.flatMap((line) =>
    [0, 1].map((half) => [...line].map((block) => LIGHT[block]?.[half] ?? true)),
  );
  const [width, height] = [(rows[0] ?? []).length * SCALE, rows.length * SCALE];
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [Math.floor((i % width) / SCALE), Math.floor(i / width / SCALE)];
    pixels.fill(rows[y]?.[x] ? 255 : 0, 4 * i, 4 * i + 4);
  }
  return readQR(pixels, width, height)?.data;
}

test('QR code of the terminal is readable by a camera', () => {
  assert.equal(readCode(terminalCode(URL, { isTTY: true, columns: 80 }) ?? ''), URL);
});

test('QR code of the terminal sets its own colours and resets them on each line', () => {
  const lines = terminalCode(URL, { isTTY: true, columns: 80 })?.split('\n') ?? [];
  assert.ok(lines.length > 10);
  for (const line of lines) assert.match(line, /^\x1b\[38;5;231;48;5;16m[█▀▄ ]+\x1b\[0m$/);
});

test('QR code is left out of logs and of terminals that would wrap its lines', () => {
  assert.equal(terminalCode(URL, {}), undefined);
  assert.equal(terminalCode(URL, { isTTY: true, columns: 32 }), undefined);
  const [line = ''] = (terminalCode(URL, { isTTY: true, columns: 80 }) ?? '').split('\n');
  const width = line.replaceAll(/\x1b\[[\d;]*m/g, '').length;
  assert.equal(terminalCode(URL, { isTTY: true, columns: width - 1 }), undefined);
  assert.notEqual(terminalCode(URL, { isTTY: true, columns: width }), undefined);
});
