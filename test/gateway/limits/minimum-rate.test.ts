import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MinimumRate } from '../../../gateway/limits/minimum-rate.ts';

test('minimum rate refuses a client one byte below it, and none at it', () => {
  const connection = { bytesWritten: 5_000, writableLength: 5_000 };
  const rate = new MinimumRate({ bytesPerSecond: 1024, windowMs: 500 }, connection);
  connection.writableLength -= 512;
  assert.equal(rate.isTooSlow(), false);
  connection.writableLength -= 511;
  assert.equal(rate.isTooSlow(), true);
  connection.bytesWritten += 512;
  assert.equal(rate.isTooSlow(), false, 'each window counts alone');
});

test('minimum rate refuses no client for which nothing waits', () => {
  const connection = { bytesWritten: 5_000, writableLength: 0 };
  const rate = new MinimumRate({ bytesPerSecond: 1024, windowMs: 500 }, connection);
  assert.equal(rate.isTooSlow(), false);
});
