import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findChromium, findHeadlessChromium } from '../../scripts/lib/chromium.ts';
import { findFirefox } from '../../scripts/lib/firefox.ts';
import { isStale } from '../../scripts/lib/stale.ts';

const folder = mkdtempSync(join(tmpdir(), 'tertulia-scripts-'));
after(() => rmSync(folder, { recursive: true }));

describe('stale build', () => {
  const source = join(folder, 'source');
  const output = join(folder, 'output.js');
  mkdirSync(source);
  writeFileSync(join(source, 'a.ts'), '');
  writeFileSync(output, '');

  /** Seconds since 1970. */
  function setTimes(times: { folder: number; file: number; output: number }): void {
    utimesSync(join(source, 'a.ts'), times.file, times.file);
    utimesSync(source, times.folder, times.folder);
    utimesSync(output, times.output, times.output);
  }

  test('build is fresh when it is newer than every source', () => {
    setTimes({ folder: 10, file: 10, output: 20 });
    assert.equal(isStale([source], [output]), false);
  });

  test('build is stale when a source has changed since', () => {
    setTimes({ folder: 10, file: 30, output: 20 });
    assert.equal(isStale([source], [output]), true);
  });

  test("build is stale when a source was deleted, which only the folder's time shows", () => {
    setTimes({ folder: 30, file: 10, output: 20 });
    assert.equal(isStale([source], [output]), true);
  });

  test('build is stale when one of its outputs is missing', () => {
    setTimes({ folder: 10, file: 10, output: 20 });
    assert.equal(isStale([source], [output, join(folder, 'missing.js')]), true);
  });
});

describe('search for a browser', () => {
  test('browser is found where CHROMIUM_PATH and FIREFOX_PATH point', () => {
    assert.equal(findChromium({ CHROMIUM_PATH: '/opt/my-chromium' }), '/opt/my-chromium');
    assert.equal(findFirefox({ FIREFOX_PATH: '/opt/my-firefox' }), '/opt/my-firefox');
  });

  test('browser is found on the PATH of Linux', {
    skip: process.platform === 'win32' && 'paths of Linux',
  }, () => {
    const env = { PATH: `/nowhere:${folder}` };
    const [chromium, firefox] = [join(folder, 'chromium'), join(folder, 'firefox-esr')];
    for (const path of [chromium, firefox]) writeFileSync(path, '');
    assert.equal(findChromium(env, 'linux'), chromium);
    assert.equal(findHeadlessChromium(env, 'linux'), chromium);
    const headless = join(folder, 'chromium-headless-shell');
    writeFileSync(headless, '');
    assert.equal(findHeadlessChromium(env, 'linux'), headless);
    assert.equal(findFirefox(env, 'linux'), firefox);
  });

  test('browser is found among the programs of Windows', () => {
    const path = join(folder, 'Microsoft', 'Edge', 'Application');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'msedge.exe'), '');
    assert.equal(findChromium({ ProgramFiles: folder }, 'win32'), join(path, 'msedge.exe'));
  });
});
