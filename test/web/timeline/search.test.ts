import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HistoryApi } from '../../../web/timeline/history-api.ts';
import { PAGE_RESULTS, Search, TYPING_PAUSE_MS } from '../../../web/timeline/search.ts';
import { answersProcessed, FakeHistoryApi, ManualClock } from '../fakes.ts';

class SearchHarness {
  readonly clock = new ManualClock();
  readonly api = new FakeHistoryApi().keep(100);
  readonly search = new Search({
    historyApi: new HistoryApi({
      fetchJson: this.api.fetchJson,
      startTimer: this.clock.startTimer,
      changed: () => {},
    }),
    startTimer: this.clock.startTimer,
    changed: () => {},
  });

  async searchFor(query: string): Promise<void> {
    this.search.setQuery(query);
    this.clock.pass(TYPING_PAUSE_MS);
    await answersProcessed();
  }

  get seqs(): number[] {
    return this.search.results.map(({ seq }) => seq);
  }
}

describe('search', () => {
  it('returns results, newest first', async () => {
    const harness = new SearchHarness();
    harness.search.setQuery('m9');
    assert.equal(harness.search.state, 'searching');
    harness.clock.pass(TYPING_PAUSE_MS);
    await answersProcessed();
    assert.equal(harness.search.state, 'found');
    assert.deepEqual(harness.seqs, [99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 9]);
    assert.equal(harness.search.hasMore, false);
  });

  it('does not send a request for each letter', async () => {
    const harness = new SearchHarness();
    harness.search.setQuery('m');
    harness.clock.pass(TYPING_PAUSE_MS - 1);
    await harness.searchFor('m9');
    assert.deepEqual(harness.api.requests, [`q=m9&limit=${PAGE_RESULTS}`]);
  });

  it('drops the answer to an older query', async () => {
    const harness = new SearchHarness();
    harness.api.isSlow = true;
    await harness.searchFor('m8');
    await harness.searchFor('m9');
    const [answerOlder, answerNewer] = harness.api.pendingAnswers;
    answerNewer?.();
    await answersProcessed();
    answerOlder?.();
    await answersProcessed();
    assert.equal(harness.search.answeredQuery, 'm9');
    assert.equal(harness.seqs[0], 99);
  });

  it('drops an answer that arrives while the query is edited', async () => {
    const harness = new SearchHarness();
    harness.api.isSlow = true;
    await harness.searchFor('m8');
    harness.search.setQuery('');
    harness.api.pendingAnswers.shift()?.();
    await answersProcessed();
    assert.equal(harness.search.state, 'idle');
    assert.deepEqual(harness.seqs, []);
  });

  it('appends older results', async () => {
    const harness = new SearchHarness();
    await harness.searchFor('m');
    assert.equal(harness.search.hasMore, true);
    for (let i = 0; i < 9; i++) await harness.search.loadMore();
    assert.deepEqual(
      harness.seqs,
      Array.from({ length: 100 }, (_, i) => 100 - i),
    );
    assert.equal(harness.search.hasMore, false);
  });

  it('appends one page at a time', async () => {
    const harness = new SearchHarness();
    await harness.searchFor('m');
    await Promise.all([harness.search.loadMore(), harness.search.loadMore()]);
    assert.equal(harness.seqs.length, 2 * PAGE_RESULTS);
    assert.equal(harness.api.requests.length, 2);
  });

  it('reports a failure and retries', async () => {
    const harness = new SearchHarness();
    harness.api.fails = true;
    await harness.searchFor('m');
    assert.equal(harness.search.state, 'failed');
    harness.api.fails = false;
    harness.search.retry();
    await answersProcessed();
    assert.equal(harness.search.state, 'found');
    harness.api.fails = true;
    await harness.search.loadMore();
    assert.equal(harness.search.state, 'addFailed');
    harness.api.fails = false;
    harness.search.retry();
    await answersProcessed();
    assert.equal(harness.seqs.length, 2 * PAGE_RESULTS);
  });

  it('reports when the gateway has not searched all messages', async () => {
    const harness = new SearchHarness();
    harness.api.isIndexed = false;
    await harness.searchFor('m9');
    assert.equal(harness.search.isComplete, false);
    harness.api.isIndexed = true;
    await harness.searchFor('m8');
    assert.equal(harness.search.isComplete, true);
  });

  it('sends no request for a query without a term', async () => {
    const harness = new SearchHarness();
    await harness.searchFor('¡!');
    assert.equal(harness.search.state, 'found');
    await harness.searchFor('  ');
    assert.equal(harness.search.state, 'idle');
    assert.deepEqual(harness.api.requests, []);
  });
});
