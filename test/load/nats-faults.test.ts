/**
 * The link to NATS while servers die, stop and come back. An election takes 4 to 9 s.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterEngine, LogPosition } from '../../gateway/cluster/engine.ts';
import {
  Follower,
  findLeader,
  hasNoLeader,
  type NatsServer,
  openEngine,
  startNats,
} from '../cluster/nats-servers.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { without } from '../helpers/process.ts';

/** Appends before and after a fault. The appender writes one record after another, as a gateway does. */
const APPENDS = 200;
/** Tests that run together, each with servers of its own. Most of the time they wait for elections. */
const AT_ONCE = 3;
const never = new AbortController().signal;
const body = new TextEncoder().encode('x'.repeat(300));

/** Appends records one after another, and remembers those that were committed. */
class Appender {
  readonly committed: string[] = [];
  longestMs = 0;
  readonly #engine: ClusterEngine;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #last = 0;
  #count = 0;

  constructor(t: Cleanup, engine: ClusterEngine) {
    this.#engine = engine;
    this.#ended = this.#run().catch((error) => {
      if (!this.#ending.signal.aborted) throw error;
    });
    t.after(() => this.#ending.abort());
  }

  get last(): number {
    return this.#last;
  }

  async appends(more: number): Promise<void> {
    const goal = this.committed.length + more;
    await eventually(
      () => this.committed.length >= goal,
      () => `only ${this.committed.length} of ${goal} were committed`,
    );
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const id = `record-${++this.#count}`;
      const begun = performance.now();
      const result = await this.#engine.append({ id, body }, this.#last, this.#ending.signal);
      this.longestMs = Math.max(this.longestMs, performance.now() - begun);
      assert.equal(result.outcome, 'committed', `${id} was refused, and nobody else appends`);
      if (result.outcome === 'committed') this.#last = result.sequence;
      this.committed.push(id);
    }
  }
}

/** One engine that appends and two that follow, each connected to whichever server it likes. */
async function openCluster(t: Cleanup) {
  const servers = await startNats(t, 3);
  const engines = await Promise.all([1, 2, 3].map(async () => (await openEngine(t, servers)).engine));
  const [writer] = engines as [ClusterEngine];
  const followers = engines.map((engine) => new Follower(engine));
  const appender = new Appender(t, writer);
  await appender.appends(APPENDS);
  return { servers, engines, followers, appender };
}

type Cluster = Awaited<ReturnType<typeof openCluster>>;

async function allAgree({ appender, followers }: Cluster): Promise<void> {
  await appender.appends(APPENDS);
  await appender.stop();
  const { committed } = appender;
  await Promise.all(followers.map((follower) => follower.receives(committed.at(-1) ?? '')));
  for (const { records, loss } of followers) {
    assert.equal(loss, undefined);
    // The record of the aborted append may have been committed too.
    assert.deepEqual(
      records.slice(0, committed.length).map(({ id }) => id),
      committed,
    );
    assert.deepEqual(
      records.map(({ sequence }) => sequence),
      records.map((_, index) => index + 1),
    );
  }
}

/** Faults of the leader of the log's stream, and of another server. */
const FAULTS: Record<string, (servers: { leader: NatsServer; others: NatsServer[] }) => Promise<void>> = {
  'the leader is killed and comes back': async ({ leader }) => {
    await leader.kill();
    await leader.start();
  },
  'another server is killed and comes back': async ({ others: [other] }) => {
    await other?.kill();
    await other?.start();
  },
  'the leader is ended in order': async ({ leader }) => {
    await leader.program.stop('SIGTERM');
    await leader.start();
  },
};

/** Appends a record after the last one. An append that was given up may still be committed before. */
async function appendLast(engine: ClusterEngine): Promise<LogPosition> {
  for (let attempt = 1; ; attempt++) {
    const id = `last ${attempt}`;
    const result = await engine.append({ id, body }, await engine.lastSequence(never), never);
    if (result.outcome === 'committed') return { sequence: result.sequence, id };
  }
}

describe('NATS under faults', { skip: without('nats-server'), concurrency: AT_ONCE }, () => {
  for (const [name, strike] of Object.entries(FAULTS)) {
    test(`log loses, doubles and reorders nothing when ${name}`, async (t) => {
      const cluster = await openCluster(t);
      await strike(await findLeader(cluster.servers));
      await allAgree(cluster);
      t.diagnostic(`longest append: ${Math.round(cluster.appender.longestMs)} ms`);
    });
  }

  test('log loses, doubles and reorders nothing when its leader is stopped and wakes', async (t) => {
    const cluster = await openCluster(t);
    const { leader } = await findLeader(cluster.servers);
    await leader.program.freeze();
    t.after(() => leader.program.wake());
    await cluster.appender.appends(APPENDS);
    leader.program.wake();
    await allAgree(cluster);
    t.diagnostic(`longest append: ${Math.round(cluster.appender.longestMs)} ms`);
  });

  test('ids of records and announcements stay known after two changes of the leader', async (t) => {
    const { servers, engines, appender } = await openCluster(t);
    const [writer, other] = engines as [ClusterEngine, ClusterEngine];
    await appender.stop();
    const expected = await writer.lastSequence(never);
    const append = (engine: ClusterEngine) => engine.append({ id: 'kept', body }, expected, never);
    const first = await append(writer);
    assert.equal(first.outcome, 'committed');
    assert.equal(await writer.announce('say', body, never), 'new');
    for (let change = 0; change < 2; change++) {
      const { leader } = await findLeader(servers);
      await leader.kill();
      assert.deepEqual(await append(other), first);
      assert.equal(await other.announce('say', body, never), 'known');
      await leader.start();
    }
  });

  test('nothing is committed with two servers down, and everything is kept', async (t) => {
    const cluster = await openCluster(t);
    const { leader, others } = await findLeader(cluster.servers);
    const [other] = others as [NatsServer];
    await Promise.all([leader.kill(), other.kill()]);
    const { committed } = cluster.appender;
    const before = committed.length;
    const asked = cluster.engines[1]?.lastSequence(AbortSignal.timeout(2_000));
    await assert.rejects(Promise.resolve(asked), /timeout/i);
    // One append may have been on its way.
    assert.ok(committed.length <= before + 1, `${committed.length - before} were committed`);
    await Promise.all([leader.start(), other.start()]);
    await allAgree(cluster);
  });

  test('record in flight for long is refused, and only one is committed in its place', async (t) => {
    const { servers, engines, appender } = await openCluster(t);
    await appender.stop();
    const { leader, others } = await findLeader(servers);
    const { engine } = await openEngine(t, [leader]);
    const [other] = engines as [ClusterEngine];
    const before = await appendLast(engine);
    await Promise.all(others.map(({ program }) => program.freeze()));
    const wake = () => {
      for (const { program } of others) program.wake();
    };
    t.after(wake);
    // NATS 2.9 gives no answer at all.
    const outcome = await engine
      .append({ id: 'late', body }, before.sequence, AbortSignal.timeout(5_000))
      .then((result) => result.outcome)
      .catch(() => 'unknown');
    wake();
    assert.notEqual(outcome, 'committed');
    await other.append({ id: 'in its place', body }, before.sequence, never);
    const follower = new Follower(other, before);
    t.after(follower.stop);
    await eventually(
      () => follower.records.length > 0,
      () => 'no record was committed',
    );
    assert.equal(follower.ids.length, 1, `${follower.ids}`);
  });

  test('announcement in flight for long is not new, so that nobody says it twice', async (t) => {
    const { servers, appender } = await openCluster(t);
    await appender.stop();
    const { leader, others } = await findLeader(servers, 'says');
    const { engine } = await openEngine(t, [leader]);
    assert.equal(await engine.announce('in time', body, never), 'new');
    const wake = () => {
      for (const { program } of others) program.wake();
    };
    t.after(wake);
    await Promise.all(others.map(({ program }) => program.freeze()));
    // NATS 2.9 gives no answer at all.
    const outcome = await engine.announce('late', body, AbortSignal.timeout(5_000)).catch(() => 'unknown');
    wake();
    assert.notEqual(outcome, 'new');
  });

  test('leader without a majority makes no log look lost', async (t) => {
    const { servers, appender } = await openCluster(t);
    await appender.stop();
    const { leader, others } = await findLeader(servers);
    const { engine } = await openEngine(t, [leader]);
    await Promise.all(others.map(({ program }) => program.freeze()));
    const wake = () => {
      for (const { program } of others) program.wake();
    };
    t.after(wake);
    // So looks a log whose last records the leader does not know to be committed.
    const follower = new Follower(engine, { sequence: 1_000_000, id: 'later' });
    t.after(follower.stop);
    await hasNoLeader(leader);
    assert.equal(follower.loss, undefined);
    wake();
    assert.equal(await follower.isLost(), 'went back');
  });

  test('follower reads the whole log within seconds while a server is stopped', async (t) => {
    const { servers, appender } = await openCluster(t);
    await appender.stop();
    const { leader, others } = await findLeader(servers);
    const [stopped, running] = others as [NatsServer, NatsServer];
    const { engine } = await openEngine(t, [leader, running]);
    await stopped.program.freeze();
    const late = new Follower(engine);
    t.after(late.stop);
    await late.receives(appender.committed.at(-1) ?? '');
    stopped.program.wake();
    assert.deepEqual(late.ids.slice(0, appender.committed.length), appender.committed);
  });
});
