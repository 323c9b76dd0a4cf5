/**
 * Backups of the transcript and a restart from them, as docs/deployment.md describes.
 */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'libsql';
import { dataDir, openTab, startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';

test('backup of a stopped gateway is whole, and its restore is a log of its own', async (t) => {
  const room = await builtRoom(t);
  const [live, backup] = [dataDir(t), dataDir(t)];
  const before = await startGateway(t, room.port, { DATA_DIR: live });
  const early = await openTab(t, before);
  await early.receivesReceipt(early.say('antes'), 'heard');
  await before.program.stop();
  cpSync(live, backup, { recursive: true });

  const after = await startGateway(t, room.port, { DATA_DIR: live });
  const tab = await openTab(t, after, early.resumePoint);
  await tab.receivesReceipt(tab.say('después'), 'heard');
  await after.program.stop();

  const database = new Database(join(backup, 'transcript.db'));
  database.exec("DELETE FROM state WHERE name = 'epoch'");
  database.close();
  const restored = await startGateway(t, room.port, { DATA_DIR: backup });
  const back = await openTab(t, restored, tab.resumePoint);
  await back.receives('antes');
  assert.notEqual(back.welcome?.epoch, tab.welcome?.epoch);
  assert.equal(back.welcome?.recovered, false);
  assert.ok(!back.texts.includes('después'));
});

test('running gateway locks its transcript and serves all of it over HTTP', async (t) => {
  const room = await builtRoom(t);
  const dir = dataDir(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: dir });
  const tab = await openTab(t, gateway);
  await tab.receivesReceipt(tab.say('hola'), 'heard');
  const open = (): unknown => {
    const database = new Database(join(dir, 'transcript.db'));
    return database.prepare('SELECT count(*) FROM entry').get();
  };
  assert.throws(open, /locked/);
  assert.match(await (await gateway.get('/api/transcript?format=jsonl')).text(), /"text":"hola"/);
});
