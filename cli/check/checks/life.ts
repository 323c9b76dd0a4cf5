/**
 * Checks of the process: it stops when it is asked to, and starts again on the same port.
 */
import type { Check } from '../check.ts';
import { failed, noted, passed, skipped } from '../outcome.ts';

/** Longest stop, ms. */
const STOPS_WITHIN_MS = 5_000;
const CLOSES_WITHIN_MS = 1_000;

export const stop: Check = {
  id: 'stop',
  weight: 1,
  lesson: 6,
  needs: 'one',
  risk: 'own',
  async run(scene) {
    if (process.platform === 'win32') return skipped((t) => t.needsSignals);
    const { speaker, witness } = await scene.talkingPair();
    scene.server.signal('SIGINT');
    const end = await scene.server.ends(STOPS_WITHIN_MS);
    if (!end) return failed((t) => t.notStopped(STOPS_WITHIN_MS / 1000));
    await Promise.all([speaker, witness].map((client) => client.isClosedByServer(CLOSES_WITHIN_MS)));
    const isReset = speaker.isReset || witness.isReset;
    return isReset ? noted((t) => t.stoppedByReset(end)) : passed((t) => t.stopped(end));
  },
};

export const restart: Check = {
  id: 'restart',
  weight: 2,
  lesson: 6,
  needs: 'one',
  risk: 'own',
  async run(scene) {
    const { speaker, witness } = await scene.talkingPair();
    await scene.server.kill();
    // The server's side has closed first, so its system keeps these connections, until the clients are reset at the end.
    await Promise.all([speaker, witness].map((client) => client.isClosedByServer(CLOSES_WITHIN_MS)));
    const began = performance.now();
    const outcome = await scene.server.start(scene.budget);
    if (outcome.status !== 'passed') return failed(outcome.seen);
    return passed((t) => t.restarted(Math.round(performance.now() - began)));
  },
};
