import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { lanAddresses, reachableHosts } from '../../scripts/addresses.ts';
import { findChromium } from '../../scripts/chromium.ts';
import { isStale } from '../../scripts/stale.ts';

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

describe('the addresses shown', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;

  test('are those other devices can reach', () => {
    const interfaces = {
      lo: [at('127.0.0.1', 'IPv4', true)],
      wlan0: [at('192.168.1.20'), at('fe80::1', 'IPv6')],
      eth1: [at('169.254.3.4')],
      docker0: [at('172.17.0.1')],
    };
    assert.deepEqual(lanAddresses(interfaces), ['192.168.1.20']);
  });

  test('are this machine and its LAN addresses for a server that listens everywhere', () => {
    assert.deepEqual(reachableHosts('0.0.0.0', ['192.168.1.20']), ['localhost', '192.168.1.20']);
  });

  test('are the one address a server listens on', () => {
    assert.deepEqual(reachableHosts('127.0.0.1', ['192.168.1.20']), ['127.0.0.1']);
  });
});

describe('a browser is found', () => {
  test('where CHROMIUM_PATH says', () => {
    assert.equal(findChromium({ CHROMIUM_PATH: '/opt/my-chromium' }), '/opt/my-chromium');
  });

  test('on the PATH of Linux', { skip: process.platform === 'win32' && 'paths of Linux' }, () => {
    const path = join(folder, 'chromium');
    writeFileSync(path, '');
    assert.equal(findChromium({ PATH: `/nowhere:${folder}` }, 'linux'), path);
  });

  test('among the programs of Windows', () => {
    const path = join(folder, 'Microsoft', 'Edge', 'Application');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'msedge.exe'), '');
    assert.equal(findChromium({ ProgramFiles: folder }, 'win32'), join(path, 'msedge.exe'));
  });
});
