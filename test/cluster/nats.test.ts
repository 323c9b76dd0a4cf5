/**
 * Properties of NATS that the cluster relies on, and the link to it, on the nats-server that is installed.
 * test/load/nats-faults.test.ts kills and stops servers.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineRefused } from '../../gateway/cluster/engine.ts';
import { isAtLeast } from '../../gateway/cluster/nats/connect.ts';
import { loadNats } from '../../gateway/cluster/nats/packages.ts';
import { Requests } from '../../gateway/cluster/nats/requests.ts';
import { type FollowedStream, StreamFollower } from '../../gateway/cluster/nats/stream-follower.ts';
import { StreamRecords } from '../../gateway/cluster/nats/stream-records.ts';
import { streamNames } from '../../gateway/cluster/nats/streams.ts';
import { type Cleanup, DEADLINE_MS, eventually } from '../helpers/eventually.ts';
import { without } from '../helpers/process.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { openFalsifyingProxy } from './falsifying-proxy.ts';
import {
  CLUSTER,
  deleteLog,
  Follower,
  type NatsServer,
  openEngine,
  replaceAnnouncements,
  startNats,
  type TestEngine,
} from './nats-servers.ts';

const RACES = 30;
const never = new AbortController().signal;
const text = (words: string) => new TextEncoder().encode(words);
const record = (id: string) => ({ id, body: text(`body of ${id}`) });
const skip = without('nats-server');

/** Opens the log for a follower of its own, whose connection a test may change. */
async function openSource(t: Cleanup, servers: NatsServer[]): Promise<FollowedStream> {
  const { transport, jetstream } = await loadNats();
  const connection = await transport.connect({ servers: servers.map(({ url }) => url) });
  t.after(() => connection.close());
  const manager = await jetstream.jetstreamManager(connection, { checkAPI: false });
  const names = streamNames(CLUSTER, 'log');
  const records = new StreamRecords(new Requests({ transport, jetstream }, connection), names.stream);
  return { connection, manager, names, records, lostAfterMs: 3_000, recreate: async () => {} };
}

/** Follows a log from its beginning, and notes in words what it is told. */
function follow(t: Cleanup, source: FollowedStream): { follower: StreamFollower; received: string[] } {
  const received: string[] = [];
  const follower = new StreamFollower(source, 'beginning', {
    onRecord: ({ id }) => received.push(id),
    onCurrent: (last) => received.push(`current at ${last}`),
    onLost: (loss) => received.push(loss),
  });
  t.after(() => follower.close());
  return { follower, received };
}

for (const count of [1, 3] as const) {
  describe(`${count} NATS server${count === 1 ? '' : 's'}`, { skip }, () => {
    const opened = sharedFixture(async (t) => {
      const servers = await startNats(t, count);
      const engines = await Promise.all([1, 2, 3].map(() => openEngine(t, servers)));
      return {
        servers,
        engines: engines.map(({ engine }) => engine),
        lines: engines.map(({ lines }) => lines),
      };
    });

    test('one of three racing writers commits, the others are refused', async () => {
      const { engines } = opened;
      const [any] = engines as [TestEngine['engine']];
      for (let race = 0; race < RACES; race++) {
        const expected = await any.lastSequence(never);
        const results = await Promise.all(
          engines.map((engine, writer) => engine.append(record(`race-${race}-${writer}`), expected, never)),
        );
        const sequences = results.flatMap((result) =>
          result.outcome === 'committed' ? [result.sequence] : [],
        );
        assert.deepEqual(sequences, [expected + 1]);
      }
    });

    test('append repeated with its id is committed once, whoever repeats it', async () => {
      const [one, other] = opened.engines as [TestEngine['engine'], TestEngine['engine']];
      const expected = await one.lastSequence(never);
      const first = await one.append(record('repeated'), expected, never);
      const second = await other.append(record('repeated'), expected, never);
      assert.deepEqual([first, second], [first, { outcome: 'committed', sequence: expected + 1 }]);
      assert.equal(await one.lastSequence(never), expected + 1);
    });

    test('followers receive every record once, in order, from any position', async (t) => {
      const [one, other] = opened.engines as [TestEngine['engine'], TestEngine['engine']];
      let last = await one.lastSequence(never);
      const append = async (id: string) => {
        const result = await one.append(record(id), last, never);
        assert.equal(result.outcome, 'committed');
        if (result.outcome === 'committed') last = result.sequence;
      };
      await append('before');
      const early = new Follower(other);
      t.after(early.stop);
      for (let number = 0; number < 300; number++) await append(`record-${number}`);
      const position = { sequence: last, id: 'record-299' };
      await append('last');
      const late = new Follower(other, position);
      t.after(late.stop);
      await Promise.all([early.receives('last'), late.receives('last')]);
      assert.deepEqual(
        early.records.map(({ sequence }) => sequence),
        Array.from({ length: last }, (_, index) => index + 1),
      );
      assert.deepEqual(late.ids, ['last']);
      const { body } = await late.receives('last');
      assert.equal(new TextDecoder().decode(body), 'body of last');
      await eventually(
        () => late.ends.includes(last),
        () => `the follower was not told the end ${last}, but ${late.ends}`,
      );
    });

    test('positions are compared with the log up to the first that differs', async () => {
      const [one, other] = opened.engines as [TestEngine['engine'], TestEngine['engine']];
      const last = await one.lastSequence(never);
      const ids = ['compared-1', 'compared-2', 'compared-3'];
      for (const [index, id] of ids.entries()) await one.append(record(id), last + index, never);
      const positions = ids.map((id, index) => ({ sequence: last + 1 + index, id }));
      assert.equal(await other.countKnown(positions, never), 3);
      positions[1] = { sequence: last + 2, id: 'another' };
      assert.equal(await other.countKnown(positions, never), 1);
      const beyond = [{ sequence: last + 4, id: 'next' }];
      await assert.rejects(other.countKnown(beyond, AbortSignal.timeout(500)), /timeout/i);
    });

    test('announcement is new for one of three gateways', async () => {
      const { engines } = opened;
      for (let race = 0; race < RACES; race++) {
        const answers = await Promise.all(
          engines.map((engine) => engine.announce(`say-${race}`, text('hola'), never)),
        );
        assert.deepEqual(answers.toSorted(), ['known', 'known', 'new']);
      }
    });

    test('announcements before a barrier have been received after it', async (t) => {
      const [one, other] = opened.engines as [TestEngine['engine'], TestEngine['engine']];
      const received: string[] = [];
      t.after(other.followAnnouncements((body) => received.push(new TextDecoder().decode(body))));
      for (let number = 0; number < RACES; number++) {
        await one.announce(`barrier-${number}`, text(`announced ${number}`), never);
        await other.announcementsReceived(never);
        assert.equal(received.at(-1), `announced ${number}`);
      }
      // Announcements of the past are received too, in order, and marks of barriers are not.
      assert.deepEqual(received.length, new Set(received).size + RACES - 1);
    });

    test('signal reaches every gateway', async (t) => {
      const { engines } = opened;
      const received = new Set<number>();
      for (const [index, engine] of engines.entries()) {
        t.after(engine.subscribe('presence', () => received.add(index)));
      }
      // A subscription takes effect when the server has read it.
      await eventually(
        () => {
          engines[0]?.publish('presence', text('Ana'));
          return received.size === engines.length;
        },
        () => `only ${[...received]} received the signal`,
      );
    });

    test('operator is told of a log with one copy only', () => {
      const warned = opened.lines.flat().filter((line) => /one server/.test(line));
      assert.equal(warned.length > 0, count === 1, opened.lines.flat().join('\n'));
    });
  });
}

describe('link to NATS', { skip }, () => {
  test('follower loses a log that is deleted, ends earlier, or has another record', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    await engine.append(record('first'), 0, never);
    const [same, longer, different] = [
      new Follower(engine),
      new Follower(engine, { sequence: 9, id: 'ninth' }),
      new Follower(engine, { sequence: 1, id: 'another' }),
    ];
    await same.receives('first');
    assert.deepEqual(await Promise.all([longer.isLost(), different.isLost()]), ['went back', 'differs']);
    assert.deepEqual([longer.records, different.records], [[], []]);
    await deleteLog(servers);
    assert.equal(await same.isLost(), 'deleted');
    // The link has created it again.
    assert.deepEqual(await engine.append(record('anew'), 0, never), { outcome: 'committed', sequence: 1 });
    assert.deepEqual((await new Follower(engine).receives('anew')).sequence, 1);
  });

  test('follower reads from the leader, because a replica may lack a record or have another', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    const ids = ['first', 'second', 'third'];
    for (const [last, id] of ids.entries()) await engine.append(record(id), last, never);
    const source = await openSource(t, servers);
    const { connection } = source;
    const publish = connection.publish.bind(connection);
    let isLeaderAway = true;
    connection.publish = (subject, payload, options) => {
      if (subject.includes('STREAM.MSG.GET') && isLeaderAway) {
        isLeaderAway = false;
        return;
      }
      const isOther = subject.includes('DIRECT.GET') && payload === JSON.stringify({ seq: 2 });
      publish(subject, isOther ? JSON.stringify({ seq: 3 }) : payload, options);
    };
    const { received } = follow(t, source);
    await eventually(
      () => received.some((text) => text.startsWith('current')),
      () => `received ${received}`,
    );
    assert.deepEqual(received, [...ids, 'current at 3']);
  });

  test('stream that looked lost once is checked again while records come', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    const source = await openSource(t, servers);
    const { manager } = source;
    const info = manager.streams.info.bind(manager.streams);
    let lies = 0;
    let checks = 0;
    manager.streams.info = async (stream, ...rest) => {
      const real = await info(stream, ...rest);
      checks++;
      if (lies === 0) return real;
      lies--;
      // So answers a leader that has slept.
      return { ...real, state: { ...real.state, last_seq: 1 } };
    };
    const received: string[] = [];
    const follower = new StreamFollower(source, 'beginning', {
      onRecord: ({ id }) => received.push(id),
      onCurrent: () => {},
      onLost: (loss) => received.push(loss),
    });
    t.after(() => follower.close());
    const append = async (last: number) => {
      await engine.append(record(`${last}`), last, never);
      await eventually(
        () => received.at(-1) === `${last}`,
        () => `received ${received}`,
      );
    };
    for (let last = 0; last < 5; last++) await append(last);
    lies = 1;
    checks = 0;
    follower.onReconnect();
    // Each record ends the silence after which a stream is checked anyway.
    const begin = performance.now();
    for (let last = 5; checks < 2 && performance.now() - begin < DEADLINE_MS; last++) await append(last);
    assert.ok(checks >= 2, 'the stream was not checked again');
    assert.deepEqual(
      received,
      Array.from(received, (_, index) => `${index}`),
    );
  });

  test('two leaders that lag one after the other do not make a log look lost', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    const source = { ...(await openSource(t, servers)), lostAfterMs: 500 };
    const { manager } = source;
    const info = manager.streams.info.bind(manager.streams);
    const { follower, received } = follow(t, source);
    await engine.append(record('first'), 0, never);
    await eventually(
      () => received.includes('first'),
      () => `received ${received}`,
    );
    const begin = performance.now();
    let lags = 0;
    manager.streams.info = async (...request) => {
      const real = await info(...request);
      const isSecond = lags > 0 && performance.now() - begin > 2 * source.lostAfterMs;
      if (lags === 0 || (lags === 1 && isSecond)) {
        lags++;
        return { ...real, state: { ...real.state, last_seq: 0 } };
      }
      if (lags === 1) throw new Error('there is no leader');
      return real;
    };
    follower.onReconnect();
    await eventually(
      () => lags === 2 && received.at(-1) === 'current at 1',
      () => `${lags} lags, received ${received}`,
    );
    assert.ok(!received.includes('went back'), `received ${received}`);
  });

  test('log with the same records is the same, whatever time of creation a server tells', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    await engine.append(record('first'), 0, never);
    const source = await openSource(t, servers);
    const { manager } = source;
    const info = manager.streams.info.bind(manager.streams);
    let looks = 0;
    manager.streams.info = async (...request) => ({
      ...(await info(...request)),
      created: new Date(++looks).toISOString(),
    });
    const { follower, received } = follow(t, { ...source, lostAfterMs: 0 });
    for (const count of [1, 2]) {
      await eventually(
        () => received.filter((text) => text === 'current at 1').length === count,
        () => `received ${received}`,
      );
      follower.onReconnect();
    }
    assert.ok(looks > 1);
    assert.deepEqual(received.slice(0, 3), ['first', 'current at 1', 'current at 1']);
  });

  test('announcements before a barrier are received after it when NATS has lost earlier ones', async (t) => {
    const servers = await startNats(t, 1);
    const [one, other] = await Promise.all([openEngine(t, servers), openEngine(t, servers)]);
    const received: string[] = [];
    t.after(other.engine.followAnnouncements((body) => received.push(new TextDecoder().decode(body))));
    for (const id of ['first', 'second', 'third']) await one.engine.announce(id, text(id), never);
    await other.engine.announcementsReceived(never);
    await replaceAnnouncements(servers);
    await one.engine.announce('later', text('later'), never);
    await other.engine.announcementsReceived(never);
    assert.deepEqual(received, ['first', 'second', 'third', 'later']);
  });

  test('announcement in place of a wrong one is received before a barrier', async (t) => {
    const [server] = await startNats(t, 1);
    assert.ok(server);
    const proxy = await openFalsifyingProxy(t, server.port);
    const [{ engine: one }, { engine: misled }] = await Promise.all([
      openEngine(t, [server]),
      openEngine(t, [{ url: `nats://127.0.0.1:${proxy.port}` }]),
    ]);
    const received: string[] = [];
    t.after(misled.followAnnouncements((body) => received.push(new TextDecoder().decode(body))));
    await one.announce('before', text('before'), never);
    await misled.announcementsReceived(never);
    proxy.falsify = (chunk) => {
      const wrong = chunk.toString('latin1').replaceAll('phrase', 'falsum');
      return Buffer.concat([Buffer.from(wrong, 'latin1'), chunk]);
    };
    await one.announce('phrase', text('phrase'), never);
    await eventually(
      () => received.includes('falsum'),
      () => `received ${received}`,
    );
    proxy.falsify = undefined;
    // As many answers as its look at the stream takes.
    for (let count = 0; count < 5; count++) await misled.lastSequence(never);
    await misled.announcementsReceived(never);
    assert.ok(received.includes('phrase'), `received ${received}`);
  });

  test('start waits for NATS with one line, and goes on when it is there', async (t) => {
    const [server] = await startNats(t, 1);
    assert.ok(server);
    await server.kill();
    const lines: string[] = [];
    const opening = openEngine(t, [server], {}, never, lines);
    await eventually(
      () => lines.length > 0,
      () => 'the operator was told nothing',
    );
    assert.match(lines.join('\n'), /^waiting for NATS at nats:\/\/127\.0\.0\.1:\d+: .*$/);
    await server.start();
    const { engine } = await opening;
    assert.equal((await engine.append(record('first'), 0, never)).outcome, 'committed');
  });

  test('server below 2.10.23 is refused in one line', async (t) => {
    const [server] = await startNats(t, 1);
    assert.ok(server);
    const version = /Version:\s+(\S+)/.exec(server.program.errors)?.[1] ?? '';
    const opening = openEngine(t, [server], { allowOld: false });
    if (isAtLeast(version, '2.10.23')) await opening;
    else
      await assert.rejects(
        opening,
        (error: Error) => error instanceof EngineRefused && /too old/.test(error.message),
      );
  });

  test('versions are compared by their numbers', () => {
    const newer = ['2.10.23', '2.10.30', '2.11.0', '2.12.12-RC.1', '3.0.0'];
    const older = ['2.9.10', '2.10.3', '2.10.22', ''];
    assert.deepEqual(
      newer.filter((version) => !isAtLeast(version, '2.10.23')),
      [],
    );
    assert.deepEqual(
      older.filter((version) => isAtLeast(version, '2.10.23')),
      [],
    );
  });

  test('requests end with their signal while NATS is away', async (t) => {
    const servers = await startNats(t, 1);
    const { engine } = await openEngine(t, servers);
    await servers[0]?.kill();
    const ending = new AbortController();
    const appending = engine.append(record('lost'), 0, ending.signal);
    await eventually(
      () => engine.state === 'lost',
      () => 'the engine did not notice',
    );
    ending.abort(new Error('enough'));
    await assert.rejects(appending, /enough/);
  });
});
