import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AROUND_MESSAGES,
  History,
  LIVE_MAX_MESSAGES,
  PAGE_MESSAGES,
  READING_MAX_MESSAGES,
} from '../../../web/timeline/history.ts';
import { HistoryApi } from '../../../web/timeline/history-api.ts';
import type { Missing } from '../../../web/timeline/log-segment.ts';
import { answersTaken, entry, FakeArchive, FakeClock } from '../fakes.ts';

/** Somebody who reads a log of which the newest came over the WebSocket. */
class Reader {
  readonly archive = new FakeArchive();
  readonly clock = new FakeClock();
  changes = 0;
  readonly found: number[] = [];
  readonly history = new History({
    historyApi: new HistoryApi({
      fetchJson: this.archive.ask,
      startTimer: this.clock.wait,
      changed: () => {},
    }),
    isOwn: () => false,
    onFound: (entries) => this.found.push(...entries.map(({ seq }) => seq)),
    changed: () => this.changes++,
  });

  constructor(head: number, tail = 1, newest = 100) {
    this.archive.keep(head, tail);
    this.history.welcome('epoch-1', tail);
    this.hear(...this.archive.entries.slice(-newest).map(({ seq }) => seq));
  }

  hear(...seqs: number[]): void {
    for (const seq of seqs) this.history.append(entry(seq, `m${seq}`));
  }

  /** The numbers shown, `first-last` where there are no others between, holes as `(n)`. */
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

  get hole(): Missing {
    const hole = this.history.items.find((item) => item.kind === 'missing');
    assert.ok(hole?.kind === 'missing');
    return hole;
  }

  async lookBackTimes(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.history.loadOlder();
  }
}

const around = (seq: number) => `${seq - AROUND_MESSAGES / 2 + 1}-${seq + AROUND_MESSAGES / 2}`;

describe('history', () => {
  it('starts at the newest and loads older entries', async () => {
    const reader = new Reader(1000);
    assert.equal(reader.shown, '901-1000');
    assert.equal(reader.history.above, 'more');
    const loaded = reader.history.loadOlder();
    assert.equal(reader.history.above, 'loading');
    await loaded;
    assert.equal(reader.shown, `${901 - PAGE_MESSAGES}-1000`);
    assert.deepEqual(reader.archive.asked, [`before=901&limit=${PAGE_MESSAGES}`]);
  });

  it('has one request at a time', async () => {
    const reader = new Reader(1000);
    await Promise.all([reader.history.loadOlder(), reader.history.loadOlder()]);
    assert.equal(reader.archive.asked.length, 1);
  });

  it('recognizes the beginning without a request', async () => {
    const { history, archive } = new Reader(50);
    assert.equal(history.above, 'end');
    assert.equal(history.keepsBeginning, true);
    await history.loadOlder();
    assert.deepEqual(archive.asked, []);
  });

  it('recognizes that older messages are no longer kept', async () => {
    const reader = new Reader(250, 120);
    await reader.lookBackTimes(3);
    assert.equal(reader.shown, '120-250');
    assert.equal(reader.history.above, 'end');
    assert.equal(reader.history.keepsBeginning, false);
  });

  it('loads after a failure only on a retry', async () => {
    const reader = new Reader(1000);
    reader.archive.fails = true;
    await reader.history.loadOlder();
    assert.equal(reader.history.above, 'failed');
    reader.archive.fails = false;
    await reader.history.loadOlder();
    assert.equal(reader.archive.asked.length, 1);
    await reader.history.loadOlder(true);
    assert.equal(reader.shown, `${901 - PAGE_MESSAGES}-1000`);
  });

  it('rejects a page of another log', async () => {
    const reader = new Reader(1000);
    reader.archive.epoch = 'epoch-2';
    await reader.history.loadOlder();
    assert.equal(reader.history.above, 'failed');
    assert.equal(reader.shown, '901-1000');
  });

  it('evicts the newest while the reader is far up, and joins them again', async () => {
    const reader = new Reader(2000);
    await reader.lookBackTimes(900 / PAGE_MESSAGES);
    assert.equal(reader.shown, `1001-${1000 + READING_MAX_MESSAGES}`);
    assert.equal(reader.history.isLive, false);
    assert.equal(reader.history.below, 'more');
    for (let i = 0; i < 99 && !reader.history.isLive; i++) {
      await reader.history.loadNewer();
      assert.ok(reader.history.items.length <= READING_MAX_MESSAGES);
    }
    assert.equal(reader.shown, `${2001 - READING_MAX_MESSAGES}-2000`);
    assert.equal(reader.history.below, 'end');
  });

  it('receives new entries while another segment is shown', async () => {
    const reader = new Reader(2000);
    await reader.history.goTo({ seq: 100, isFound: true });
    reader.hear(2001);
    assert.equal(reader.shown, around(100));
    assert.equal(reader.history.last, 2001);
    reader.history.showNewest();
    assert.equal(reader.shown, '1901-2001');
  });

  it('keeps the entries at the reading position in a busy room', () => {
    const reader = new Reader(100);
    reader.hear(...Array.from({ length: 1000 }, (_, i) => 101 + i));
    reader.history.trim(false);
    assert.equal(reader.shown, `1-${READING_MAX_MESSAGES}`);
    reader.history.showNewest();
    assert.equal(reader.shown, `${1101 - LIVE_MAX_MESSAGES}-1100`);
  });

  it('drops an answer that was requested before a trim', async () => {
    const reader = new Reader(1000);
    reader.archive.isSlow = true;
    const loaded = reader.history.loadOlder();
    reader.hear(...Array.from({ length: LIVE_MAX_MESSAGES }, (_, i) => 1001 + i));
    reader.history.trim(true);
    reader.archive.waiting.shift()?.();
    await loaded;
    assert.equal(reader.shown, `1001-${1000 + LIVE_MAX_MESSAGES}`);
  });

  it('goes to a loaded message without a request', async () => {
    const reader = new Reader(1000);
    assert.equal(await reader.history.goTo({ seq: 950, isFound: true }), true);
    assert.deepEqual(reader.archive.asked, []);
    assert.deepEqual(reader.history.target, { seq: 950, isFound: true });
  });

  it("stays where it is if the target can't be loaded", async () => {
    const reader = new Reader(1000);
    reader.archive.fails = true;
    assert.equal(await reader.history.goTo({ seq: 5, isFound: true }), false);
    assert.equal(reader.shown, '901-1000');
    assert.equal(reader.history.target, undefined);
  });

  it('goes to the last of two targets, whichever loads first', async () => {
    const reader = new Reader(1000);
    reader.archive.isSlow = true;
    const first = reader.history.goTo({ seq: 100, isFound: true });
    const second = reader.history.goTo({ seq: 500, isFound: true });
    const [answerFirst, answerSecond] = reader.archive.waiting;
    answerSecond?.();
    await second;
    answerFirst?.();
    assert.equal(await first, false);
    assert.equal(reader.shown, around(500));
  });

  it('drops an answer for a segment that is no longer shown', async () => {
    const reader = new Reader(2000);
    await reader.history.goTo({ seq: 500, isFound: true });
    reader.archive.isSlow = true;
    reader.history.loadOlder();
    reader.history.showNewest();
    reader.archive.fails = true;
    reader.archive.waiting.shift()?.();
    await answersTaken();
    assert.equal(reader.shown, '1901-2000');
    assert.equal(reader.history.above, 'more');
  });

  it('joins the newest across lost entries, and shows them as missing', async () => {
    const reader = new Reader(2000);
    await reader.history.goTo({ seq: 100, isFound: true });
    reader.archive.entries = reader.archive.entries.filter(({ seq }) => seq <= 150 || seq > 1900);
    await reader.history.loadNewer();
    await reader.history.loadNewer();
    assert.equal(reader.shown, `${101 - AROUND_MESSAGES / 2}-150 (1750) 1901-2000`);
    assert.equal(reader.history.isLive, true);
  });

  it('loads missing messages page by page', async () => {
    const reader = new Reader(1000);
    reader.archive.keep(1300);
    const end = 1001 + 1.5 * PAGE_MESSAGES;
    reader.hear(end);
    assert.equal(reader.shown, `901-1000 (${1.5 * PAGE_MESSAGES}) ${end}-${end}`);
    const loaded = reader.history.loadMissing(reader.hole);
    assert.equal(reader.history.missingState(reader.hole), 'loading');
    await loaded;
    assert.equal(reader.shown, `901-${1000 + PAGE_MESSAGES} (${PAGE_MESSAGES / 2}) ${end}-${end}`);
    assert.equal(reader.history.missingState(reader.hole), 'open');
    await reader.history.loadMissing(reader.hole);
    assert.equal(reader.shown, `901-${end}`);
    assert.deepEqual(
      reader.found,
      Array.from({ length: 1.5 * PAGE_MESSAGES }, (_, i) => 1001 + i),
    );
  });

  it('reports whether missing messages are gone or failed to load', async () => {
    const reader = new Reader(1000);
    reader.hear(1151);
    reader.archive.fails = true;
    await reader.history.loadMissing(reader.hole);
    assert.equal(reader.history.missingState(reader.hole), 'failed');
    reader.archive.fails = false;
    await reader.history.loadMissing(reader.hole);
    assert.equal(reader.history.missingState(reader.hole), 'gone');
  });

  it('marks messages older than the tail as gone without a request', () => {
    const reader = new Reader(1000);
    reader.history.welcome('epoch-1', 1151);
    reader.hear(1151);
    assert.equal(reader.history.missingState(reader.hole), 'gone');
  });
});
