/**
 * Schedules of faults for gateways that share a log.
 */
import { setImmediate as nextIteration } from 'node:timers/promises';
import fc from 'fast-check';
import { Simulation } from '../cluster/simulation.ts';
import type { Subject } from './fuzz.ts';

export const sharedLog: Subject<number> = {
  // With its bias fast-check would often repeat small seeds.
  inputs: fc.noBias(fc.nat()),
  async take(batch) {
    for (const seed of batch) {
      try {
        new Simulation(seed).run();
      } catch (cause) {
        throw new Error(`schedule ${seed}: ${(cause as Error).message}`, { cause });
      }
      await nextIteration();
    }
  },
  async rests() {},
};
