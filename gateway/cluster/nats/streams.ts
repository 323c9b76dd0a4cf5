/**
 * The three streams of a cluster and their subjects.
 */
import type { JetStreamManager, NatsPackages, StreamConfig, StreamInfo } from './packages.ts';

/** Time in which an id is not written twice, and an announcement is kept, ms. A session has ended by then. */
export const DEDUPLICATION_MS = 10 * 60_000;
/** Announcements kept at most, bytes: ten minutes of full messages at 30 a second. They are reserved on each disk. */
const MAX_ANNOUNCED_BYTES = 512 * 1024 * 1024;
/** Copies where there are several servers. A cluster of three goes on without one. */
const REPLICAS = 3;
const NANOSECONDS_PER_MS = 1_000_000;

/** A stream holds entries, announcements, or the rules that hosts have set. */
export type StreamKind = 'log' | 'says' | 'hosts';

/** Names of one of the streams. JetStream republishes what it has committed, so that followers need no consumer. */
export interface StreamNames {
  stream: string;
  subject: string;
  live: string;
}

/** The chosen name of the cluster keeps several clusters on one NATS apart. */
export function streamNames(cluster: string, which: StreamKind): StreamNames {
  const subject = `tertulia.${cluster}.${which}`;
  return { stream: `tertulia-${cluster}-${which}`, subject, live: `${subject}-live` };
}

export function signalSubject(cluster: string, signal: string): string {
  return `tertulia.${cluster}.signal.${signal}`;
}

export interface Retention {
  maxAgeMs: number;
  maxBytes: number;
}

/** Creates the streams, or adapts those that exist. */
export async function ensureStreams(
  { jetstream: { DiscardPolicy, StorageType } }: NatsPackages,
  manager: JetStreamManager,
  cluster: string,
  { maxAgeMs, maxBytes }: Retention,
  isClustered: boolean,
): Promise<void> {
  const common = {
    // In memory the replicas of NATS 2.9 no longer agree after a leader has slept, and two dead servers lose everything.
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    allow_direct: true,
    deny_delete: true,
    num_replicas: isClustered ? REPLICAS : 1,
    duplicate_window: DEDUPLICATION_MS * NANOSECONDS_PER_MS,
  };
  await ensureStream(manager, streamNames(cluster, 'log'), {
    ...common,
    max_age: maxAgeMs * NANOSECONDS_PER_MS,
    max_bytes: maxBytes,
  });
  await ensureStream(manager, streamNames(cluster, 'says'), {
    ...common,
    max_age: DEDUPLICATION_MS * NANOSECONDS_PER_MS,
    max_bytes: MAX_ANNOUNCED_BYTES,
  });
  await ensureStream(manager, streamNames(cluster, 'hosts'), {
    ...common,
    max_age: 0,
    max_bytes: -1,
    // The newest record has the whole state.
    max_msgs: 1,
  });
}

type Limits = Pick<StreamConfig, 'max_age' | 'max_bytes' | 'num_replicas'> & Partial<StreamConfig>;

async function ensureStream(
  manager: JetStreamManager,
  { stream: name, subject, live }: StreamNames,
  config: Limits,
): Promise<void> {
  const found = await findStream(manager, name);
  if (found === undefined) {
    // Gateways that create the same stream at once all succeed.
    await manager.streams.add({
      name,
      subjects: [subject],
      republish: { src: subject, dest: live },
      ...config,
    });
    return;
  }
  const { max_age, max_bytes, num_replicas } = config;
  const is = found.config;
  if (is.max_age === max_age && is.max_bytes === max_bytes && is.num_replicas >= num_replicas) return;
  await manager.streams.update(name, { max_age, max_bytes, num_replicas });
}

/** Returns nothing if the stream does not exist. Rejects if nobody can tell. */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if ((error as { code?: number }).code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

const STREAM_NOT_FOUND = 10_059;
const WRONG_LAST_SEQUENCE = [10_071, 10_164];

export function isWrongLastSequence(code: number | undefined): boolean {
  return code !== undefined && WRONG_LAST_SEQUENCE.includes(code);
}
