/**
 * The kinds of faults. Each returns when the fault is over and recovery may begin.
 */
import type { Dice } from './dice.ts';
import type { Kind } from './kind.ts';
import { HeadlessPage, MemoryStore, TIME_FACTOR } from './page.ts';
import { IN_CHROMIUM } from './windows.ts';
import type { Tab, World } from './world.ts';

/** Tabs that join for each fault of the last kind. */
export const JOINS = 20;

/** Entries of history that a newcomer receives by the gateway's default. */
const HISTORY_ENTRIES = 100;

/** Longer than a page needs to detect a silent connection, ms. */
const SILENCE_FOUND_MS = 26_000 / TIME_FACTOR;

export const KINDS: readonly Kind[] = [
  { id: '1a', title: 'WebSocket cut', room: "Python's", strike: cut },
  {
    id: '1b',
    title: 'WebSocket cut for 5 s',
    room: "Python's",
    env: { SESSION_RESUME_MS: '3000' },
    strike: cutForLong,
  },
  { id: '1c', title: 'cut again while catching up', room: "Python's", strike: cutAgain },
  { id: '1d', title: 'bytes stop, socket stays', room: "Python's", strike: stall },
  { id: '2a', title: 'gateway stopped', room: "Python's", strike: stopGateway },
  { id: '2b', title: 'gateway killed', room: 'ours', strike: killGateway },
  { id: '3a', title: 'room killed', room: 'ours', strike: killRoom },
  { id: '3b', title: "Python's room killed", room: "Python's", atMost: 2, strike: killRoom },
  { id: '4a', title: 'ear cut', room: "Python's", strike: (world) => cutEar(world) },
  { id: '4b', title: 'voices cut', room: "Python's", strike: cutVoices },
  {
    id: '5',
    title: `${JOINS} tabs join`,
    room: 'ours',
    env: { SESSION_RESUME_MS: '5000' },
    strike: joinAndLeave,
  },
  ...IN_CHROMIUM,
];

async function cut({ dice, tabs }: World): Promise<void> {
  for (const { network } of dice.someOf(tabs)) network.cut();
}

async function cutForLong(world: World): Promise<void> {
  const cutOff = world.dice.someOf(world.tabs);
  for (const { network } of cutOff) network.close();
  await world.pause(5_000);
  for (const { network } of cutOff) network.open();
}

async function cutAgain(world: World): Promise<void> {
  const { dice } = world;
  const cutOff = dice.someOf(world.tabs);
  for (const { network } of cutOff) network.close();
  await world.pause(dice.between(500, 2_000));
  await Promise.all(cutOff.map((tab) => catchUpInParts(tab, dice)));
}

/** Lets a part of the missed messages through each time. */
async function catchUpInParts({ network }: Tab, dice: Dice): Promise<void> {
  const parts = Array.from({ length: dice.between(1, 4) }, () => dice.between(200, 30_000));
  network.open();
  for (const bytes of parts) await network.cutAfter(bytes);
}

async function stall(world: World): Promise<void> {
  const stalled = world.dice.someOf(world.tabs);
  const connections = stalled.map(({ page }) => page.connections);
  for (const { network } of stalled) network.stall();
  await world.pause(SILENCE_FOUND_MS);
  await world.until(
    () => stalled.every(({ page }, index) => page.connections > (connections[index] ?? 0)),
    'not all tabs found the silence',
  );
  // The queued bytes arrive late, at a closed socket.
  for (const { network } of stalled) network.resume();
}

async function stopGateway(world: World): Promise<void> {
  await world.stopGateway();
  await world.pause(world.dice.between(0, 1_000));
  await world.startGateway();
}

async function killGateway(world: World): Promise<void> {
  await world.killGateway();
  await world.pause(world.dice.between(0, 1_000));
  await world.startGateway();
}

async function killRoom(world: World): Promise<void> {
  await world.killRoom();
  await world.pause(world.dice.between(0, 1_000));
  await world.startRoomAgain();
}

async function cutEar(world: World): Promise<void> {
  await world.allAreHere();
  (await world.ear()).cut();
}

async function cutVoices(world: World): Promise<void> {
  await world.allAreHere();
  const cutOff = world.dice.someOf(world.pages).map((page) => ({ page, before: page.address }));
  for (const { page } of cutOff) world.voiceOf(page)?.cut();
  // Waits until every tab has noticed the loss of its voice, because the fence alone would not.
  await world.until(
    () => cutOff.every(({ page, before }) => page.isHere && page.address !== before),
    'not all voices came back',
  );
}

/** Tabs that join and leave at random: newcomers, and reloads of an earlier one. */
async function joinAndLeave(world: World): Promise<void> {
  await Promise.all(Array.from({ length: JOINS }, (_, number) => visitOnce(world, number)));
}

async function visitOnce(world: World, number: number): Promise<void> {
  const { dice } = world;
  const name = `j${`${number}`.padStart(2, '0')}`;
  const port = world.gateway.port;
  const life = () => world.pause(dice.between(100, 1_500));
  await world.pause(dice.between(0, 1_000));
  const store = new MemoryStore();
  const page = new HeadlessPage(name, port, dice.next, store);
  page.client.join();
  await world.until(() => page.isHere && !page.client.timeline.isCatchingUp, `${name} did not come in`);
  await life();
  world.comparison.remember(page, newcomerBegins(page));
  switch (dice.oneOf(['reload', 'vanish', 'leave'] as const)) {
    case 'reload': {
      const seen = page.client.timeline.history.last;
      page.close();
      if (dice.next() < 0.5) await life();
      const reloaded = new HeadlessPage(`${name} reloaded`, port, dice.next, store);
      reloaded.client.join();
      await world.until(
        () => reloaded.isHere && !reloaded.client.timeline.isCatchingUp,
        `${name} did not come back`,
      );
      await life();
      world.comparison.remember(reloaded, seen + 1);
      reloaded.vanish();
      return;
    }
    case 'vanish':
      page.vanish();
      return;
    case 'leave':
      page.client.leave();
      await world.until(() => page.hasLeft, `${name} could not leave`);
      return;
  }
}

/** The number with which its history begins. */
function newcomerBegins({ welcome = { head: 0, tail: 1 } }: HeadlessPage): number {
  return Math.max(welcome.head - HISTORY_ENTRIES + 1, welcome.tail);
}
