import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Announcement, RemoteVoices } from '../../../../gateway/hub/cluster/remote-voices.ts';

const ADDRESS = '10.0.0.7:4000';

function announcement(fields: Partial<Announcement> = {}): Announcement {
  return { gateway: 'g2', by: 'ana', id: '1', isHost: false, address: ADDRESS, chunks: ['hola'], ...fields };
}

test('remote voice has the echo of an announced chunk, once', () => {
  const voices = new RemoteVoices('g1');
  voices.onAnnouncement(announcement());
  assert.ok(voices.isKnown(ADDRESS, ['hola']));
  assert.deepEqual(voices.match(ADDRESS, 'hola', false), {
    kind: 'echo',
    by: 'ana',
    id: '1',
    isHost: false,
    left: 0,
  });
  assert.deepEqual(voices.match(ADDRESS, 'hola', false), { kind: 'forged' });
});

test('late line of a voice is its own, although a voice of another gateway has its address now', () => {
  const voices = new RemoteVoices('g1');
  voices.onAnnouncement(announcement({ by: 'ana', chunks: ['hola', 'adiós'] }));
  voices.onAnnouncement(announcement({ gateway: 'g3', by: 'eva', chunks: ['hola'] }));
  const speakers = ['adiós', 'hola'].map((line) => {
    assert.ok(voices.isKnown(ADDRESS, [line]));
    const match = voices.match(ADDRESS, line, false);
    return match.kind === 'echo' && match.by;
  });
  assert.deepEqual(speakers, ['ana', 'eva']);
});

test('remote voice counts the chunks of a message that are still to come', () => {
  const voices = new RemoteVoices('g1');
  voices.onAnnouncement(announcement({ chunks: ['uno', 'dos', 'tres'] }));
  const lefts = ['uno', 'dos', 'tres'].map((line) => voices.match(ADDRESS, line, false));
  assert.deepEqual(
    lefts.map((match) => match.kind === 'echo' && match.left),
    [2, 1, 0],
  );
});

test('line of an address is unknown until it is announced or noted as a terminal', () => {
  const voices = new RemoteVoices('g1');
  assert.equal(voices.isKnown(ADDRESS, ['hola']), false);
  voices.noteTerminal(ADDRESS);
  assert.ok(voices.isKnown(ADDRESS, ['hola']));
  voices.onAnnouncement(announcement({ chunks: ['adiós'] }));
  assert.equal(voices.isKnown(ADDRESS, ['hola']), false, 'the address is a voice now');
  assert.ok(voices.isKnown(ADDRESS, ['adiós']));
});

test('own announcements make no remote voice', () => {
  const voices = new RemoteVoices('g2');
  voices.onAnnouncement(announcement());
  assert.equal(voices.hasVoice(ADDRESS), false);
});

test('remote voice forgets chunks that the log has, because the ear may have missed them', () => {
  const voices = new RemoteVoices('g1');
  voices.onAnnouncement(announcement({ id: '1', chunks: ['si'] }));
  voices.onAnnouncement(announcement({ id: '2', chunks: ['si', 'no'] }));
  voices.onAnnouncement(announcement({ id: '3', chunks: ['si'] }), 0);
  voices.onLogged(ADDRESS, 'ana', '1', 0);
  voices.onLogged(ADDRESS, 'ana', '2', 1);
  assert.deepEqual(voices.match(ADDRESS, 'si', false), { kind: 'forged' });
  const match = voices.match(ADDRESS, 'no', false);
  assert.deepEqual(match.kind === 'echo' && [match.id, match.left], ['2', 0]);
});

test('remote voice is found by its name and a line that it has announced', () => {
  const voices = new RemoteVoices('g1', 'name');
  voices.onAnnouncement(announcement({ name: 'Ana' }));
  assert.deepEqual(voices.findSpeaker('Ana', 'hola'), { address: ADDRESS, text: 'hola' });
  assert.equal(voices.findSpeaker('Ana', 'adiós'), undefined);
  assert.equal(voices.findSpeaker('Eva', 'hola'), undefined);
});

test('remote voice is found by its text in a room without senders, until its echo came', () => {
  const voices = new RemoteVoices('g1', 'none');
  voices.onAnnouncement(announcement());
  assert.deepEqual(voices.findSender(['<user5> hola', 'hola']), { address: ADDRESS, text: 'hola' });
  assert.equal(voices.match(ADDRESS, 'hola', false).kind, 'echo');
  assert.equal(voices.findSender(['hola']), undefined);
});
