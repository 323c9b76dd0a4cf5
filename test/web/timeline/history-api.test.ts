import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Effects } from '../../../web/client/effects.ts';
import { HistoryApi, RateLimitedError, RETRY_MAX_MS } from '../../../web/timeline/history-api.ts';
import { answersProcessed, entry, ManualClock } from '../fakes.ts';

/** An API with a manual clock, and its reported states. */
function apiOf(fetchJson: Effects['fetchJson']) {
  const clock = new ManualClock();
  const told: boolean[] = [];
  const archive: HistoryApi = new HistoryApi({
    fetchJson,
    startTimer: clock.startTimer,
    changed: () => told.push(archive.isRateLimited),
  });
  return { archive, clock, told };
}

const answer = { epoch: 'e', head: 2, tail: 1, messages: [entry(1, 'a')], more: true };

describe('history API', () => {
  it('encodes the range in the query string', async () => {
    const asked: string[] = [];
    const { archive } = apiOf(async (path) => {
      asked.push(path);
      return answer;
    });
    assert.deepEqual(await archive.read({ before: 7, limit: 30, q: 'a&b ñ' }), answer);
    assert.deepEqual(asked, ['/api/messages?before=7&limit=30&q=a%26b+%C3%B1']);
  });

  for (const [problem, wrong] of Object.entries({
    'no object': 'hola',
    'no epoch': { ...answer, epoch: undefined },
    'no list': { ...answer, messages: 'a' },
    'no entries': { ...answer, messages: [{ seq: 'a' }] },
    'no end': { ...answer, more: undefined },
  })) {
    it(`rejects an answer with ${problem}`, async () => {
      await assert.rejects(apiOf(async () => wrong).archive.read({ limit: 1 }), /not a page/);
    });
  }

  it('waits as long as the rate limit demands, reports that, and repeats the request', async () => {
    const asked: string[] = [];
    const { archive, clock, told } = apiOf(async (path) => {
      if (asked.push(path) < 3) throw new RateLimitedError(2_000);
      return answer;
    });
    const reading = archive.read({ before: 7, limit: 30 });
    for (const count of [1, 2]) {
      await answersProcessed();
      clock.pass(1_999);
      await answersProcessed();
      assert.deepEqual([asked.length, archive.isRateLimited], [count, true]);
      clock.pass(1);
    }
    assert.deepEqual(await reading, answer);
    assert.deepEqual(new Set(asked), new Set(['/api/messages?before=7&limit=30']));
    assert.deepEqual([told.at(0), told.at(-1)], [true, false]);
  });

  it('gives up after RETRY_MAX_MS', async () => {
    const { archive, clock } = apiOf(async () => {
      throw new RateLimitedError(RETRY_MAX_MS / 2);
    });
    const refused = assert.rejects(archive.read({ limit: 1 }), RateLimitedError);
    for (let i = 0; i < 2; i++) {
      await answersProcessed();
      clock.pass(RETRY_MAX_MS / 2);
    }
    await refused;
    assert.equal(archive.isRateLimited, false);
  });

  it('does not wait longer than RETRY_MAX_MS, nor for other errors', async () => {
    for (const error of [new RateLimitedError(RETRY_MAX_MS + 1), new Error('503')]) {
      const { archive } = apiOf(async () => {
        throw error;
      });
      await assert.rejects(archive.read({ limit: 1 }), error);
    }
  });
});
