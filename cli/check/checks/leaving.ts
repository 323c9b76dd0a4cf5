/**
 * Checks of clients that leave, politely or not.
 */
import type { Check } from '../check.ts';
import { failed, passed } from '../outcome.ts';
import { HEARS_WITHIN_MS } from '../room-format.ts';

const WITHIN_S = HEARS_WITHIN_MS / 1000;
const LEAVERS = 5;

export const halfClose: Check = {
  id: 'half-close',
  weight: 2,
  lesson: 5,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    const { speaker, witness } = await scene.talkingPair();
    const token = scene.token();
    speaker.say(token);
    speaker.end();
    if (!(await witness.hears(token, HEARS_WITHIN_MS))) return failed((t) => t.textLost(WITHIN_S));
    if (!(await speaker.isClosedByServer(HEARS_WITHIN_MS))) return failed((t) => t.notClosed(1, 1, WITHIN_S));
    return passed((t) => t.closedAfterText);
  },
};

export const leave: Check = {
  id: 'leave',
  weight: 2,
  lesson: 3,
  needs: 'many',
  risk: 'safe',
  async run(scene) {
    const pair = await scene.pair();
    const leavers = await scene.enter(LEAVERS);
    // A message to everybody shows that the server has accepted the leavers before they leave.
    await scene.mustPass(pair.speaker, pair.witness);
    for (const client of leavers) client.sayGoodbye();
    const closed = await Promise.all(leavers.map((client) => client.isClosedByServer(HEARS_WITHIN_MS)));
    await scene.mustLive(pair);
    const open = closed.filter((isClosed) => !isClosed).length;
    if (open > 0) return failed((t) => t.notClosed(open, LEAVERS, WITHIN_S));
    return passed((t) => t.closedAll(LEAVERS));
  },
};

export const reset: Check = {
  id: 'reset',
  weight: 3,
  lesson: 5,
  needs: 'many',
  risk: 'risky',
  async run(scene) {
    const pair = await scene.pair();
    const [other] = await scene.enter(1);
    // The server knows the other one, and has threads or buffers for it.
    await scene.mustPass(pair.speaker, pair.witness);
    other.say(scene.token());
    await scene.mustPass(pair.speaker, pair.witness);
    other.reset();
    await scene.mustLive(pair);
    return passed((t) => t.goesOn);
  },
};
