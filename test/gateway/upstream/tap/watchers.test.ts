import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { textOf } from '../../../../gateway/lib/websocket-frame.ts';
import {
  SEEN_EVERY_MS,
  type Seen,
  type SeenConnection,
  type ServerMessage,
} from '../../../../gateway/protocol.ts';
import { mannerOf } from '../../../../gateway/upstream/formats/room-settings.ts';
import {
  CONNECTIONS_MAX,
  WATCHERS_MAX,
  type Watcher,
  Watchers,
} from '../../../../gateway/upstream/tap/watchers.ts';
import type { WireTap } from '../../../../gateway/upstream/tap/wire-observer.ts';

const HOLA = '127.0.0.1:4000 dice: hola\n';

class TestWatcher implements Watcher {
  readonly messages: ServerMessage[] = [];
  closed = 0;

  /** Text of all parts. */
  get text(): string {
    const parts = this.messages.flatMap((message) => (message.type === 'seen' ? message.parts : []));
    return parts.map(({ data }) => Buffer.from(data, 'base64').toString()).join('');
  }

  send(message: ServerMessage): void {
    this.messages.push(message);
  }

  sendIfWritable(message: ServerMessage): boolean {
    this.messages.push(message);
    return true;
  }

  sendFrameIfWritable(frame: Buffer): void {
    this.messages.push(JSON.parse(textOf(frame)) as Seen & { type: 'seen' });
  }

  pingOrClose(): void {}

  close(): void {
    this.closed++;
  }
}

function openWatchers(t: TestContext, connections: (max: number) => SeenConnection[] = () => []) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const tap: WireTap = { observer: undefined };
  const hidden = new Set<number>();
  const log = { epoch: 'log', messages: { isHidden: (root: number) => hidden.has(root) } };
  const watchers = new Watchers({ tap, manner: mannerOf({ ROOM_FORMAT: 'dice' }), log, connections });
  const hear = (seq: number): void => {
    tap.observer?.onRead(Buffer.from(HOLA));
    tap.observer?.onText({ kind: 'message', from: '127.0.0.1:4000', text: 'hola' });
    tap.observer?.onEntry('hola', seq, seq);
  };
  return { watchers, tap, hidden, hear };
}

test('watchers make the observer, and the last one that leaves ends it', (t) => {
  const { watchers, tap } = openWatchers(t);
  const [ana, luis] = [new TestWatcher(), new TestWatcher()];
  assert.equal(tap.observer, undefined);
  watchers.add(ana);
  watchers.add(luis);
  watchers.delete(ana);
  assert.notEqual(tap.observer, undefined);
  watchers.delete(luis);
  assert.equal(tap.observer, undefined);
});

test('watchers send one slice in its time, from the first byte on', (t) => {
  const { watchers, hear } = openWatchers(t);
  const ana = new TestWatcher();
  watchers.add(ana);
  assert.deepEqual(ana.messages, [{ type: 'seen', epoch: 'log', reads: [], parts: [] }]);
  for (let seq = 1; seq <= 20; seq++) hear(seq);
  t.mock.timers.tick(SEEN_EVERY_MS - 1);
  assert.equal(ana.messages.length, 1);
  t.mock.timers.tick(1);
  assert.equal(ana.messages.length, 2);
  assert.equal(ana.text, HOLA.repeat(20));
});

test('watchers send nothing of a time in which nobody watched', (t) => {
  const { watchers, hear } = openWatchers(t);
  const ana = new TestWatcher();
  watchers.add(ana);
  hear(1);
  watchers.delete(ana);
  hear(2);
  watchers.add(ana);
  t.mock.timers.tick(SEEN_EVERY_MS);
  assert.equal(ana.text, '');
});

test('watchers are at most so many', (t) => {
  const { watchers } = openWatchers(t);
  for (let n = 0; n < WATCHERS_MAX; n++) assert.ok(watchers.add(new TestWatcher()));
  assert.ok(!watchers.add(new TestWatcher()));
});

test('watchers get no bytes of a hidden message, and delete those they have', (t) => {
  const { watchers, hidden, hear } = openWatchers(t);
  const ana = new TestWatcher();
  watchers.add(ana);
  hear(1);
  hidden.add(1);
  watchers.onHidden(1);
  hear(2);
  t.mock.timers.tick(SEEN_EVERY_MS);
  assert.equal(ana.text, HOLA);
  assert.deepEqual(ana.messages[1], { type: 'hidden', seqs: [1] });
});

test('watchers get the connections each second, at most so many', (t) => {
  const ear: SeenConnection = { kind: 'ear', address: null, state: 'dialing', read: 0, written: 0, age: 0 };
  const { watchers } = openWatchers(t, (max) => Array.from({ length: max }, () => ear));
  const ana = new TestWatcher();
  watchers.add(ana);
  t.mock.timers.tick(1_000);
  const [, report] = ana.messages;
  assert.deepEqual(report?.type === 'seen' && report.connections?.length, CONNECTIONS_MAX);
});

test('watchers that are closed end the observer', (t) => {
  const { watchers, tap } = openWatchers(t);
  const ana = new TestWatcher();
  watchers.add(ana);
  watchers.close(1012, 'restart');
  assert.deepEqual([ana.closed, tap.observer], [1, undefined]);
});
