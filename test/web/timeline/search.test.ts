import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HistoryApi } from '../../../web/timeline/history-api.ts';
import { PAGE_RESULTS, Search, TYPING_PAUSE_MS } from '../../../web/timeline/search.ts';
import { answersTaken, FakeArchive, FakeClock } from '../fakes.ts';

class Desk {
  readonly clock = new FakeClock();
  readonly archive = new FakeArchive().keep(100);
  readonly search = new Search({
    historyApi: new HistoryApi({
      fetchJson: this.archive.ask,
      startTimer: this.clock.wait,
      changed: () => {},
    }),
    startTimer: this.clock.wait,
    changed: () => {},
  });

  async look(query: string): Promise<void> {
    this.search.setQuery(query);
    this.clock.pass(TYPING_PAUSE_MS);
    await answersTaken();
  }

  get seqs(): number[] {
    return this.search.results.map(({ seq }) => seq);
  }
}

describe('search', () => {
  it('returns results, newest first', async () => {
    const desk = new Desk();
    desk.search.setQuery('m9');
    assert.equal(desk.search.state, 'searching');
    desk.clock.pass(TYPING_PAUSE_MS);
    await answersTaken();
    assert.equal(desk.search.state, 'found');
    assert.deepEqual(desk.seqs, [99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 9]);
    assert.equal(desk.search.hasMore, false);
  });

  it('does not send a request for each letter', async () => {
    const desk = new Desk();
    desk.search.setQuery('m');
    desk.clock.pass(TYPING_PAUSE_MS - 1);
    await desk.look('m9');
    assert.deepEqual(desk.archive.asked, [`q=m9&limit=${PAGE_RESULTS}`]);
  });

  it('drops the answer to an older query', async () => {
    const desk = new Desk();
    desk.archive.isSlow = true;
    await desk.look('m8');
    await desk.look('m9');
    const [answerOlder, answerNewer] = desk.archive.waiting;
    answerNewer?.();
    await answersTaken();
    answerOlder?.();
    await answersTaken();
    assert.equal(desk.search.answeredQuery, 'm9');
    assert.equal(desk.seqs[0], 99);
  });

  it('drops an answer that arrives while the query is edited', async () => {
    const desk = new Desk();
    desk.archive.isSlow = true;
    await desk.look('m8');
    desk.search.setQuery('');
    desk.archive.waiting.shift()?.();
    await answersTaken();
    assert.equal(desk.search.state, 'idle');
    assert.deepEqual(desk.seqs, []);
  });

  it('appends older results', async () => {
    const desk = new Desk();
    await desk.look('m');
    assert.equal(desk.search.hasMore, true);
    for (let i = 0; i < 9; i++) await desk.search.loadMore();
    assert.deepEqual(
      desk.seqs,
      Array.from({ length: 100 }, (_, i) => 100 - i),
    );
    assert.equal(desk.search.hasMore, false);
  });

  it('appends one page at a time', async () => {
    const desk = new Desk();
    await desk.look('m');
    await Promise.all([desk.search.loadMore(), desk.search.loadMore()]);
    assert.equal(desk.seqs.length, 2 * PAGE_RESULTS);
    assert.equal(desk.archive.asked.length, 2);
  });

  it('reports a failure and retries', async () => {
    const desk = new Desk();
    desk.archive.fails = true;
    await desk.look('m');
    assert.equal(desk.search.state, 'failed');
    desk.archive.fails = false;
    desk.search.retry();
    await answersTaken();
    assert.equal(desk.search.state, 'found');
    desk.archive.fails = true;
    await desk.search.loadMore();
    assert.equal(desk.search.state, 'addFailed');
    desk.archive.fails = false;
    desk.search.retry();
    await answersTaken();
    assert.equal(desk.seqs.length, 2 * PAGE_RESULTS);
  });

  it('reports when the gateway has not searched all messages', async () => {
    const desk = new Desk();
    desk.archive.isIndexed = false;
    await desk.look('m9');
    assert.equal(desk.search.isComplete, false);
    desk.archive.isIndexed = true;
    await desk.look('m8');
    assert.equal(desk.search.isComplete, true);
  });

  it('sends no request for a query without a term', async () => {
    const desk = new Desk();
    await desk.look('¡!');
    assert.equal(desk.search.state, 'found');
    await desk.look('  ');
    assert.equal(desk.search.state, 'idle');
    assert.deepEqual(desk.archive.asked, []);
  });
});
