/**
 * npm start: builds what is stale, and runs the command `tertulia` for this clone. It takes the same flags
 * (`npm start -- --http-port 9000`).
 */
import { runCommand } from '../cli/command.ts';
import { stopSignals } from '../cli/stop-signals.ts';
import { inProject } from './lib/project.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const stop = stopSignals(process.env);

if (await buildStale()) {
  const result = await runCommand({
    args: process.argv.slice(2),
    env: process.env,
    root: inProject(),
    stdout: process.stdout,
    isClone: true,
  });
  if (typeof result === 'number') {
    process.exitCode = result;
  } else {
    console.error('npm start runs the room and the gateway. Use npm run start:tcp-server or npm run client.');
    process.exitCode = 2;
  }
}

/** Returns true if the programs can be started. A stop signal is no failure. */
async function buildStale(): Promise<boolean> {
  const stale = staleOnes(EVERYTHING);
  if (stale.length > 0) {
    console.log(`Building ${stale.join(' and ')} ...`);
    const isBuilt = await build(stale, { quiet: true, signal: stop });
    if (!isBuilt && !stop.aborted) {
      console.error('\nThe build failed: see above.');
      process.exitCode = 1;
      return false;
    }
  }
  return !stop.aborted;
}
