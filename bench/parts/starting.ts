/**
 * The time from the command to the addresses that it prints: the room listens, and the gateway is in the room.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { start } from '../../test/helpers/process.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';

export async function measureStarting(t: Cleanup): Promise<Report> {
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    progress('starting');
    tookMs.push(await withCleanup(t, startOnce));
  }
  const text = table([
    ['from the command to', 'median, ms', 'fastest, ms', 'slowest, ms'],
    ['ready', ...[median(tookMs), Math.min(...tookMs), Math.max(...tookMs)].map((ms) => ms.toFixed(0))],
  ]);
  return { text: [`Starting: ${ROUNDS} rounds with an empty data folder`, text].join('\n\n') };
}

async function startOnce(t: Cleanup): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-bench-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const began = performance.now();
  const args = ['--http-port', '0', '--tcp-port', '0', '--data-dir', folder];
  const command = await start(t, process.execPath, [inProject('dist/cli/main.js'), ...args]);
  await command.prints('"msg":"ready"');
  const tookMs = performance.now() - began;
  await command.stop('SIGINT');
  return tookMs;
}
