/**
 * npm run dev: runs the room, the gateway and the page from their sources. Each restarts or reloads when its sources
 * change. They stop together.
 */

import { Service } from '../cli/service.ts';
import { aborted, stopSignals } from '../cli/stop-signals.ts';
import { TEXTS } from '../cli/texts.ts';
import { inProject, toolCommand } from './lib/project.ts';

/** Longest shutdown of each, ms. */
const GRACE_MS = 8_000;
const OPTIONS = { cwd: inProject(), graceMs: GRACE_MS };

const stop = stopSignals(process.env);

/** In the order of shutdown: a client stops before its server. */
const services = [
  new Service('The page', toolCommand('vite', 'web', '--host'), OPTIONS),
  new Service('The gateway', watching('gateway/main.ts'), OPTIONS),
  new Service('The room', watching('tcp-server/main.ts'), OPTIONS),
];

await Promise.race([aborted(stop), ...services.map(tellItsEnd)]);
for (const service of services) await service.stop();

/** A program that ends by itself has failed, and ends the others. */
async function tellItsEnd(service: Service): Promise<void> {
  const ending = await service.ended;
  if (stop.aborted || process.exitCode === 1) return;
  console.error(`\n${TEXTS.en.ended(service.name, ending)}.`);
  process.exitCode = 1;
}

function watching(program: string): string[] {
  return toolCommand('tsx', 'watch', '--clear-screen=false', program);
}
