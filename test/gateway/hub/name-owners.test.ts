/**
 * A nickname belongs to the browser that uses it first, and a second person under it is marked.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NAME_KEPT_MS, NAMES_MAX, type NamedSession, NameOwners } from '../../../gateway/hub/name-owners.ts';

function place(...sessions: NamedSession[]) {
  const here = new Map(sessions.map((session) => [session.publicId, session]));
  return { here, owners: new NameOwners(here) };
}

function browser(publicId: string, nickname: string): NamedSession {
  return { publicId, nickname, presence: 'here' };
}

test('name in use is taken for other browsers and for terminals, in every spelling', () => {
  const { owners } = place(browser('elena', 'Prof. Elena'), browser('luis', 'Luis'));
  assert.equal(owners.claim('Prof. Elena', 'elena', 0), false);
  assert.equal(owners.claim('Prof. Elena', 'elena', 1), false);
  for (const name of ['Prof. Elena', 'prof. elena', 'Prof.Éléna', 'Ｐrof. Elena', 'Prof.\u200b Elena']) {
    assert.equal(owners.claim(name, 'luis', 2), true, name);
    assert.equal(owners.claim(name, undefined, 2), true, name);
  }
  assert.equal(owners.isTaken('Prof. Elena', 'elena', NAME_KEPT_MS * 2), false);
});

test('name is free once its browser has another, or has left for long', () => {
  const { here, owners } = place(browser('elena', 'Elena'));
  owners.claim('Elena', 'elena', 0);
  here.set('elena', browser('elena', 'Ana'));
  assert.equal(owners.claim('Elena', 'luis', 1), false);
  assert.equal(owners.claim('Elena', 'elena', 2), true);
  assert.equal(owners.claim('Elena', 'elena', 2 + NAME_KEPT_MS), false);
});

test('name of a terminal is free for browsers', () => {
  const { owners } = place();
  assert.equal(owners.claim('Elena', undefined, 0), false);
  assert.equal(owners.claim('Elena', 'elena', 0), false);
});

test('very many names evict the longest unused', () => {
  const { owners } = place();
  owners.claim('Elena', 'elena', 0);
  for (let i = 0; i < NAMES_MAX; i++) owners.claim(`n${i}`, 'luis', 0);
  assert.equal(owners.claim('Elena', 'luis', 0), false);
});
