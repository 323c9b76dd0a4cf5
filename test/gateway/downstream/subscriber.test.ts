import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { PlainTextEncoder } from '../../../gateway/downstream/encoders.ts';
import { textFrame } from '../../../gateway/lib/websocket-frame.ts';
import { CLOSE } from '../../../gateway/protocol.ts';
import { eventually } from '../../helpers/eventually.ts';
import { append, openRing } from '../transcript/ring-fixture.ts';
import { FULL_BYTES, openSubscriber } from './test-subscriber.ts';

const STALL_TIMEOUT_MS = 60_000;

/** A full socket and the frame that filled it. 200 entries of these tests are no longer. */
const BOUND_BYTES = FULL_BYTES + 24 * 1024;

const KIB = 'x'.repeat(1024);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test('subscriber reads the log after its cursor in order, then new entries', async (t) => {
  const ring = openRing();
  for (let seq = 1; seq <= 900; seq++) append(ring, `${seq}`);
  const ana = await openSubscriber(t, ring);
  ana.subscriber.read(100);
  for (let seq = 901; seq <= 910; seq++) ana.record(`${seq}`);
  await ana.readsAll();
  assert.deepEqual(ana.seqs, range(101, 911));
  assert.ok(ana.frames.length < 50, 'a frame holds many entries');
});

test('subscriber sends no entries before the first read', async (t) => {
  const ring = openRing();
  const ana = await openSubscriber(t, ring);
  ana.record('antes');
  ana.subscriber.send({ type: 'pong' });
  ana.subscriber.read(ring.head);
  await ana.readsAll();
  assert.equal(ana.frames[0], '{"type":"pong"}');
  assert.deepEqual(ana.seqs, [2]);
});

test('subscriber fills the socket while catching up, and no more', async (t) => {
  const ring = openRing({ maxEntries: 20_000, maxBytes: 16 * 1024 * 1024 });
  for (let kib = 0; kib < 14 * 1024; kib++) append(ring, KIB);
  const ana = await openSubscriber(t, ring);
  ana.client.pause();
  ana.subscriber.read(0);
  await eventually(
    () => ana.socket.bufferedAmount > 0,
    () => 'the network accepts all bytes',
  );
  for (let turn = 0; turn < 100; turn++) {
    assert.ok(ana.socket.bufferedAmount < BOUND_BYTES, `${ana.socket.bufferedAmount} bytes wait`);
    await nextIteration();
  }
  ana.client.resume();
  await eventually(
    () => ana.frames.at(-1)?.includes(`{"seq":${ring.head},`),
    () => `seq ${ring.head} did not arrive`,
  );
  assert.deepEqual(ana.seqs, range(1, ring.head));
});

test('subscriber sends the shared frame when up to date, else the entries after its cursor', async (t) => {
  const ring = openRing();
  const ana = await openSubscriber(t, ring);
  ana.subscriber.read(0);
  append(ring, 'uno');
  const frame = '{"type":"messages","messages":[{"seq":1,"text":"made for all"}]}';
  assert.equal(ana.subscriber.sendNext({ after: 0, last: 1, frame: textFrame(Buffer.from(frame)) }), true);
  append(ring, 'dos');
  append(ring, 'tres');
  assert.equal(ana.subscriber.sendNext(ring.batch(2)), false, 'enqueued to catch up');
  await ana.readsAll();
  assert.equal(ana.frames[0], frame);
  assert.deepEqual(ana.seqs, [1, 2, 3, 4]);
});

test('subscriber continues after a batch that its encoder leaves out', async (t) => {
  const ring = openRing();
  const ana = await openSubscriber(t, ring, new PlainTextEncoder((address) => address === '10.0.0.7:4000'));
  ana.subscriber.read(0);
  ana.record('mis propias palabras');
  ring.append(JSON.stringify({ seq: 2, at: 0, from: '10.0.0.8:5000', text: 'hola' }));
  ana.subscriber.sendNext();
  await eventually(
    () => ana.frames.length > 0,
    () => 'no frame',
  );
  assert.deepEqual(ana.frames, ['10.0.0.8:5000 dice: hola']);
});

test('subscriber that does not read costs one full socket, and continues later', async (t) => {
  const ring = openRing({ maxEntries: 10_000, maxBytes: 1024 * 1024 });
  const ana = await openSubscriber(t, ring);
  ana.subscriber.read(0);
  ana.client.pause();
  let most = 0;
  for (let kib = 0; kib < 20 * 1024; kib++) {
    ana.record(KIB);
    most = Math.max(most, ana.socket.bufferedAmount);
    if (kib % 64 === 0) await nextIteration();
  }
  assert.ok(most >= FULL_BYTES, 'its socket was full');
  assert.ok(most < BOUND_BYTES, `${most} bytes waited`);

  const { tail } = ring;
  ana.client.resume();
  await eventually(
    () => ana.frames.at(-1)?.includes(`{"seq":${ring.head},`),
    () => `seq ${ring.head} did not arrive`,
  );
  const { seqs } = ana;
  assert.deepEqual(seqs.slice(seqs.indexOf(tail)), range(tail, ring.head), 'each kept entry, once');
  for (const [index, seq] of seqs.entries())
    assert.ok(index === 0 || seq > (seqs[index - 1] ?? 0), 'in order');
  assert.ok(seqs.length < ring.head, 'evicted entries are a jump in seq');
});

test('subscriber drops notices for a client that does not read', async (t) => {
  const ring = openRing();
  const ana = await openSubscriber(t, ring);
  ana.subscriber.sendIfWritable({ type: 'notice', text: 'Bienvenida' });
  await eventually(
    () => ana.frames.length > 0,
    () => 'no notice',
  );
  assert.deepEqual(ana.frames, ['{"type":"notice","text":"Bienvenida"}']);
  ana.client.pause();
  for (let kib = 0; kib < 20 * 1024; kib++) {
    ana.subscriber.sendIfWritable({ type: 'notice', text: KIB });
    assert.ok(ana.socket.bufferedAmount < BOUND_BYTES);
    if (kib % 64 === 0) await nextIteration();
  }
});

test('subscriber closes a client without a sign of life for a minute', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const ana = await openSubscriber(t, openRing());
  let pongs = 0;
  ana.socket.on('pong', () => pongs++);
  for (const now of [STALL_TIMEOUT_MS, 2 * STALL_TIMEOUT_MS]) {
    t.mock.timers.setTime(now);
    ana.subscriber.pingOrClose(now, STALL_TIMEOUT_MS);
    await eventually(
      () => pongs === now / STALL_TIMEOUT_MS,
      () => 'no pong',
    );
  }
  ana.client.pause();
  ana.subscriber.pingOrClose(3 * STALL_TIMEOUT_MS, STALL_TIMEOUT_MS);
  assert.equal(ana.socket.readyState, ana.socket.OPEN);
  ana.subscriber.pingOrClose(3 * STALL_TIMEOUT_MS + 1, STALL_TIMEOUT_MS);
  assert.notEqual(ana.socket.readyState, ana.socket.OPEN);
  ana.client.resume();
  assert.equal(await ana.isClosed(), CLOSE.stalled);
});

test('subscriber does not close a client that it has paused', async (t) => {
  const ana = await openSubscriber(t, openRing());
  ana.subscriber.pause('queue');
  ana.subscriber.pingOrClose(Date.now() + STALL_TIMEOUT_MS + 1, STALL_TIMEOUT_MS);
  await eventually(
    () => ana.pings === 1,
    () => 'no ping',
  );
  assert.equal(ana.closedWith, undefined);
});

test('subscriber reads messages of a paused client when it resumes', async (t) => {
  const ana = await openSubscriber(t, openRing());
  const said: string[] = [];
  ana.socket.on('message', (data) => said.push(data.toString()));
  ana.subscriber.pause('queue');
  ana.client.send('hola');
  ana.subscriber.send({ type: 'pong' });
  await eventually(
    () => ana.frames.length > 0,
    () => 'no pong',
  );
  assert.deepEqual(said, []);
  ana.subscriber.resume('queue');
  await eventually(
    () => said.length > 0,
    () => 'not read',
  );
});

test('subscriber sends its close code though paused, and no entries afterwards', async (t) => {
  const ana = await openSubscriber(t, openRing());
  ana.subscriber.read(0);
  const answered = once(ana.socket, 'close');
  ana.subscriber.pause('queue');
  ana.subscriber.close(CLOSE.restart, 'the gateway restarts');
  assert.equal(ana.socket.isPaused, false, 'the answer to the close is read');
  ana.record('tarde');
  assert.equal(await ana.isClosed(), CLOSE.restart);
  assert.equal((await answered)[0], CLOSE.restart);
  assert.deepEqual(ana.frames, []);
});

test('subscriber terminates a client that does not answer the close', async (t) => {
  const ana = await openSubscriber(t, openRing());
  ana.client.pause();
  ana.subscriber.close(CLOSE.left, 'left');
  await eventually(
    () => ana.socket.readyState === ana.socket.CLOSED,
    () => 'still there',
  );
});
