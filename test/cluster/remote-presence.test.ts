import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodePresence,
  RemotePresence,
  type SharedSession,
  SILENT_AFTER_MS,
  sessionKey,
} from '../../gateway/cluster/remote-presence.ts';

const KEEP_MS = 60_000;

function session(name: string, more: Partial<SharedSession> = {}): SharedSession {
  return {
    key: sessionKey(name),
    publicId: name.slice(0, 8),
    address: `10.0.0.1:${40_000 + name.length}`,
    nickname: name,
    presence: 'here',
    isHost: false,
    since: 1,
    ...more,
  };
}

let version = 0;
function list(presence: RemotePresence, by: string, sessions: SharedSession[], now: number): boolean[] {
  return encodePresence(by, ++version, sessions).map((body) => presence.receive(body, now));
}

const namesIn = ({ sessions }: RemotePresence) => [...sessions.values()].map(({ nickname }) => nickname);
const statesIn = ({ sessions }: RemotePresence) => [...sessions.values()].map(({ presence }) => presence);

test('lists of all other gateways are united, and the own one is left out', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  assert.deepEqual(list(presence, 'one', [session('Ana')], 0), [false]);
  assert.deepEqual(list(presence, 'two', [session('Luis')], 0), [true]);
  list(presence, 'three', [session('Eva'), session('Marta')], 0);
  assert.deepEqual(namesIn(presence), ['Luis', 'Eva', 'Marta']);
  assert.deepEqual(presence.sessions.get(sessionKey('Eva')), session('Eva'));
  assert.equal(presence.at(session('Marta').address ?? '')?.nickname, 'Marta');
  assert.equal(presence.at('10.0.0.9:1'), undefined);
});

test('complete list replaces the one before', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  list(presence, 'two', [session('Luis'), session('Eva')], 0);
  list(presence, 'two', [session('Eva')], 1);
  assert.deepEqual(namesIn(presence), ['Eva']);
});

test('session that has moved counts where it came last', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  list(presence, 'three', [session('Ana', { address: '10.0.0.3:2', since: 20 })], 0);
  list(presence, 'two', [session('Ana', { address: '10.0.0.2:1', since: 10 })], 0);
  assert.deepEqual(
    [...presence.sessions.values()].map(({ address }) => address),
    ['10.0.0.3:2'],
  );
});

test('sessions of a dead gateway are away, and gone when nobody can resume them', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  list(presence, 'two', [session('Luis')], 0);
  list(presence, 'three', [session('Eva')], SILENT_AFTER_MS - 1);
  assert.equal(presence.evict(SILENT_AFTER_MS - 1), false);
  assert.equal(presence.evict(SILENT_AFTER_MS), true);
  assert.deepEqual(statesIn(presence), ['away', 'here']);
  assert.equal(presence.evict(SILENT_AFTER_MS), false);
  list(presence, 'three', [session('Eva')], KEEP_MS + SILENT_AFTER_MS);
  assert.equal(presence.evict(KEEP_MS + SILENT_AFTER_MS), true);
  assert.deepEqual(namesIn(presence), ['Eva']);
});

test('gateway that wakes up brings its sessions back', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  list(presence, 'two', [session('Luis')], 0);
  presence.evict(SILENT_AFTER_MS);
  list(presence, 'two', [session('Luis')], SILENT_AFTER_MS + 1);
  assert.deepEqual(statesIn(presence), ['here']);
});

test('long list arrives in parts and counts when it is complete', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  const many = Array.from({ length: 5_000 }, (_, number) => session(`s${number}`));
  const bodies = encodePresence('two', ++version, many);
  assert.ok(bodies.length > 1 && bodies.every(({ length }) => length < 1024 * 1024));
  for (const body of bodies.slice(1)) assert.equal(presence.receive(body, 0), false);
  assert.equal(presence.sessions.size, 0);
  assert.equal(presence.receive(bodies[0] ?? new Uint8Array(), 0), true);
  assert.equal(presence.sessions.size, many.length);
});

test('empty list removes everybody, and nonsense changes nothing', () => {
  const presence = new RemotePresence('one', KEEP_MS);
  list(presence, 'two', [session('Luis')], 0);
  for (const text of [
    '',
    'null',
    '{}',
    '[]',
    '{"by":"two","version":1,"part":0,"parts":1,"sessions":[{}]}',
  ]) {
    assert.equal(presence.receive(Buffer.from(text), 0), false);
  }
  assert.deepEqual(namesIn(presence), ['Luis']);
  list(presence, 'two', [], 0);
  assert.deepEqual(namesIn(presence), []);
});
