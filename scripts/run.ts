/**
 * run.ts tcp-server | gateway: runs one of the servers, built if necessary. It forwards signals and the exit code.
 */
import { Service } from '../cli/service.ts';
import { aborted, stopSignals } from '../cli/stop-signals.ts';
import { inProject } from './lib/project.ts';
import { build, staleOnes, type TargetName } from './lib/targets.ts';

/** Longest shutdown, ms. */
const GRACE_MS = 8_000;

const NEEDS: Record<string, TargetName[]> = {
  'tcp-server': ['programs'],
  gateway: ['programs', 'page'],
};

const stop = stopSignals(process.env);
const [server = ''] = process.argv.slice(2);
process.exitCode = await run(server);

async function run(server: string): Promise<number> {
  if (!(await build(staleOnes(NEEDS[server] ?? []), { quiet: true, signal: stop })))
    return stop.aborted ? 0 : 1;
  const service = new Service(server, [`dist/${server}/main.js`], {
    cwd: inProject(),
    graceMs: GRACE_MS,
  });
  await Promise.race([aborted(stop), service.ended]);
  return (await service.stop()).exitCode;
}
