/**
 * Moves the transcript that a gateway had alone into its cluster, when it is started with CLUSTER for the first time.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterEngine } from '../../cluster/engine.ts';
import { moveIn } from '../../cluster/move-in.ts';
import { FILE_NAME, type SqliteStore } from '../../transcript/sqlite-store.ts';
import { encode } from './shared-rules.ts';

/** Entries that are read from disk at once. */
const READ_ENTRIES = 500;

export interface MoveLog {
  info(message: string): void;
  warn(message: string): void;
}

/** `dir`: the folder of the old transcript. `copyDir`: that of the copy of the cluster's log. */
export async function moveTranscript(
  { dir, copyDir }: { dir: string; copyDir: string },
  openStore: (dir: string) => SqliteStore,
  engine: ClusterEngine,
  log: MoveLog,
): Promise<void> {
  const file = join(dir, FILE_NAME);
  if (existsSync(join(copyDir, FILE_NAME)) || !existsSync(file)) return;
  const store = openStore(dir);
  const { previousRun, tail } = store;
  const { epoch, head, heardUntil } = previousRun;
  try {
    if (tail === undefined) return;
    const result = await moveIn(
      {
        epoch,
        before: tail - 1,
        head,
        heardUntil,
        rules: encode({ ...rulesOf(store), marksFrom: tail, silences: new Map() }, epoch),
        entriesAfter: (seq) => store.after(seq, READ_ENTRIES),
      },
      engine,
      log,
      new AbortController().signal,
    );
    if (result === 'moved') log.info(`the transcript was moved into the cluster; ${file} stays as it was`);
    else log.warn(`the cluster has another transcript: ${file} is not in it, and stays as it was`);
  } finally {
    store.finish(head, heardUntil);
    store.close();
  }
}

function rulesOf({ moderation: { settings, marks } }: SqliteStore) {
  return { settings, marks: new Map(marks.map((mark) => [mark.root, mark])) };
}
