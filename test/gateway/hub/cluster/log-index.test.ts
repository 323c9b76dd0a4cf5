import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogIndex } from '../../../../gateway/hub/cluster/log-index.ts';
import type { Entry } from '../../../../gateway/protocol.ts';

function entry(seq: number, fields: Partial<Entry>): Entry {
  return { seq, at: 0, from: 'a:1', text: '', ...fields };
}

test('log index knows the first entry of a say and the chunks that are left', () => {
  const index = new LogIndex();
  index.add(entry(7, { said: { by: 'ana', id: '1', left: 1 } }));
  assert.deepEqual({ ...index.findSay('ana', '1'), at: 0 }, { root: 7, left: 1, at: 0 });
  index.add(entry(9, { said: { by: 'ana', id: '1', left: 0 } }));
  assert.deepEqual({ ...index.findSay('ana', '1'), at: 0 }, { root: 7, left: 0, at: 0 });
  assert.equal(index.findSay('eva', '1'), undefined);
});

test('log index forgets a say after ten minutes', () => {
  const index = new LogIndex();
  index.add(entry(1, { said: { by: 'ana', id: '1', left: 0 } }));
  index.add(entry(2, { at: 10 * 60_000, said: { by: 'ana', id: '2', left: 0 } }));
  assert.equal(index.findSay('ana', '1'), undefined);
  assert.ok(index.findSay('ana', '2'));
});

test('log index knows the last message of an address, until the log has a gap', () => {
  const index = new LogIndex();
  index.add(entry(1, {}));
  index.add(entry(2, {}));
  index.add(entry(3, { continues: 2 }));
  assert.equal(index.rootOf('a:1'), 2);
  assert.equal(index.rootOf('b:1'), undefined);
  index.add(entry(4, { from: '', gap: { since: 0, until: 0 } }));
  assert.equal(index.rootOf('a:1'), undefined);
});
