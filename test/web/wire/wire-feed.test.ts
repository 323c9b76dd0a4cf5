import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS } from '../../../connection/connection.ts';
import { CLOSE, type ServerMessage } from '../../../gateway/protocol.ts';
import { WireFeed } from '../../../web/wire/wire-feed.ts';
import { FakeNetwork } from '../fakes.ts';

const SEEN: ServerMessage = { type: 'seen', epoch: 'log', reads: [], parts: [] };

function openFeed() {
  const network = new FakeNetwork();
  const feed = new WireFeed(network.effects);
  const states: string[] = [];
  const end = feed.listen(() => states.push(feed.state));
  return { network, feed, states, end };
}

test('feed watches over a connection of its own while an element listens', () => {
  const { network, states, end } = openFeed();
  network.socket.open();
  assert.deepEqual(network.socket.sent, [{ type: 'watch', watching: true }]);
  network.socket.receive(SEEN);
  end();
  assert.deepEqual(states, ['watching']);
  assert.deepEqual(network.socket.sent.at(-1), { type: 'leave' });
});

test('feed reconnects after a loss, and says so', () => {
  const { network, states } = openFeed();
  network.socket.open();
  network.socket.receive(SEEN);
  network.socket.closeWith(1006);
  network.clock.pass(BACKOFF_FIRST_MS);
  network.socket.open();
  network.socket.receive(SEEN);
  assert.equal(network.sockets.length, 2);
  assert.deepEqual(states, ['watching', 'offline', 'watching']);
});

test('feed says that too many watch, and tries again', () => {
  const { network, feed } = openFeed();
  network.socket.open();
  network.socket.closeWith(CLOSE.full);
  assert.equal(feed.state, 'full');
  network.clock.pass(BACKOFF_MAX_MS / 2);
  assert.equal(network.sockets.length, 2);
});

test('feed that was ended begins again with the next element', () => {
  const { network, feed, end } = openFeed();
  network.socket.open();
  network.socket.receive(SEEN);
  end();
  feed.listen(() => {});
  network.socket.open();
  assert.deepEqual(network.socket.sent, [{ type: 'watch', watching: true }]);
});

test('feed deletes the bytes of a message that a host hides', () => {
  const { network, feed } = openFeed();
  const part = { seq: 1, root: 1, offset: 0, header: 0, text: 4, ends: 0, data: 'aG9sYQ==' };
  network.socket.open();
  network.socket.receive({ ...SEEN, parts: [part] });
  assert.equal(feed.log.partsOf(1)[0]?.bytes.length, 4);
  network.socket.receive({ type: 'hidden', seqs: [1] });
  assert.equal(feed.log.partsOf(1)[0]?.bytes.length, 0);
});
