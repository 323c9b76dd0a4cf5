/**
 * A long time in one busy room, with tabs that come and go. The gateway and the room must hold as much at the end as
 * after the first minutes, and the log must be complete.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Dice } from '../faults/dice.ts';
import { JOINS, KINDS } from '../faults/kinds.ts';
import { TABS, World } from '../faults/world.ts';
import type { Cleanup } from '../helpers/eventually.ts';

/** Memory that may be waiting for the next garbage collection, bytes. V8 takes and returns it in such steps. */
const MEMORY_SLACK_BYTES = 16 * 1024 * 1024;
/** Connections of our own requests that are kept open for the next one. */
const FILES_SLACK = 8;
/** Part of the soak that fills pools and caches. */
const WARM_UP = 1 / 3;
/** Longest reconnection of a visitor whose connection broke, ms. */
const LINGER = { SESSION_RESUME_MS: '1000', RELOAD_RESUME_MS: '500' };
const ALL_GONE_WITHIN_MS = 20_000;

/** A sample of one process. */
interface Held {
  /** Resident memory, bytes. */
  memory: number;
  /** Open files, including sockets. */
  files: number;
}

export interface Sample {
  minute: number;
  messages: number;
  gateway: Held;
  room: Held;
}

export interface Soak {
  samples: Sample[];
  joins: number;
  findings: string[];
}

/** Only Linux lists the open files of a process. */
export const withoutProc = process.platform !== 'linux' && 'what a process holds is read from /proc';

export async function soak(
  t: Cleanup,
  minutes: number,
  seed: number,
  tell: (sample: Sample) => void,
): Promise<Soak> {
  const churn = KINDS.find(({ id }) => id === '5');
  if (churn === undefined) throw new Error('soak: there is no kind 5');
  const world = new World(t, new Dice(seed), churn.room, LINGER);
  await world.begin();
  const samples: Sample[] = [];
  const begin = performance.now();
  const end = begin + minutes * 60_000;
  let joins = 0;
  while (performance.now() < end) {
    await churn.strike(world);
    joins += JOINS;
    await world.comparison.compare();
    await world.gateway.metricReaches('tertulia_sessions', TABS, ALL_GONE_WITHIN_MS);
    const sample = take(world, (performance.now() - begin) / 60_000);
    samples.push(sample);
    tell(sample);
  }
  await world.comparison.end();
  const findings = world.comparison.tally.findings.map(({ fault, what }) => `${fault}: ${what}`);
  return { samples, joins, findings: [...findings, ...grown(samples)] };
}

function take(world: World, minute: number): Sample {
  return {
    minute,
    messages: world.comparison.log.head,
    gateway: heldBy(world.gateway.program.child.pid),
    room: heldBy(world.room.child.pid),
  };
}

function heldBy(pid = 0): Held {
  const [, kilobytes = ''] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { memory: Number(kilobytes) * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
}

/** Compares the minima after the warm-up with those at the end, because peaks in between come and go. */
export function grown(samples: readonly Sample[]): string[] {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP));
  const middle = Math.ceil(settled.length / 2);
  const [early, late] = [settled.slice(0, middle), settled.slice(middle)];
  if (late.length === 0) return [];
  return (['gateway', 'room'] as const).flatMap((program) => {
    const low = (part: readonly Sample[], what: keyof Held) =>
      Math.min(...part.map((sample) => sample[program][what]));
    const findings: string[] = [];
    for (const [what, slack] of [
      ['memory', MEMORY_SLACK_BYTES],
      ['files', FILES_SLACK],
    ] as const) {
      const growth = low(late, what) - low(early, what);
      if (growth > slack) findings.push(`${program}: ${what} grew by ${growth}`);
    }
    return findings;
  });
}
