/**
 * Moves SQLite's log of changes into the database, in a thread of its own, because that waits for the disk: 9 to 30 ms for
 * 4 MB on the machines that were measured.
 *
 *     every 5 s --> checkpoint --> another one, of what was written meanwhile; then the log of changes begins anew
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CAN_SHARE_WITH_THREADS, open } from './database.ts';

/** Node 20 runs no TypeScript in a thread, so only a built gateway has one. */
export const CAN_USE_THREAD = CAN_SHARE_WITH_THREADS && import.meta.url.endsWith('.js');

/** Without a pause each write would begin the log of changes anew, and wait for the disk once, ms. */
const EVERY_MS = 5_000;
/** The thread has a timer and a statement. With V8's own limits it takes 4 MB more. */
const SMALL = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 };
/** The second checkpoint finds a page or two. */
const CHECKPOINTS = 2;

interface Task {
  location: string;
  everyMs: number;
}

export class Checkpoints {
  readonly #thread: Worker;

  /** `onFailed` is called if the thread ends by itself. The writer makes checkpoints then. */
  constructor(location: string, onFailed: (error: Error) => void, everyMs = EVERY_MS) {
    const task: Task = { location, everyMs };
    this.#thread = new Worker(new URL(import.meta.url), {
      workerData: task,
      resourceLimits: SMALL,
      execArgv: [],
    });
    this.#thread.on('error', onFailed);
    this.#thread.unref();
  }

  /** Waits for the end of the thread. libsql aborts a process that ends while a thread opens a database. */
  async close(): Promise<void> {
    if (this.#thread.threadId < 0) return;
    const ended = once(this.#thread, 'exit');
    this.#thread.ref();
    this.#thread.postMessage('close');
    await ended;
  }
}

function makeCheckpoints({ location, everyMs }: Task): void {
  const db = open(location);
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const timer = setInterval(() => {
    try {
      for (let count = 0; count < CHECKPOINTS; count++) checkpoint.get();
    } catch {
      // A full disk. The writer finds that, too, and tells.
    }
  }, everyMs);
  parentPort?.once('message', () => {
    clearInterval(timer);
    db.close();
  });
}

if (!isMainThread) makeCheckpoints(workerData as Task);
