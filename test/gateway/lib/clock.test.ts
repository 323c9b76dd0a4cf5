/**
 * A wrong clock: what it does to the times in the log, and that it deletes nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BELIEVED_PAUSE_MS, type Clock, ClockTrust, TRUSTED_AFTER_MS } from '../../../gateway/lib/clock.ts';
import type { Entry } from '../../../gateway/protocol.ts';
import { type Retention, type Row, SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import type { Cleanup } from '../../helpers/eventually.ts';
import { dataDir, openTab, startGateway } from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { copyOf, KEEP_ALL } from '../../helpers/transcript.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const TODAY = Date.UTC(2026, 4, 4, 12);
const KEEP_90_DAYS = { ...KEEP_ALL, recentMs: 7 * DAY_MS, maxAgeMs: 90 * DAY_MS };

/** A clock to set: what passes, passes for both; a correction moves the time of day alone. */
class FakeClock implements Clock {
  #wall: number;
  #steady = 0;

  constructor(wall: number) {
    this.#wall = wall;
  }

  wall(): number {
    return this.#wall;
  }

  steady(): number {
    return this.#steady;
  }

  pass(ms: number): void {
    this.#wall += ms;
    this.#steady += ms;
  }

  correct(ms: number): void {
    this.#wall += ms;
  }
}

/** One process after another, each with what the last left and a clock of its own. */
class Runs {
  readonly #t: Cleanup;
  readonly #retention: Retention;
  #dir: string;

  constructor(t: Cleanup, retention: Retention = KEEP_90_DAYS) {
    this.#t = t;
    this.#retention = retention;
    this.#dir = dataDir(t);
  }

  run<T>(clock: Clock, live: (run: Run) => T): T {
    this.#dir = copyOf(this.#t, this.#dir);
    const archive = new SqliteStore({ dir: this.#dir, retention: this.#retention });
    const events = { onWriteError: assert.fail, onDiskChanged: assert.fail, onNewEpoch: () => assert.fail() };
    const transcript = new Transcript(archive, { maxEntries: 1_000, maxBytes: 1024 * 1024 }, events, clock);
    const trust = new ClockTrust(clock, archive.previousRun.trustedAt);
    try {
      return live(new Run(archive, transcript, trust));
    } finally {
      transcript.close();
    }
  }
}

class Run {
  readonly transcript: Transcript;
  readonly archive: SqliteStore;
  readonly #trust: ClockTrust;

  constructor(archive: SqliteStore, transcript: Transcript, trust: ClockTrust) {
    this.archive = archive;
    this.transcript = transcript;
    this.#trust = trust;
  }

  say(...texts: string[]): void {
    for (const text of texts)
      this.transcript.append({ at: this.transcript.now, from: '10.0.0.7:4000', text });
    this.transcript.flush();
  }

  /** As the transcript does each minute. */
  forget(): void {
    this.transcript.flush();
    while (this.archive.prune(this.#trust.look())) {}
  }

  get entries(): Entry[] {
    return this.transcript.find({ after: 0, limit: 1_000 }).map((json) => JSON.parse(json) as Entry);
  }

  get texts(): string[] {
    return this.entries.filter(({ gap }) => !gap).map(({ text }) => text);
  }
}

for (const days of [-200, 200]) {
  const direction = days < 0 ? 'behind' : 'ahead';
  test(`the log survives a start with a clock 200 days ${direction}`, (t) => {
    const runs = new Runs(t);
    runs.run(new FakeClock(TODAY), (run) => run.say('uno', 'dos'));
    runs.run(new FakeClock(TODAY + days * DAY_MS), (run) => {
      run.transcript.endGap();
      run.say('con otra hora');
      run.forget();
      assert.deepEqual(run.texts, ['uno', 'dos', 'con otra hora']);
    });
    runs.run(new FakeClock(TODAY + 10 * MINUTE_MS), (run) => {
      run.transcript.endGap();
      run.say('tres');
      run.forget();
      assert.deepEqual(run.texts, ['uno', 'dos', 'con otra hora', 'tres']);
      const times = run.entries.map(({ at }) => at);
      assert.deepEqual(
        times.toSorted((a, b) => a - b),
        times,
      );
      for (const { gap } of run.entries) if (gap) assert.ok(gap.since <= gap.until, JSON.stringify(gap));
    });
  });

  test(`the log survives a clock that is set 200 days ${direction} while it runs`, (t) => {
    const clock = new FakeClock(TODAY);
    new Runs(t).run(clock, (run) => {
      run.say('uno');
      run.forget();
      clock.correct(days * DAY_MS);
      run.transcript.beginGap(clock.wall());
      clock.correct(-days * DAY_MS);
      run.transcript.endGap();
      clock.correct(days * DAY_MS);
      run.say('dos');
      run.forget();
      clock.pass(TRUSTED_AFTER_MS - MINUTE_MS);
      run.forget();
      assert.deepEqual(run.texts, ['uno', 'dos']);
      const gap = run.entries.find((entry) => entry.gap)?.gap;
      assert.ok(gap && gap.since <= gap.until, JSON.stringify(gap));
      const times = run.entries.map(({ at }) => at);
      assert.ok((times[0] ?? 0) <= (times[1] ?? 0) && (times[1] ?? 0) <= (times[2] ?? 0));
    });
  });
}

test('a log of an older version with an old time in it loses nothing that came before', (t) => {
  new Runs(t).run(new FakeClock(TODAY), ({ archive }) => {
    const rows = [TODAY, TODAY, TODAY - 200 * DAY_MS].map((at, index): Row => {
      return { seq: index + 1, at, json: JSON.stringify({ seq: index + 1, at }) };
    });
    archive.write(rows, { epoch: archive.epoch, lastGap: 0, heardUntil: 0, trustedAt: TODAY });
    assert.equal(archive.prune(TODAY), false);
    assert.equal(archive.after(0, 10).length, 3);
  });
});

test('a clock is trusted up to 8 days after it was last, and after 15 minutes without a jump', () => {
  const near = new FakeClock(TODAY + BELIEVED_PAUSE_MS);
  assert.equal(new ClockTrust(near, TODAY).look(), near.wall());
  const far = new FakeClock(TODAY + BELIEVED_PAUSE_MS + 1);
  const trust = new ClockTrust(far, TODAY);
  assert.equal(trust.look(), undefined);
  far.pass(TRUSTED_AFTER_MS - 1);
  assert.equal(trust.look(), undefined);
  far.correct(61_000);
  far.pass(1);
  assert.equal(trust.look(), undefined, 'a jump begins the time again');
  far.pass(TRUSTED_AFTER_MS - 1);
  assert.equal(trust.look(), undefined);
  far.pass(1);
  assert.equal(trust.look(), far.wall());
  assert.equal(trust.trustedAt, far.wall());
});

test('messages older than the limit are evicted after a holiday, once the clock is trusted', (t) => {
  const runs = new Runs(t);
  runs.run(new FakeClock(TODAY), (run) => {
    run.say('antes de las vacaciones');
    run.forget();
  });
  const clock = new FakeClock(TODAY + 100 * DAY_MS);
  runs.run(clock, (run) => {
    run.say('después');
    run.forget();
    assert.deepEqual(run.texts, ['antes de las vacaciones', 'después']);
    clock.pass(TRUSTED_AFTER_MS);
    run.forget();
    assert.deepEqual(run.texts, ['después']);
  });
});

test('gateway with a clock 200 days behind keeps the log of its last run, in order', async (t) => {
  const DATA_DIR = dataDir(t);
  const room = await builtRoom(t);
  const say = async (text: string, env: Record<string, string>): Promise<void> => {
    const gateway = await startGateway(t, room.port, { DATA_DIR, ...env });
    const tab = await openTab(t, gateway);
    await tab.receivesReceipt(tab.say(text), 'heard');
    await gateway.program.stop();
  };
  const behind = `const{now}=Date;Date.now=()=>now()-${200 * DAY_MS}`;
  await say('hoy', {});
  await say('con la hora mal', {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(behind)}`,
  });
  const gateway = await startGateway(t, room.port, { DATA_DIR });
  const { messages } = (await (await gateway.get('/api/messages?after=0')).json()) as { messages: Entry[] };
  assert.deepEqual(
    messages.filter(({ gap }) => !gap).map(({ text }) => text),
    ['hoy', 'con la hora mal'],
  );
  const times = messages.map(({ at }) => at);
  assert.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
  );
  for (const { gap } of messages) if (gap) assert.ok(gap.since <= gap.until, JSON.stringify(gap));
});
