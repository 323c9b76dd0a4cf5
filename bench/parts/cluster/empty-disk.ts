/**
 * The time in which a gateway with an empty disk reads the shared log from three NATS servers, and is ready. A quiet room
 * makes a record of each message. A transcript that was moved into the cluster has a hundred in one.
 */
import { randomUUID } from 'node:crypto';
import { loadNats } from '../../../gateway/cluster/nats/packages.ts';
import { Requests } from '../../../gateway/cluster/nats/requests.ts';
import { streamNames } from '../../../gateway/cluster/nats/streams.ts';
import { encodeRecord, type SharedRecord } from '../../../gateway/cluster/records.ts';
import { CLUSTER, type NatsServer, openEngine, startNats } from '../../../test/cluster/nats-servers.ts';
import type { Cleanup } from '../../../test/helpers/eventually.ts';
import { launchGateway } from '../../../test/helpers/gateway.ts';
import { without } from '../../../test/helpers/process.ts';
import { builtRoom } from '../../../test/helpers/room.ts';
import type { Report } from '../../lib/report.ts';
import { withCleanup } from '../../lib/scope.ts';
import { progress, ROUNDS } from '../../lib/settings.ts';
import { median, table } from '../../lib/table.ts';
import { talk } from '../../lib/talk.ts';

const LOGS = [
  { records: 100_000, messagesEach: 1 },
  { records: 10_000, messagesEach: 100 },
];

/** Records that are published at once. */
const UNDER_WAY = 200;
const WRITTEN_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 600_000;

/** The first record is the genesis. */
interface Log {
  records: number;
  messagesEach: number;
}

export async function measureEmptyDisk(t: Cleanup): Promise<Report> {
  const missing = without('nats-server');
  if (missing) return { text: `Skipped: ${missing}.` };
  const rows: string[][] = [];
  for (const log of LOGS) {
    progress(`a log of ${log.records} records`);
    const tookMs = await withCleanup(t, async (scope) => await measureReading(scope, log));
    const seconds = median(tookMs) / 1000;
    const messages = log.records * log.messagesEach;
    rows.push(
      [
        ...[log.records, log.messagesEach, seconds.toFixed(1)],
        ...[(log.records / seconds).toFixed(0), (messages / seconds).toFixed(0)],
      ].map(String),
    );
  }
  const head = ['records', 'messages each', 'until ready, s', 'records/s', 'messages/s'];
  const title = `A gateway with an empty disk, three NATS servers: medians of ${ROUNDS} rounds`;
  return { text: [title, table([head, ...rows])].join('\n\n') };
}

async function measureReading(t: Cleanup, log: Log): Promise<number[]> {
  const servers = await startNats(t, 3);
  const room = await builtRoom(t);
  await write(t, servers, log);
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const env = {
      CLUSTER: servers.map(({ url }) => url).join(','),
      CLUSTER_NAME: CLUSTER,
      CLUSTER_ALLOW_OLD: 'true',
    };
    const began = performance.now();
    const gateway = await launchGateway(t, room.port, env, 'dist', READY_WITHIN_MS);
    await gateway.isReady(READY_WITHIN_MS);
    tookMs.push(performance.now() - began);
    await gateway.program.stop();
  }
  return tookMs;
}

/** Writes many records at once, because a gateway would wait for each. */
async function write(t: Cleanup, servers: NatsServer[], log: Log): Promise<void> {
  await openEngine(t, servers);
  const packages = await loadNats();
  const connection = await packages.transport.connect({ servers: servers.map(({ url }) => url) });
  const requests = new Requests(packages, connection);
  const { subject } = streamNames(CLUSTER, 'log');
  let underWay: Promise<unknown>[] = [];
  const publish = async (id: string, record: SharedRecord): Promise<void> => {
    const options = { timeoutMs: WRITTEN_WITHIN_MS, headers: { 'Nats-Msg-Id': id } };
    const { data } = await requests.request(subject, encodeRecord(record), options);
    const { error } = JSON.parse(Buffer.from(data).toString()) as { error?: { description: string } };
    if (error) throw new Error(`write ${id}: ${error.description}`);
  };
  for (const { id, record } of recordsOf(log)) {
    underWay.push(publish(id, record));
    if (underWay.length < UNDER_WAY) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  await connection.close();
}

function* recordsOf({ records, messagesEach }: Log): Generator<{ id: string; record: SharedRecord }> {
  const now = Date.now();
  const base = { by: 'bench', epoch: randomUUID(), at: now };
  let previous: string | undefined = randomUUID();
  yield { id: previous, record: { kind: 'genesis', ...base, head: 0, kept: 0, isImport: false } };
  let entries: string[] = [];
  for (const { seq, json } of talk(records * messagesEach, now)) {
    entries.push(json);
    if (entries.length < messagesEach) continue;
    const id = randomUUID();
    const mark = { characters: 1, hash: '', tail: '' };
    const first = seq - messagesEach + 1;
    yield { id, record: { kind: 'batch', ...base, previous, first, entries, mark, isAfterGap: false } };
    previous = id;
    entries = [];
  }
}
