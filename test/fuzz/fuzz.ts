/**
 * Generated inputs, batch by batch, at a part of the product that must survive them all.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import fc from 'fast-check';

export interface Subject<T> {
  inputs: fc.Arbitrary<T>;
  /** Takes them; throws if it misbehaves. */
  take(batch: T[]): Promise<void>;
  /** Nobody is left: throws if it is not as it was before. */
  rests(): Promise<void>;
}

const BATCH = 500;

/** A batch takes a fraction of a second; a machine with other things to do is no hang, ms. */
const HANG_MS = 60_000;

/** What a process may hold on to beyond what it took to begin with: caches that fill, bytes. */
const GROWTH_MAX = 96 * 1024 * 1024;

/** V8 collects when it must: what a program never gives back fills this soon, and ends it. */
export const LITTLE_MEMORY = { NODE_OPTIONS: '--max-old-space-size=96' };

/** By which the test itself asks: they come and go. */
const OWN_CONNECTIONS = 2;

/** A batch that fails is repeated by its own seed, alone. */
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

/** What a process holds. Linux tells; elsewhere only crashes and hangs are found. */
export class Footprint {
  readonly #pid: number | undefined;
  readonly #before: { files: string[]; memory: number };

  constructor(pid: number | undefined) {
    this.#pid = process.platform === 'linux' ? pid : undefined;
    this.#before = this.#now();
  }

  /** What has not been given back, as a person reads it; empty if all is well. */
  get leak(): string {
    const { files, memory } = this.#now();
    const left = files.filter((file) => !this.#before.files.includes(file));
    const grown = memory - this.#before.memory;
    if (files.length > this.#before.files.length + OWN_CONNECTIONS) return `still open: ${left.join(', ')}`;
    return grown > GROWTH_MAX ? `${Math.round(grown / 1024 / 1024)} MB more memory` : '';
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
