import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findChromium } from '../../scripts/lib/chromium.ts';
import { findFirefox } from '../../scripts/lib/firefox.ts';
import { isStale } from '../../scripts/lib/stale.ts';

const folder = mkdtempSync(join(tmpdir(), 'tertulia-scripts-'));
after(() => rmSync(folder, { recursive: true }));

describe('what was built is stale', () => {
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

  test('not when it is newer than every source', () => {
    setTimes({ folder: 10, file: 10, output: 20 });
    assert.equal(isStale([source], [output]), false);
  });

  test('when a source changed since', () => {
    setTimes({ folder: 10, file: 30, output: 20 });
    assert.equal(isStale([source], [output]), true);
  });

  test('when a source was taken away, which only the folder tells', () => {
    setTimes({ folder: 30, file: 10, output: 20 });
    assert.equal(isStale([source], [output]), true);
  });

  test('when one of the outputs is not there', () => {
    setTimes({ folder: 10, file: 10, output: 20 });
    assert.equal(isStale([source], [output, join(folder, 'missing.js')]), true);
  });
});

describe('a browser is found', () => {
  test('where CHROMIUM_PATH and FIREFOX_PATH say', () => {
    assert.equal(findChromium({ CHROMIUM_PATH: '/opt/my-chromium' }), '/opt/my-chromium');
    assert.equal(findFirefox({ FIREFOX_PATH: '/opt/my-firefox' }), '/opt/my-firefox');
  });

  test('on the PATH of Linux', { skip: process.platform === 'win32' && 'paths of Linux' }, () => {
    const env = { PATH: `/nowhere:${folder}` };
    const [chromium, firefox] = [join(folder, 'chromium'), join(folder, 'firefox-esr')];
    for (const path of [chromium, firefox]) writeFileSync(path, '');
    assert.equal(findChromium(env, 'linux'), chromium);
    assert.equal(findFirefox(env, 'linux'), firefox);
  });

  test('among the programs of Windows', () => {
    const path = join(folder, 'Microsoft', 'Edge', 'Application');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'msedge.exe'), '');
    assert.equal(findChromium({ ProgramFiles: folder }, 'win32'), join(path, 'msedge.exe'));
  });
});
