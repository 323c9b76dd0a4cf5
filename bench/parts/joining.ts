/**
 * A class joins at once a room whose accept queue holds five.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { bridgesFor, skipped } from '../bridges/bridges.ts';
import { ClientPool } from '../clients/client-pool.ts';
import type { PoolResult } from '../clients/client-pool-commands.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';

const MEMBERS = 200;
/** Deadline, ms. A later client never gets in. */
const WITHIN_MS = 10_000;

export async function measureJoining(t: Cleanup): Promise<Report> {
  const kinds = bridgesFor(MEMBERS);
  const seen = new Map<string, PoolResult[]>(kinds.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of kinds) {
      progress(`joining: ${kind.name}`);
      seen.get(kind.name)?.push(await withCleanup(t, (scope) => join(scope, kind)));
    }
  }
  const text = table([
    [`${MEMBERS} at once`, 'until all hear the room, ms', 'never in the room (worst)'],
    ...[...seen].map(([name, rounds]) => {
      const missing = Math.max(...rounds.map(({ lost }) => lost));
      return [name, missing > 0 ? '-' : median(rounds.map(({ tookMs }) => tookMs)).toFixed(0), `${missing}`];
    }),
  ]);
  return { text: [`Joining: medians of ${ROUNDS} rounds`, ...skipped(), text].join('\n\n') };
}

async function join(t: Cleanup, kind: ReturnType<typeof bridgesFor>[number]): Promise<PoolResult> {
  const room = await pythonRoom(t);
  const { door } = await kind.start(t, room.port);
  return await new ClientPool(t).rush(door, MEMBERS, room, WITHIN_MS);
}
