/**
 * npm run dev: the room, the gateway and the page from their sources; each starts again, or reloads, when
 * its sources change. They stop together.
 */
import { toolCommand } from './lib/project.ts';
import { Service } from './lib/service.ts';
import { aborted, stopSignals } from './lib/stop-signals.ts';

/** How long each may take to end, ms. */
const GRACE = 8_000;

const stop = stopSignals();

/** In the order in which they are stopped: whoever talks to another goes first. */
const services = [
  new Service('The page', toolCommand('vite', 'web', '--host'), { grace: GRACE }),
  new Service('The gateway', watching('gateway/main.ts'), { grace: GRACE }),
  new Service('The room', watching('tcp-server/main.ts'), { grace: GRACE }),
];

await Promise.race([aborted(stop), ...services.map(tellItsEnd)]);
for (const service of services) await service.stop();

/** One that ends by itself has failed, and ends the others. */
async function tellItsEnd(service: Service): Promise<void> {
  const { words } = await service.ended;
  if (stop.aborted || process.exitCode === 1) return;
  console.error(`\n${service.name} ${words}.`);
  process.exitCode = 1;
}

function watching(program: string): string[] {
  return toolCommand('tsx', 'watch', '--clear-screen=false', program);
}
