import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../common/token-bucket.ts';

test('TokenBucket charge causes a debt that is paid at the rate, after one burst without debt', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const bucket = new TokenBucket({ burst: 1000, perSecond: 1000 });
  const debtAfter = (tokens: number): number => {
    bucket.charge(tokens);
    return bucket.debtMs();
  };
  assert.equal(debtAfter(1000), 0);
  assert.equal(debtAfter(1), 1);
  assert.equal(debtAfter(999), 1000);
  now += 1000;
  assert.equal(debtAfter(0), 0);
  now += 60_000;
  assert.equal(debtAfter(1000), 0);
  assert.equal(debtAfter(500), 500);
});

test('TokenBucket ignores a change of the system time', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const bucket = new TokenBucket({ burst: 1, perSecond: 0.001 });
  assert.ok(bucket.take());
  t.mock.timers.setTime(1_000_000_000);
  assert.ok(!bucket.take());
});
