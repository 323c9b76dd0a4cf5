/**
 * Checks under load: a client that does not read, many at once, and many in total.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Check } from '../check.ts';
import { failed, noted, type Outcome, passed } from '../outcome.ts';
import type { RoomClient } from '../room-client.ts';
import { HEARS_WITHIN_MS } from '../room-format.ts';
import type { Scene } from '../scene.ts';

const MEBIBYTE_BYTES = 1024 * 1024;
/** The flood fills the buffers of the system on both sides, which hold up to some 6 MiB. */
const FLOOD_BYTES = 12 * MEBIBYTE_BYTES;
/** Longest flood, ms. A server may slow floods down. */
const FLOOD_MS = 6_000;
const FLOOD_TEXT = 'flood '.repeat(165);
/** Most bytes that wait in a flooding client. */
const FLOOD_QUEUE_BYTES = 128 * 1024;
const FLOODERS = 3;
const FLOOD_TURN_MS = 2;

const BURST = 50;
/** Time in which a stopped server's system accepts connections, ms. It needs no answer of the server. */
const QUEUE_WAIT_MS = 500;
/** TCP repeats a refused request for a connection after one second, so a connection after this time had to wait, ms. */
const QUEUED_AFTER_MS = 800;
const BURST_WITHIN_MS = 6_000;

const CROWD = 200;
/** Clients that connect at the same time: fewer than the shortest usual queue. */
const CROWD_STEP = 4;
/** A server may still be adding the last clients to its list, so the message is repeated. */
const CROWD_ROUNDS = 3;

export const slowReader: Check = {
  id: 'slow-reader',
  weight: 3,
  lesson: 6,
  needs: 'room',
  risk: 'risky',
  async run(scene) {
    const pair = await scene.pair();
    const [sleeper] = await scene.enter(1);
    const flooders: RoomClient[] = await scene.enter(FLOODERS);
    await scene.mustPass(pair.speaker, pair.witness);
    sleeper.stopReading();
    const { receivedBytes } = pair.witness;
    const floods = new Map(
      flooders.map((client) => {
        const text = FLOOD_TEXT.slice(0, Math.min(FLOOD_TEXT.length, client.textMaxBytes));
        return [client, Buffer.concat(Array.from({ length: 32 }, () => client.line(text)))];
      }),
    );
    let isFlooding = true;
    const flood = (async () => {
      while (isFlooding) {
        for (const [client, lines] of floods) if (client.unsentBytes < FLOOD_QUEUE_BYTES) client.write(lines);
        await delay(FLOOD_TURN_MS);
      }
    })();
    const passedBytes = () => pair.witness.receivedBytes - receivedBytes;
    const outcome = await listenThrough(scene, pair, passedBytes);
    isFlooding = false;
    await flood;
    return outcome ?? passed((t) => t.floodSurvived(inMebibytes(passedBytes()), !sleeper.isOpen));
  },
};

/** Talks while the flood goes on. Returns the failure if the room stops. */
async function listenThrough(
  scene: Scene,
  { speaker, witness }: { speaker: RoomClient; witness: RoomClient },
  passedBytes: () => number,
): Promise<Outcome | undefined> {
  const until = performance.now() + scene.budget.shorten(FLOOD_MS);
  while (passedBytes() < FLOOD_BYTES && performance.now() < until) {
    // In a flood a message waits behind others. Only a room in which nothing arrives any more is frozen.
    const token = scene.token();
    speaker.say(token);
    while (!(await witness.hears(token, FLOOD_MS / 6))) {
      const before = passedBytes();
      await witness.until(() => passedBytes() > before, HEARS_WITHIN_MS);
      if (passedBytes() === before) {
        const { end } = scene.server;
        return failed((t) =>
          end ? t.serverEnded(end) : t.floodFroze(inMebibytes(before), HEARS_WITHIN_MS / 1000),
        );
      }
      if (performance.now() > until) break;
    }
  }
  return undefined;
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE_BYTES).toFixed(1);
}

export const burst: Check = {
  id: 'burst',
  weight: 2,
  lesson: 6,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    const { speaker, witness } = await scene.talkingPair();
    const canPause = scene.server.isOwn && process.platform !== 'win32';
    return canPause ? await burstAtPaused(scene) : await burstAtRunning(scene, speaker === witness, witness);
  },
};

/** Pauses the server, so that the length of its queue decides, and not the speed of the machine. */
async function burstAtPaused(scene: Scene): Promise<Outcome> {
  scene.server.signal('SIGSTOP');
  const dialled = Array.from({ length: BURST }, () => scene.dial());
  let queued = 0;
  for (const { opened } of dialled) {
    opened.then((isOpen) => {
      if (isOpen) queued++;
    });
  }
  await delay(QUEUE_WAIT_MS);
  const inQueue = queued;
  scene.server.signal('SIGCONT');
  return inQueue < BURST
    ? failed((t) => t.burstOverflow(inQueue, BURST))
    : passed((t) => t.burstQueued(BURST));
}

/** A server elsewhere can't be paused. A full queue shows by its delay, if the server is slow enough. */
async function burstAtRunning(scene: Scene, isEcho: boolean, witness: RoomClient): Promise<Outcome> {
  const began = performance.now();
  let slow = 0;
  const heard = await Promise.all(
    Array.from({ length: BURST }, async () => {
      const { client, opened } = scene.dial();
      if (!(await opened)) return false;
      if (performance.now() - began > QUEUED_AFTER_MS) slow++;
      return await scene.passes(client, isEcho ? client : witness, BURST_WITHIN_MS);
    }),
  );
  const arrived = heard.filter(Boolean).length;
  if (arrived < BURST) return failed((t) => t.burstLost(arrived, BURST, BURST_WITHIN_MS / 1000));
  return (slow > 0 ? noted : passed)((t) => t.burstArrived(BURST, slow));
}

export const many: Check = {
  id: 'many',
  weight: 2,
  lesson: 6,
  needs: 'room',
  risk: 'safe',
  async run(scene) {
    const { speaker, witness } = await scene.pair();
    const crowd: RoomClient[] = [];
    while (crowd.length < CROWD) {
      const step = await Promise.all(Array.from({ length: CROWD_STEP }, () => enterHeard(scene, witness)));
      crowd.push(...step.filter((client) => client !== undefined));
      if (step.includes(undefined)) break;
    }
    const heard = new Set<RoomClient>();
    for (let round = 0; round < CROWD_ROUNDS && heard.size < CROWD; round++) {
      const token = scene.token();
      speaker.say(token);
      await Promise.all(
        crowd.map(async (client) => {
          if (await client.hears(token, HEARS_WITHIN_MS / CROWD_ROUNDS)) heard.add(client);
        }),
      );
    }
    if (heard.size < CROWD) return failed((t) => t.manyLost(heard.size, CROWD));
    return passed((t) => t.manyHeard(CROWD));
  },
};

/** A client that the room has heard is accepted, and waits in no queue. */
async function enterHeard(scene: Scene, witness: RoomClient): Promise<RoomClient | undefined> {
  const client = await scene.tryEnter();
  return client && (await scene.passes(client, witness)) ? client : undefined;
}
