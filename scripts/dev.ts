/**
 * npm run dev: runs the room, the gateway and the page from their sources. Each restarts or reloads when its sources
 * change. They stop together.
 */
import { toolCommand } from './lib/project.ts';
import { Service } from './lib/service.ts';
import { aborted, stopSignals } from './lib/stop-signals.ts';

/** Longest shutdown of each, ms. */
const GRACE_MS = 8_000;

const stop = stopSignals();

/** In the order of shutdown: a client stops before its server. */
const services = [
  new Service('The page', toolCommand('vite', 'web', '--host'), { graceMs: GRACE_MS }),
  new Service('The gateway', watching('gateway/main.ts'), { graceMs: GRACE_MS }),
  new Service('The room', watching('tcp-server/main.ts'), { graceMs: GRACE_MS }),
];

await Promise.race([aborted(stop), ...services.map(tellItsEnd)]);
for (const service of services) await service.stop();

/** A program that ends by itself has failed, and ends the others. */
async function tellItsEnd(service: Service): Promise<void> {
  const { words } = await service.ended;
  if (stop.aborted || process.exitCode === 1) return;
  console.error(`\n${service.name} ${words}.`);
  process.exitCode = 1;
}

function watching(program: string): string[] {
  return toolCommand('tsx', 'watch', '--clear-screen=false', program);
}
