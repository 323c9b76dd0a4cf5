/**
 * Tabs that vanish in a busy room, in front of the tutorial's server, which one reset would block for ever.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const TABS = 50;
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SPEAKERS = 4;
const SPEAK_EVERY_MS = 10;

/** Terminals that send until the test is over. They send ASCII, because an accent that `recv` cuts kills the room. */
async function busySpeakers(t: TestContext, port: number): Promise<TcpClient[]> {
  const speakers = [];
  for (let i = 0; i < SPEAKERS; i++) {
    const speaker = await enter(t, port);
    const timer = setInterval(
      () => speaker.send(`orador ${i}: hola, ${'palabra '.repeat(20)}\n`),
      SPEAK_EVERY_MS,
    );
    t.after(() => clearInterval(timer));
    speakers.push(speaker);
  }
  return speakers;
}

async function roomLives(t: TestContext, port: number, round: number): Promise<void> {
  const [asker, hearer] = [await enter(t, port), await enter(t, port)];
  const words = `se oye, ronda ${round}`;
  // It repeats the request until the room has accepted both connections.
  const asking = setInterval(() => asker.send(`${words}\n`), 50);
  t.after(() => clearInterval(asking));
  await hearer.receives(words);
  clearInterval(asking);
  await asker.leave();
  await hearer.leave();
}

async function vanishAtRandom(tabs: Tab[]): Promise<void> {
  const gone = tabs.map(async (tab) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
    tab.say('me voy a medias');
    tab.vanish();
  });
  await Promise.all(gone);
}

async function manyTabs(t: TestContext, gateway: Gateway): Promise<Tab[]> {
  return await Promise.all(Array.from({ length: TABS }, () => openTab(t, gateway)));
}

test(`room survives ${TABS} tabs that vanish, ${ROUNDS} times`, { skip: withoutPython }, async (t) => {
  const { port } = await pythonRoom(t);
  // The sessions leave the room at once, while it is busy, instead of a minute later.
  const gateway = await startGateway(t, port, { SESSION_RESUME_MS: '20', RELOAD_RESUME_MS: '20' });
  await busySpeakers(t, port);

  for (let round = 1; round <= ROUNDS; round++) {
    await vanishAtRandom(await manyTabs(t, gateway));
    await gateway.metricReaches('tertulia_sessions', 0);
    await roomLives(t, port, round);
  }
  assert.equal((await gateway.get('/readyz')).status, 200);
});

test(`room survives a SIGTERM to a gateway with ${TABS} sessions, ${ROUNDS} times`, {
  skip: withoutPython,
}, async (t) => {
  const { port } = await pythonRoom(t);
  await busySpeakers(t, port);

  for (let round = 1; round <= ROUNDS; round++) {
    const gateway = await startGateway(t, port);
    const tabs = await manyTabs(t, gateway);
    for (const tab of tabs) tab.say('¿y ahora?');
    assert.deepEqual(await gateway.program.stop(), { code: 0, signal: null });
    for (const tab of tabs) assert.equal((await tab.isClosed()).code, 1012);
    await roomLives(t, port, round);
  }
});
