/**
 * The memory of a member that only listens, with its connection into the room.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { bridgesFor, NAIVE } from '../bridges/bridges.ts';
import { ClientPool } from '../clients/client-pool.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { isWanted, progress, ROUNDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';
import { Processes } from '../lib/usage.ts';

const SIZES = [1000, 5000, 9000];
/** Length of the accept queue of our own room. */
const QUEUE = 50;
/** No limits per address, because all members have the same one. */
const ONE_ADDRESS = { TCP_MAX_CLIENTS_PER_ADDRESS: '10000' };
/** Time until the memory of joining is released, ms. */
const REST_MS = 5_000;

export async function measureMemory(t: Cleanup): Promise<Report> {
  const sizes = SIZES.filter(isWanted);
  const kinds = bridgesFor(SIZES[0] ?? 0);
  const rounds = new Map<string, number[][]>(kinds.map(({ name }) => [name, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const kind of kinds) {
      progress(`memory, round ${round} of ${ROUNDS}: ${kind.name}`);
      const held = sizes.filter((size) => size <= kind.maxMembers);
      rounds.get(kind.name)?.push(await withCleanup(t, (scope) => measure(scope, kind, held)));
    }
  }
  const rows = [...rounds].map(([name, seen]) => ({
    name,
    kib: (seen[0] ?? []).map((_, i) => median(seen.map((kib) => kib[i] ?? Number.NaN))),
  }));
  const naive = rows.find(({ name }) => name === NAIVE)?.kib ?? [];
  const text = table([
    ['KiB a member', ...sizes.flatMap((size) => [`N=${size}`, 'of naive'])],
    ...rows.map(({ name, kib }) => [
      name,
      ...sizes.flatMap((_, i) => [kib[i]?.toFixed(1) ?? '-', ratio(kib[i], naive[i])]),
    ]),
  ]);
  return {
    text: `Memory of idle members: resident memory above that of the bridge alone; medians of ${ROUNDS} rounds\n\n${text}`,
  };
}

function ratio(value: number | undefined, naive: number | undefined): string {
  return value === undefined || naive === undefined ? '-' : (value / naive).toFixed(2);
}

async function measure(
  t: Cleanup,
  kind: ReturnType<typeof bridgesFor>[number],
  sizes: number[],
): Promise<number[]> {
  const room = await builtRoom(t, 'broadcast', ONE_ADDRESS);
  const { program, door } = await kind.start(t, room.port);
  const use = new Processes(program.child.pid ?? 0);
  await sleep(1_000);
  const alone = use.residentBytes;
  const pool = new ClientPool(t);
  const kib: number[] = [];
  let members = 0;
  for (const size of sizes) {
    await pool.join(door, size - members, room, QUEUE);
    members = size;
    await sleep(REST_MS);
    kib.push((use.residentBytes - alone) / 1024 / size);
  }
  return kib;
}
