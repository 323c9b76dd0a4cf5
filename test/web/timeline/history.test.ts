import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AROUND_MESSAGES,
  FILTERED_MAX_MESSAGES,
  History,
  LIVE_MAX_MESSAGES,
  PAGE_MESSAGES,
  READING_MAX_MESSAGES,
} from '../../../web/timeline/history.ts';
import { HistoryApi } from '../../../web/timeline/history-api.ts';
import type { Missing } from '../../../web/timeline/log-segment.ts';
import { answersProcessed, entry, FakeHistoryApi, ManualClock } from '../fakes.ts';

/** A history whose newest entries came over the WebSocket. */
class HistoryHarness {
  readonly api = new FakeHistoryApi();
  readonly clock = new ManualClock();
  changes = 0;
  readonly found: number[] = [];
  readonly history = new History({
    historyApi: new HistoryApi({
      fetchJson: this.api.fetchJson,
      startTimer: this.clock.startTimer,
      changed: () => {},
    }),
    isOwn: () => false,
    onFound: (entries) => this.found.push(...entries.map(({ seq }) => seq)),
    changed: () => this.changes++,
  });

  constructor(head: number, tail = 1, newest = 100) {
    this.api.keep(head, tail);
    this.history.welcome('epoch-1', tail);
    this.receive(...this.api.entries.slice(-newest).map(({ seq }) => seq));
  }

  receive(...seqs: number[]): void {
    for (const seq of seqs) this.history.append(entry(seq, `m${seq}`));
  }

  /** The shown numbers: contiguous ones as `first-last`, missing ones as `(count)`. */
  get shown(): string {
    const runs: string[] = [];
    for (const item of this.history.items) {
      const last = runs.at(-1)?.split('-');
      if (item.kind === 'missing') runs.push(`(${item.count})`);
      else if (Number(last?.[1]) === item.seq - 1) runs[runs.length - 1] = `${last?.[0]}-${item.seq}`;
      else runs.push(`${item.seq}-${item.seq}`);
    }
    return runs.join(' ');
  }

  get missing(): Missing {
    const hole = this.history.items.find((item) => item.kind === 'missing');
    assert.ok(hole?.kind === 'missing');
    return hole;
  }

  async loadOlderTimes(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.history.loadOlder();
  }
}

const around = (seq: number) => `${seq - AROUND_MESSAGES / 2 + 1}-${seq + AROUND_MESSAGES / 2}`;

describe('history', () => {
  it('starts at the newest and loads older entries', async () => {
    const harness = new HistoryHarness(1000);
    assert.equal(harness.shown, '901-1000');
    assert.equal(harness.history.above, 'more');
    const loaded = harness.history.loadOlder();
    assert.equal(harness.history.above, 'loading');
    await loaded;
    assert.equal(harness.shown, `${901 - PAGE_MESSAGES}-1000`);
    assert.deepEqual(harness.api.requests, [`before=901&limit=${PAGE_MESSAGES}`]);
  });

  it('has one request at a time', async () => {
    const harness = new HistoryHarness(1000);
    await Promise.all([harness.history.loadOlder(), harness.history.loadOlder()]);
    assert.equal(harness.api.requests.length, 1);
  });

  it('recognizes the beginning without a request', async () => {
    const { history, api } = new HistoryHarness(50);
    assert.equal(history.above, 'end');
    assert.equal(history.keepsBeginning, true);
    await history.loadOlder();
    assert.deepEqual(api.requests, []);
  });

  it('recognizes that older messages are no longer kept', async () => {
    const harness = new HistoryHarness(250, 120);
    await harness.loadOlderTimes(3);
    assert.equal(harness.shown, '120-250');
    assert.equal(harness.history.above, 'end');
    assert.equal(harness.history.keepsBeginning, false);
  });

  it('loads after a failure only on a retry', async () => {
    const harness = new HistoryHarness(1000);
    harness.api.fails = true;
    await harness.history.loadOlder();
    assert.equal(harness.history.above, 'failed');
    harness.api.fails = false;
    await harness.history.loadOlder();
    assert.equal(harness.api.requests.length, 1);
    await harness.history.loadOlder(true);
    assert.equal(harness.shown, `${901 - PAGE_MESSAGES}-1000`);
  });

  it('rejects a page of another log', async () => {
    const harness = new HistoryHarness(1000);
    harness.api.epoch = 'epoch-2';
    await harness.history.loadOlder();
    assert.equal(harness.history.above, 'failed');
    assert.equal(harness.shown, '901-1000');
  });

  it('evicts the newest while the harness is far up, and joins them again', async () => {
    const harness = new HistoryHarness(2000);
    await harness.loadOlderTimes(900 / PAGE_MESSAGES);
    assert.equal(harness.shown, `1001-${1000 + READING_MAX_MESSAGES}`);
    assert.equal(harness.history.isLive, false);
    assert.equal(harness.history.below, 'more');
    for (let i = 0; i < 99 && !harness.history.isLive; i++) {
      await harness.history.loadNewer();
      assert.ok(harness.history.items.length <= READING_MAX_MESSAGES);
    }
    assert.equal(harness.shown, `${2001 - READING_MAX_MESSAGES}-2000`);
    assert.equal(harness.history.below, 'end');
  });

  it('receives new entries while another segment is shown', async () => {
    const harness = new HistoryHarness(2000);
    await harness.history.goTo({ seq: 100, isFound: true });
    harness.receive(2001);
    assert.equal(harness.shown, around(100));
    assert.equal(harness.history.last, 2001);
    harness.history.showNewest();
    assert.equal(harness.shown, '1901-2001');
  });

  it('keeps the entries at the reading position in a busy room', () => {
    const harness = new HistoryHarness(100);
    harness.receive(...Array.from({ length: 1000 }, (_, i) => 101 + i));
    harness.history.trim(false);
    assert.equal(harness.shown, `1-${READING_MAX_MESSAGES}`);
    harness.history.showNewest();
    assert.equal(harness.shown, `${1101 - LIVE_MAX_MESSAGES}-1100`);
  });

  it('keeps more entries while they are filtered, and until the newest is shown again', async () => {
    const harness = new HistoryHarness(4000);
    harness.history.setFiltered(true);
    await harness.loadOlderTimes(20);
    harness.history.trim(false);
    assert.equal(harness.shown, '1901-4000');
    harness.history.setFiltered(false);
    harness.history.trim(false);
    assert.equal(harness.shown, '1901-4000');
    await harness.loadOlderTimes(9);
    assert.equal(harness.shown, `1001-${1000 + FILTERED_MAX_MESSAGES}`);
    harness.history.showNewest();
    harness.history.trim(true);
    assert.equal(harness.shown, `${4001 - LIVE_MAX_MESSAGES}-4000`);
  });

  it('drops an answer that was requested before a trim', async () => {
    const harness = new HistoryHarness(1000);
    harness.api.isSlow = true;
    const loaded = harness.history.loadOlder();
    harness.receive(...Array.from({ length: LIVE_MAX_MESSAGES }, (_, i) => 1001 + i));
    harness.history.trim(true);
    harness.api.pendingAnswers.shift()?.();
    await loaded;
    assert.equal(harness.shown, `1001-${1000 + LIVE_MAX_MESSAGES}`);
  });

  it('goes to a loaded message without a request', async () => {
    const harness = new HistoryHarness(1000);
    assert.equal(await harness.history.goTo({ seq: 950, isFound: true }), true);
    assert.deepEqual(harness.api.requests, []);
    assert.deepEqual(harness.history.target, { seq: 950, isFound: true });
  });

  it("stays where it is if the target can't be loaded", async () => {
    const harness = new HistoryHarness(1000);
    harness.api.fails = true;
    assert.equal(await harness.history.goTo({ seq: 5, isFound: true }), false);
    assert.equal(harness.shown, '901-1000');
    assert.equal(harness.history.target, undefined);
  });

  it('goes to the last of two targets, whichever loads first', async () => {
    const harness = new HistoryHarness(1000);
    harness.api.isSlow = true;
    const first = harness.history.goTo({ seq: 100, isFound: true });
    const second = harness.history.goTo({ seq: 500, isFound: true });
    const [answerFirst, answerSecond] = harness.api.pendingAnswers;
    answerSecond?.();
    await second;
    answerFirst?.();
    assert.equal(await first, false);
    assert.equal(harness.shown, around(500));
  });

  it('drops an answer for a segment that is no longer shown', async () => {
    const harness = new HistoryHarness(2000);
    await harness.history.goTo({ seq: 500, isFound: true });
    harness.api.isSlow = true;
    harness.history.loadOlder();
    harness.history.showNewest();
    harness.api.fails = true;
    harness.api.pendingAnswers.shift()?.();
    await answersProcessed();
    assert.equal(harness.shown, '1901-2000');
    assert.equal(harness.history.above, 'more');
  });

  it('joins the newest across lost entries, and shows them as missing', async () => {
    const harness = new HistoryHarness(2000);
    await harness.history.goTo({ seq: 100, isFound: true });
    harness.api.entries = harness.api.entries.filter(({ seq }) => seq <= 150 || seq > 1900);
    await harness.history.loadNewer();
    await harness.history.loadNewer();
    assert.equal(harness.shown, `${101 - AROUND_MESSAGES / 2}-150 (1750) 1901-2000`);
    assert.equal(harness.history.isLive, true);
  });

  it('loads missing messages page by page', async () => {
    const harness = new HistoryHarness(1000);
    harness.api.keep(1300);
    const end = 1001 + 1.5 * PAGE_MESSAGES;
    harness.receive(end);
    assert.equal(harness.shown, `901-1000 (${1.5 * PAGE_MESSAGES}) ${end}-${end}`);
    const loaded = harness.history.loadMissing(harness.missing);
    assert.equal(harness.history.missingState(harness.missing), 'loading');
    await loaded;
    assert.equal(harness.shown, `901-${1000 + PAGE_MESSAGES} (${PAGE_MESSAGES / 2}) ${end}-${end}`);
    assert.equal(harness.history.missingState(harness.missing), 'open');
    await harness.history.loadMissing(harness.missing);
    assert.equal(harness.shown, `901-${end}`);
    assert.deepEqual(
      harness.found,
      Array.from({ length: 1.5 * PAGE_MESSAGES }, (_, i) => 1001 + i),
    );
  });

  it('reports whether missing messages are gone or failed to load', async () => {
    const harness = new HistoryHarness(1000);
    harness.receive(1151);
    harness.api.fails = true;
    await harness.history.loadMissing(harness.missing);
    assert.equal(harness.history.missingState(harness.missing), 'failed');
    harness.api.fails = false;
    await harness.history.loadMissing(harness.missing);
    assert.equal(harness.history.missingState(harness.missing), 'gone');
  });

  it('marks messages older than the tail as gone without a request', () => {
    const harness = new HistoryHarness(1000);
    harness.history.welcome('epoch-1', 1151);
    harness.receive(1151);
    assert.equal(harness.history.missingState(harness.missing), 'gone');
  });
});
