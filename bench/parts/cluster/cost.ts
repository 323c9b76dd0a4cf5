/**
 * The cost of a shared transcript: one gateway with NATS beside one without, each in front of a room of its own.
 */
import { startNats } from '../../../test/cluster/nats-servers.ts';
import type { Cleanup } from '../../../test/helpers/eventually.ts';
import { without } from '../../../test/helpers/process.ts';
import { type Kind, ours } from '../../bridges/bridges.ts';
import { type Subject, setUp } from '../../bridges/subjects.ts';
import type { Report } from '../../lib/report.ts';
import { withCleanup } from '../../lib/scope.ts';
import { progress, ROUNDS, SECONDS } from '../../lib/settings.ts';
import { median, quantile, table } from '../../lib/table.ts';
import { measureWay, openFew, WAYS } from '../latency.ts';

const MEMBERS = 100;
const MESSAGES_PER_SECOND = 200;
const HEARD_WITHIN_MS = 30_000;
/** Messages before the measurement, ms. By then V8 has compiled what every message needs, also that of NATS. */
const WARM_UP_MS = 5_000;

/** One gateway alone, and one with NATS on one server and on three. */
function kindsWith(env: Record<string, string>): Kind[] {
  return [kindOf('alone', 0, env), kindOf('NATS, one server', 1, env), kindOf('NATS, three servers', 3, env)];
}

export async function measureCluster(t: Cleanup): Promise<Report> {
  const missing = without('nats-server');
  if (missing) return { text: `Skipped: ${missing}.` };
  progress('latency with and without NATS');
  const few = await withCleanup(t, measureLatencies);
  progress('deliveries with and without NATS');
  const many = await withCleanup(t, measureDeliveries);
  return { text: ['A gateway with NATS beside one without', few, many].join('\n\n') };
}

function kindOf(name: string, nats: 0 | 1 | 3, env: Record<string, string>): Kind {
  return {
    name,
    maxMembers: MEMBERS,
    missing: false,
    hasOwnRoom: true,
    async start(t, roomPort) {
      const servers = nats === 0 ? [] : await startNats(t, nats);
      return await ours(t, roomPort, {
        ...env,
        ...(servers.length > 0 && {
          CLUSTER: servers.map(({ url }) => url).join(','),
          CLUSTER_ALLOW_OLD: 'true',
        }),
      });
    },
  };
}

async function measureLatencies(t: Cleanup): Promise<string> {
  const subjects = await Promise.all(kindsWith({}).map((kind) => openFew(t, kind)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) for (const way of WAYS) await measureWay(subject, way);
  }
  const rows = WAYS.slice(1).flatMap((way) =>
    subjects.map(({ name, latencies }) => [
      `${way}, ${name}`,
      ...[0.5, 0.99, 1].map((share) => quantile(latencies[way], share).toFixed(2)),
    ]),
  );
  return table([['ms', 'p50', 'p99', 'max'], ...rows]);
}

async function measureDeliveries(t: Cleanup): Promise<string> {
  const measured = new Map<Subject, { us: number[]; p50: number[]; p99: number[] }>();
  for (const kind of kindsWith({ ROOM_PROXY_PROTOCOL: 'v2' }))
    measured.set(await setUp(t, kind, MEMBERS), { us: [], p50: [], p99: [] });
  for (const { terminal } of measured.keys()) await terminal.talk(MESSAGES_PER_SECOND, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [{ bridge, bridgeUse, pool, terminal }, { us, p50, p99 }] of measured) {
      await pool.reset();
      const before = bridgeUse.cpuUs;
      const said = await terminal.talk(MESSAGES_PER_SECOND, SECONDS * 1000);
      const { deliveries, lost, latency } = await pool.receive(said, HEARD_WITHIN_MS);
      if (lost > 0) throw new Error(`${bridge.name} lost ${lost}`);
      us.push((bridgeUse.cpuUs - before) / deliveries);
      p50.push(latency.p50);
      p99.push(latency.p99);
    }
  }
  const [alone] = [...measured.values()].map(({ us }) => median(us));
  return table([
    [
      `${MEMBERS} pages, ${MESSAGES_PER_SECOND} messages/s`,
      'gateway µs/delivery',
      'of alone',
      'p50 ms',
      'p99 ms',
    ],
    ...[...measured].map(([{ bridge }, { us, p50, p99 }]) => [
      bridge.name,
      median(us).toFixed(1),
      (median(us) / (alone ?? 1)).toFixed(2),
      median(p50).toFixed(2),
      median(p99).toFixed(2),
    ]),
  ]);
}
