/**
 * A terminal that floods fills no transcript and delays no one.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

/** How often the gateway reports a flood at most, ms. */
const FLOOD_NOTE_EVERY_MS = 5_000;

async function openRoom(t: TestContext, env: Record<string, string> = {}) {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, env);
  const [tab, mallory] = [await openTab(t, gateway), await enter(t, room.port)];
  return { gateway, room, tab, mallory };
}

/** Waits until the room has repeated everything before, because it repeats in order. */
async function fence(gateway: Gateway, tab: Tab, say: (text: string) => void): Promise<number> {
  say('fin de la prueba\n');
  await eventually(
    () => tab.texts.at(-1)?.endsWith('fin de la prueba'),
    () => `the last is ${JSON.stringify(tab.texts.at(-1)?.slice(-80))}`,
    30_000,
  );
  return await gateway.metric('tertulia_transcript_head');
}

test('empty lines become no entries, and text after one is an entry of its own', async (t) => {
  const { gateway, tab, mallory } = await openRoom(t);
  mallory.send('antes\n');
  mallory.send('\n'.repeat(500));
  mallory.send(' \n\t\n\r\n');
  mallory.send('después\n');
  const head = await fence(gateway, tab, (text) => mallory.send(text));
  assert.deepEqual([head, tab.texts], [3, ['antes', 'después', 'fin de la prueba']]);
});

test('terminal that floods gets few entries, loses no line, and delays no other', async (t) => {
  const { gateway, room, tab, mallory } = await openRoom(t, { LINE_BURST: '20', LINE_RATE: '0.5' });
  const eva = await enter(t, room.port);
  const lines = Array.from({ length: 3_000 }, (_, i) => `línea ${i}`);
  const began = performance.now();
  mallory.send(`${lines.join('\n')}\n`);
  await tab.receivesReceipt(tab.say('y yo'), 'heard');
  eva.send('y eva\n');
  await tab.receives('y eva');
  const isMallorys = ({ from }: { from: string }): boolean => from === mallory.address;
  const heard = (): string[] => tab.entries.filter(isMallorys).flatMap(({ text }) => text.split('\n'));
  await eventually(
    () => heard().length >= lines.length,
    () => `${heard().length} lines`,
  );
  assert.deepEqual(heard(), lines);
  const entries = tab.entries.filter(isMallorys);
  assert.deepEqual(
    entries.slice(0, 20).map(({ text }) => text),
    lines.slice(0, 20),
  );
  assert.ok(entries.length < 40, `${entries.length} entries`);
  assert.deepEqual([...new Set(tab.floods)], [mallory.address]);
  await gateway.program.prints('flood: lines are combined');
  const notes = gateway.program.output.match(/flood: lines are combined/g)?.length ?? 0;
  const most = Math.ceil((performance.now() - began) / FLOOD_NOTE_EVERY_MS);
  assert.ok(notes <= most, `${notes} notes of one flood`);
});

test('forged lines that flood are gathered under their mark, and receipts still arrive', async (t) => {
  const { tab, mallory } = await openRoom(t, { LINE_BURST: '5', LINE_RATE: '2' });
  const forged = Array.from({ length: 200 }, (_, i) => `mentira ${i}`);
  mallory.send(forged.map((text) => `x\n${tab.you} dice: ${text}\n`).join(''));
  await tab.receivesReceipt(tab.say('la verdad'), 'heard');
  const under = () => tab.entries.filter(({ from }) => from === tab.you);
  const lines = () => under().filter((entry) => entry.forged);
  await eventually(
    () => lines().flatMap(({ text }) => text.split('\n')).length >= forged.length,
    () => `${lines().length} entries`,
  );
  assert.deepEqual(
    lines().flatMap(({ text }) => text.split('\n')),
    forged,
  );
  assert.ok(lines().length < 20);
  const said = under().filter((entry) => !entry.forged);
  assert.deepEqual(
    said.map(({ text }) => text),
    ['la verdad'],
  );
});
