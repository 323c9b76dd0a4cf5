/**
 * Some thousand inputs for each part. `npm run fuzz` makes a million.
 */
import { test } from 'node:test';
import type { Cleanup } from '../helpers/eventually.ts';
import { fuzz, type Subject } from './fuzz.ts';
import { http } from './http.ts';
import { parsers } from './parsers.ts';
import { room } from './room.ts';
import { sharedLog } from './shared-log.ts';
import { websocket } from './websocket.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 3_000);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));

type Start<T> = (t: Cleanup) => Subject<T> | Promise<Subject<T>>;

function survives<T>(part: string, start: Start<T>): void {
  test(`${part} survive generated inputs`, async (t) => {
    t.diagnostic(`SEED=${SEED}, ${RUNS} inputs`);
    await fuzz(await start(t), RUNS, SEED);
  });
}

survives('parsers', () => parsers);
survives('WebSockets', websocket);
survives('HTTP requests', http);
survives('terminals', room);
survives('shared logs', () => sharedLog);
