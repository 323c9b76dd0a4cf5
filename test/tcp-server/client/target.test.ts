import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '../../../tcp-server/client/target.ts';

const GOOD: [string, string, number][] = [
  ['', '127.0.0.1', 12345],
  [':4000', '127.0.0.1', 4000],
  ['sala', 'sala', 12345],
  ['192.168.1.20', '192.168.1.20', 12345],
  ['192.168.1.20:1', '192.168.1.20', 1],
  ['sala.example:65535', 'sala.example', 65535],
  ['::1', '::1', 12345],
  ['[::1]', '::1', 12345],
  ['[::1]:4000', '::1', 4000],
];

for (const [text, host, port] of GOOD) {
  test(`parseTarget reads "${text}" as ${host}, port ${port}`, () =>
    assert.deepEqual(parseTarget([text]), { host, port }));
}

for (const text of ['sala:', 'sala:0', 'sala:65536', 'sala:doce', '[::1', '[::1]4000', '[]:4000']) {
  test(`parseTarget refuses "${text}"`, () => assert.equal(parseTarget([text]), undefined));
}

const PAIRS: [string, string, string, number][] = [
  ['sala', '4000', 'sala', 4000],
  ['192.168.1.20', '65535', '192.168.1.20', 65535],
  ['::1', '4000', '::1', 4000],
  ['[::1]', '4000', '::1', 4000],
];

for (const [host, port, ...[expectedHost, expectedPort]] of PAIRS) {
  test(`parseTarget reads "${host}" and "${port}" as host and port`, () => {
    assert.deepEqual(parseTarget([host, port]), { host: expectedHost, port: expectedPort });
  });
}

for (const args of [
  ['sala', '0'],
  ['sala', '65536'],
  ['sala', 'doce'],
  ['sala:1', '2'],
  ['[::1]:1', '2'],
  ['a', '1', '2'],
]) {
  test(`parseTarget refuses the arguments ${JSON.stringify(args)}`, () =>
    assert.equal(parseTarget(args), undefined));
}

test('parseTarget without arguments gives the default host and port', () => {
  assert.deepEqual(parseTarget([]), { host: '127.0.0.1', port: 12345 });
});
