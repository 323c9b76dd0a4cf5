/**
 * Decides for `/readyz` whether browsers should come to this gateway of a cluster.
 */
import type { ClusterStatus } from './status.ts';

/** An append without an answer for this time makes the gateway unready, ms. An election takes up to 9 s. */
export const UNCONFIRMED_MS = 5_000;

/** Returns the reason why not, undefined if it is ready. */
export function whyNotInCluster({
  isCurrent,
  isRepairing,
  unacknowledgedMs,
}: ClusterStatus): string | undefined {
  if (isRepairing) return 'repairing its copy of the transcript';
  if (!isCurrent) return 'catching up with the cluster';
  if (unacknowledgedMs < UNCONFIRMED_MS) return undefined;
  return `the cluster has not confirmed anything for ${Math.floor(unacknowledgedMs / 1000)} s`;
}
