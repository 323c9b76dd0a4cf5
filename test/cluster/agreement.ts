/**
 * Facts about several gateways of a cluster, and about their tabs.
 */
import assert from 'node:assert/strict';
import { eventually } from '../helpers/eventually.ts';
import type { Gateway, Tab } from '../helpers/gateway.ts';

/** A gateway that was slow for a moment is followed by another, so that both or none may seem to append. */
export async function appenderOf(gateways: readonly Gateway[]): Promise<number> {
  let appends: number[] = [];
  await eventually(
    async () => {
      appends = await Promise.all(gateways.map((gateway) => gateway.metric('tertulia_cluster_appends')));
      return appends.filter((value) => value === 1).length === 1;
    },
    () => `not exactly one gateway appends: ${appends}`,
  );
  return appends.indexOf(1);
}

/** Compares what both tabs have. Their histories begin with different entries if one gateway was behind the other. */
export async function haveSame(one: Tab, other: Tab): Promise<void> {
  await eventually(
    () => one.entries.at(-1)?.seq === other.entries.at(-1)?.seq,
    () => `the tabs have received ${one.entries.at(-1)?.seq} and ${other.entries.at(-1)?.seq}`,
  );
  const since = Math.max(...[one, other].map(({ entries }) => entries[0]?.seq ?? 0));
  const [here, there] = [one, other].map(({ entries }) => entries.filter(({ seq }) => seq >= since));
  assert.deepEqual(here, there);
}
