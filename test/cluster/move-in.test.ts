/**
 * An old transcript becomes the beginning of a cluster's log.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  AppendResult,
  ClusterEngine,
  LogListener,
  LogRecord,
  NewRecord,
} from '../../gateway/cluster/engine.ts';
import { moveIn, type OldTranscript } from '../../gateway/cluster/move-in.ts';
import { decodeRecord, encodeRecord } from '../../gateway/cluster/records.ts';
import { SUBPROTOCOL, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { AccessCode } from '../../gateway/server/access-code.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, openTab, startGateway } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn } from '../security/connect.ts';
import { startNats } from './nats-servers.ts';

const CODE = 'cátedra';
const TOKEN = new AccessCode('', CODE).tokenOf('host');
const QUIET = { info: () => {} };

/** Logs in memory, with the fence of an engine. */
class MemoryEngine {
  readonly log: LogRecord[] = [];
  readonly rules: LogRecord[] = [];
  /** Appends that succeed before the process is killed. */
  appendsLeft = Number.POSITIVE_INFINITY;

  async append(record: NewRecord, expectedLast: number): Promise<AppendResult> {
    if (this.appendsLeft-- <= 0) throw new Error('killed');
    return this.#add(this.log, record, expectedLast);
  }

  async replaceRules(record: NewRecord, expectedLast: number): Promise<AppendResult> {
    return this.#add(this.rules, record, expectedLast);
  }

  follow(_after: unknown, listener: LogListener): () => void {
    return pass(this.log, listener);
  }

  followRules(listener: LogListener): () => void {
    return pass(this.rules, listener);
  }

  get asEngine(): ClusterEngine {
    return this as unknown as ClusterEngine;
  }

  async #add(records: LogRecord[], record: NewRecord, expectedLast: number): Promise<AppendResult> {
    // Requests of several processes are on the way at once.
    await new Promise((resolve) => setImmediate(resolve));
    if (expectedLast !== records.length) return { outcome: 'refused' };
    records.push({ ...record, sequence: records.length + 1 });
    return { outcome: 'committed', sequence: records.length };
  }
}

function pass(records: readonly LogRecord[], listener: LogListener): () => void {
  for (const record of records) listener.onRecord(record);
  listener.onCurrent(records.length);
  return () => {};
}

/** Five entries of 100 KB, without seqs 4 to 6. A record of the log takes two. */
function oldTranscript(): OldTranscript {
  const text = 'x'.repeat(100_000);
  const entries = [3, 7, 8, 9, 10].map((seq) => ({ seq, json: JSON.stringify({ seq, text }) }));
  return {
    epoch: 'old',
    before: 2,
    head: 1_010,
    heardUntil: 1_000,
    rules: Buffer.from(JSON.stringify({ epoch: 'old', settings: {} })),
    entriesAfter: (after) => entries.filter(({ seq }) => seq > after).slice(0, 4),
  };
}

function contentOf(engine: MemoryEngine) {
  const records = engine.log.map((record) => decodeRecord(record));
  assert.ok(records.every((record) => record?.epoch === 'old'));
  const imports = records.filter((record) => record?.kind === 'import');
  return {
    begins: records.map((record) => record?.kind).indexOf('genesis'),
    seqs: imports.flatMap(({ entries }) => entries.map((json) => (JSON.parse(json) as { seq: number }).seq)),
    heads: [imports.at(-1)?.head, imports.filter(({ isLast }) => isLast).length],
  };
}

const WHOLE = { begins: 0, seqs: [3, 7, 8, 9, 10], heads: [1_010, 1] };

async function move(engine: MemoryEngine): Promise<string> {
  return await moveIn(oldTranscript(), engine.asEngine, QUIET, new AbortController().signal);
}

test('old transcript is moved once, in order, wherever its gateway is killed', async () => {
  for (let killedAfter = 0; killedAfter < 6; killedAfter++) {
    const engine = new MemoryEngine();
    engine.appendsLeft = killedAfter;
    await move(engine).catch(() => {});
    engine.appendsLeft = Number.POSITIVE_INFINITY;
    assert.equal(await move(engine), 'moved');
    assert.deepEqual(contentOf(engine), WHOLE, `killed after ${killedAfter} records`);
    assert.equal(engine.rules.length, 1);
    assert.equal(await move(engine), 'moved');
    assert.deepEqual(contentOf(engine), WHOLE);
  }
});

test('old transcript is moved once by two gateways at once', async () => {
  const engine = new MemoryEngine();
  assert.deepEqual(await Promise.all([move(engine), move(engine)]), ['moved', 'moved']);
  assert.deepEqual(contentOf(engine), WHOLE);
});

test('old transcript is not mixed with another log, also if that log begins meanwhile', async () => {
  const other = { by: 'g2', epoch: 'other', at: 2_000 };
  const genesis = encodeRecord({ kind: 'genesis', ...other, head: 0, kept: 0, isImport: false });
  const engine = new MemoryEngine();
  await engine.append({ id: 'genesis', body: genesis }, 0);
  assert.equal(await move(engine), 'other log');
  assert.deepEqual([engine.log.length, engine.rules.length], [1, 0]);

  const begun = new MemoryEngine();
  begun.appendsLeft = 2;
  await move(begun).catch(() => {});
  begun.appendsLeft = 1;
  await begun.append({ id: 'genesis', body: genesis }, 2);
  assert.equal(await move(begun), 'other log');
  assert.equal(begun.log.length, 3);
});

test('rules of an earlier cluster give way to those of the old transcript', async () => {
  const engine = new MemoryEngine();
  await engine.replaceRules({ id: 'a', body: Buffer.from('{"epoch":"earlier"}') }, 0);
  assert.equal(await move(engine), 'moved');
  assert.equal(engine.rules.length, 2);
});

describe('gateways that were alone', { skip: without('nats-server') }, () => {
  test('cluster begins with the transcript of its first gateway, and leaves another one alone', async (t) => {
    const room = await builtRoom(t);
    const [first, second] = [dataDir(t), dataDir(t)];
    const env = { HOST_CODE: CODE };
    const alone = await startGateway(t, room.port, { ...env, DATA_DIR: first });
    const host = await comeIn(t, alone, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${TOKEN}`] });
    const terminal = await enter(t, room.port);
    for (const text of ['palabrota', 'de la terminal']) {
      terminal.send(`${text}\n`);
      await host.receives(text);
    }
    await host.receivesReceipt(host.say('del profesor'), 'heard');
    host.send({ type: 'hide', seq: (await host.receives('palabrota')).seq, hidden: true });
    host.send({ type: 'title', text: 'Sockets' });
    await eventually(
      () => host.moderation?.title === 'Sockets',
      () => 'the title is not set',
    );
    const { entries, resumePoint } = host;
    await alone.program.stop();
    const other = await startGateway(t, room.port, { ...env, DATA_DIR: second });
    const reader = await openTab(t, other);
    terminal.send('de la otra\n');
    await reader.receives('de la otra');
    await other.program.stop();

    const nats = await startNats(t, 1);
    const clustered = { ...env, CLUSTER: nats.map(({ url }) => url).join(','), CLUSTER_ALLOW_OLD: 'true' };
    const mover = await startGateway(t, room.port, { ...clustered, DATA_DIR: first });
    await mover.program.prints(/the transcript was moved into the cluster/);
    const joined = await startGateway(t, room.port, { ...clustered, DATA_DIR: second });
    await joined.program.prints(/the cluster has another transcript: .* is not in it/);
    for (const gateway of [mover, joined]) {
      const { text } = await ask(gateway, '/api/messages?limit=100');
      assert.deepEqual(
        JSON.parse(text)
          .messages.filter(({ gap }: { gap?: object }) => !gap)
          .slice(0, entries.length),
        entries.map((entry) => (entry.text === 'palabrota' ? { ...entry, text: '', hidden: true } : entry)),
      );
      assert.match((await ask(gateway, '/api/messages?q=profesor')).text, /del profesor/);
      assert.match((await ask(gateway, '/api/moderation')).text, /Sockets/);
    }
    const back = await openTab(t, joined, resumePoint);
    assert.equal(back.welcome?.epoch, resumePoint.epoch);
    const id = back.say('en el clúster');
    await back.receivesReceipt(id, 'heard');
    assert.ok((await back.receives('en el clúster')).seq > resumePoint.after);

    // Without CLUSTER the gateway still has what it had alone.
    await joined.program.stop();
    const again = await startGateway(t, room.port, { ...env, DATA_DIR: second });
    assert.match((await ask(again, '/api/messages?limit=100')).text, /de la otra/);
  });
});
