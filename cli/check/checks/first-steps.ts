/**
 * The first checks: the server answers, and serves several clients at once.
 */
import type { Check } from '../check.ts';
import { CheckFailure, failed, passed } from '../outcome.ts';
import { HEARS_WITHIN_MS } from '../room-format.ts';

const WITHIN_S = HEARS_WITHIN_MS / 1000;

/** The runner starts the server before any check. This check reports how the first start went. */
export const start: Check = {
  id: 'start',
  weight: 1,
  lesson: 1,
  needs: 'one',
  risk: 'safe',
  run: async ({ server: { port } }) => passed((t) => t.listens(port)),
};

export const answer: Check = {
  id: 'answer',
  weight: 1,
  lesson: 1,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    if (scene.format.kind === 'silent') return failed((t) => t.noAnswer);
    const { speaker, witness } = await scene.talkingPair();
    return passed((t) => (speaker === witness ? t.cameBack : t.reachedOthers));
  },
};

export const concurrency: Check = {
  id: 'concurrency',
  weight: 2,
  lesson: 2,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    // The first one is connected, and silent.
    const [, ...others] = await scene.enter(4);
    for (const [index, speaker] of others.entries()) {
      const witness = scene.format.kind === 'room' ? others[(index + 1) % others.length] : speaker;
      if (!(await scene.passes(speaker, witness ?? speaker))) {
        throw new CheckFailure((t) => t.notServed(speaker.name, WITHIN_S));
      }
    }
    return passed((t) => t.servedAll(others.length + 1));
  },
};
