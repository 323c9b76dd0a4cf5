/**
 * Resources that processes use, as the system reports them. Linux only.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A process and its descendants. */
export class Processes {
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** CPU time of all threads, µs. It sums the threads to the nanosecond, because `stat` rounds to 10 ms. */
  get cpuUs(): number {
    return sumOf(familyOf(this.#pid).flatMap(threadsOf).map(runtimeUs));
  }

  /** Memory now, bytes. */
  get residentBytes(): number {
    return this.#status('VmRSS');
  }

  /** Peak of memory since `forgetPeak`, bytes. */
  get peakBytes(): number {
    return this.#status('VmHWM');
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.#pid}/clear_refs`, '5');
  }

  #status(name: string): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  }
}

/** The process and all its descendants. */
function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(name));
  const isKin = (pid: number): boolean => pid === root || (pid > 1 && isKin(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isKin);
}

function parentOf(pid: string): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return []; // The process has ended meanwhile.
  }
}

function runtimeUs(thread: string): number {
  return Number(read(`${thread}/schedstat`).split(' ')[0]) / 1000;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
