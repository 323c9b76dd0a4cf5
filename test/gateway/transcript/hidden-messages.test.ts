/**
 * Hidden messages: what each read of the transcript gives to guests and hosts. test/security/hosts.test.ts has the rest.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../../gateway/protocol.ts';
import { HiddenMessages } from '../../../gateway/transcript/hidden-messages.ts';
import { type Batch, entriesOf, frameOf } from '../../../gateway/transcript/ring-buffer.ts';
import { SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import { dataDir } from '../../helpers/gateway.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

function entry(seq: number, more: Partial<Entry> = {}): string {
  return JSON.stringify({ seq, at: 0, from: '10.0.0.7:4000', text: `text ${seq}`, ...more });
}

function batch(after: number, ...entries: string[]): Batch {
  return { after, last: after + entries.length, frame: frameOf(entries) };
}

function textsOf(frame: Buffer | undefined): string[] {
  const entries = frame ? entriesOf({ after: 0, last: 0, frame }) : [];
  return entries.map(({ text, hidden }) => `${text}${hidden ? ' (hidden)' : ''}`);
}

test('batch without a hidden entry is returned as it is, so that a fan-out encodes nothing', () => {
  const hidden = new HiddenMessages();
  const fresh = batch(10, entry(11));
  assert.equal(hidden.split(fresh), fresh);
  hidden.add(5, [7]);
  assert.equal(hidden.split(fresh), fresh);
  const between = batch(5, entry(6));
  assert.equal(hidden.split(between), between);
});

test('batch with a hidden entry has a frame for guests and one for hosts', () => {
  const hidden = new HiddenMessages();
  hidden.add(2, [3]);
  const { frame, hostFrame } = hidden.split(batch(0, entry(1), entry(2), entry(3, { continues: 2 })));
  assert.deepEqual(textsOf(frame), ['text 1', ' (hidden)', ' (hidden)']);
  assert.deepEqual(textsOf(hostFrame), ['text 1', 'text 2 (hidden)', 'text 3 (hidden)']);
  hidden.delete(2);
  assert.equal(hidden.split(batch(0, entry(1), entry(2))).hostFrame, undefined);
});

test('entry that continues a hidden message is hidden when it is appended', () => {
  const hidden = new HiddenMessages();
  hidden.add(2, []);
  hidden.onAppend(3, undefined);
  hidden.onAppend(4, 2);
  assert.deepEqual([hidden.has(3), hidden.has(4)], [false, true]);
  hidden.delete(2);
  assert.equal(hidden.has(4), false);
});

test('entry that continues a hidden message is read by no guest, from memory or from disk', async (t) => {
  const store = new SqliteStore({ dir: dataDir(t), retention: KEEP_ALL });
  const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => {} };
  const log = new Transcript(store, { maxEntries: 3, maxBytes: 64 * 1024 }, events);
  t.after(() => log.close());
  const append = (text: string, continues?: number): number =>
    log.append({ at: 0, from: '10.0.0.7:4000', text, ...(continues !== undefined && { continues }) });
  const root = append('injuria');
  log.messages.hide(root);
  append(' y sigue', root);
  for (const text of ['otra', 'y otra', 'la última']) append(text);
  append(' todavía', root);
  const forGuests = [log.batch(0)?.frame, log.batch(3)?.frame].flatMap(textsOf);
  assert.doesNotMatch(forGuests.join() + log.find({ limit: 10 }).join(), /injuria|sigue|todavía/);
  assert.match(textsOf(log.batch(0)?.hostFrame).join(), /injuria .*sigue/);
  for (const words of ['injuria', 'sigue', 'todavía']) {
    const search = (audience: 'guests' | 'hosts') =>
      log.search.find(words, { limit: 1, audience }, async () => {});
    assert.deepEqual((await search('guests')).messages, []);
    assert.equal((await search('hosts')).messages.length, 1);
  }
});

test('search of a guest finds as many messages when hidden ones match too', async (t) => {
  const store = new SqliteStore({ dir: dataDir(t), retention: KEEP_ALL });
  const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => {} };
  const log = new Transcript(store, { maxEntries: 100, maxBytes: 64 * 1024 }, events);
  t.after(() => log.close());
  for (let i = 0; i < 6; i++) log.append({ at: 0, from: '10.0.0.7:4000', text: `hola ${i}` });
  for (const root of [4, 5, 6]) log.messages.hide(root);
  const { messages, more } = await log.search.find('hola', { limit: 2 }, async () => {});
  assert.deepEqual([messages.map((json) => (JSON.parse(json) as Entry).seq), more], [[2, 3], true]);
});

test('truncated transcript takes other entries, and hidden messages stay hidden', (t) => {
  const store = new SqliteStore({ dir: dataDir(t), retention: KEEP_ALL });
  const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => assert.fail() };
  const log = new Transcript(store, { maxEntries: 3, maxBytes: 64 * 1024 }, events, undefined, true);
  t.after(() => log.close());
  const append = (sequence: number, json: string[]): void => {
    const entries = json.map((text) => JSON.parse(text) as Entry);
    const progress = { sequence, id: `r${sequence}`, epoch: 'e', head: entries.at(-1)?.seq ?? 0 };
    log.appendShared(entries, json, progress);
  };
  append(1, [entry(1), entry(2), entry(3)]);
  log.flush();
  append(2, [entry(4), entry(5, { continues: 2 })]);
  append(3, [entry(6), entry(7)]);
  for (const root of [2, 6]) log.messages.hide(root);
  log.truncate({ sequence: 2, id: 'r2', epoch: 'e', head: 5 });
  assert.deepEqual([log.head, log.find({ limit: 9 }).length, log.unwritten], [5, 5, 0]);
  log.truncate({ sequence: 1, id: 'r1', epoch: 'e', head: 3 });
  append(2, [entry(4, { continues: 2 }), entry(5), entry(6)]);
  append(3, [entry(7, { continues: 6 }), entry(8)]);
  const texts = ['text 1', ' (hidden)', 'text 3', ' (hidden)', 'text 5', ' (hidden)', ' (hidden)', 'text 8'];
  const read = log.find({ limit: 9 }).map((json) => JSON.parse(json) as Entry);
  assert.deepEqual(
    read.map(({ text, hidden }) => `${text}${hidden ? ' (hidden)' : ''}`),
    texts,
  );
  assert.deepEqual(textsOf(log.batch(5)?.frame), texts.slice(5));
});
