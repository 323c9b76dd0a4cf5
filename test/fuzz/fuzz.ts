/**
 * Sends generated inputs, in batches, to a part of the product that must survive them all.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import fc from 'fast-check';

export interface Subject<T> {
  inputs: fc.Arbitrary<T>;
  /** Sends the inputs. It throws if the part misbehaves. */
  take(batch: T[]): Promise<void>;
  /** Throws unless the part is as before, once nobody is connected. */
  rests(): Promise<void>;
}

const BATCH = 500;

/** Longest time of a batch, ms. A batch takes a fraction of a second on a quiet machine, and a minute on a busy one. */
const HANG_MS = 300_000;

/** Memory that a process may take for caches, bytes. */
const GROWTH_MAX_BYTES = 96 * 1024 * 1024;

/** V8 collects garbage late. With this limit a leak ends the process soon. */
export const LITTLE_MEMORY = { NODE_OPTIONS: '--max-old-space-size=96' };

/** Connections of the test's own requests. */
const OWN_CONNECTIONS = 2;

/** Runs the batches. A batch that fails can be repeated alone by its seed. */
export async function fuzz<T>(subject: Subject<T>, runs: number, seed: number): Promise<void> {
  for (let done = 0; done < runs; done += BATCH) {
    const batch = fc.sample(subject.inputs, { numRuns: Math.min(BATCH, runs - done), seed: seed + done });
    try {
      await withoutHanging(subject.take(batch));
    } catch (cause) {
      throw new Error(`after ${done} inputs, again with SEED=${seed + done}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  await withoutHanging(subject.rests());
}

async function withoutHanging(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs for ${HANG_MS} ms`)), HANG_MS);
  });
  await Promise.race([work, hang]).finally(() => clearTimeout(timer));
}

/** Resolves at the first of the events. An error, for which `once` would reject, is followed by `close`. */
export async function firstOf(socket: Socket, ...events: ('drain' | 'close')[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      for (const event of events) socket.off(event, end);
      resolve();
    };
    for (const event of events) socket.on(event, end);
  });
}

/**
 * Memory and files that a process holds. Only Linux reports them, so elsewhere the test finds only crashes and hangs.
 */
export class Footprint {
  readonly #pid: number | undefined;
  readonly #before: { files: string[]; memory: number };

  constructor(pid: number | undefined) {
    this.#pid = process.platform === 'linux' ? pid : undefined;
    this.#before = this.#now();
  }

  /** Describes what has not been released. It is empty if all is well. */
  get leak(): string {
    const { files, memory } = this.#now();
    const left = files.filter((file) => !this.#before.files.includes(file));
    const grown = memory - this.#before.memory;
    if (files.length > this.#before.files.length + OWN_CONNECTIONS) return `still open: ${left.join(', ')}`;
    return grown > GROWTH_MAX_BYTES ? `${Math.round(grown / 1024 / 1024)} MB more memory` : '';
  }

  #now(): { files: string[]; memory: number } {
    if (this.#pid === undefined) return { files: [], memory: 0 };
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
    const folder = `/proc/${this.#pid}/fd`;
    return {
      files: readdirSync(folder).map((file) => targetOf(`${folder}/${file}`)),
      memory: Number(kilobytes) * 1024,
    };
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'closed while we looked';
  }
}
