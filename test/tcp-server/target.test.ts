import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '../../tcp-server/target.ts';

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
  test(`"${text}" is ${host}, port ${port}`, () => assert.deepEqual(parseTarget(text), { host, port }));
}

for (const text of ['sala:', 'sala:0', 'sala:65536', 'sala:doce', '[::1', '[::1]4000', '[]:4000']) {
  test(`"${text}" is no target`, () => assert.equal(parseTarget(text), undefined));
}
