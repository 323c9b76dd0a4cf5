import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogListener, LogLoss, LogPosition } from '../../gateway/cluster/engine.ts';
import { Announcements, REREAD_MAX } from '../../gateway/cluster/nats/announcements.ts';

const nothing = new Uint8Array();

/** Announcements of a stream, and from where they have followed it. */
function open() {
  const starts: (number | 'beginning')[] = [];
  let listener: LogListener | undefined;
  const announcements = new Announcements((after: LogPosition | 'beginning', next) => {
    starts.push(after === 'beginning' ? after : after.sequence);
    listener = next;
    return () => {};
  });
  const stop = announcements.follow(() => {});
  const receive = (count: number) => {
    for (let sequence = 1; sequence <= count; sequence++)
      listener?.onRecord({ sequence, id: `${sequence}`, body: nothing });
  };
  const lose = (loss: LogLoss) => listener?.onLost(loss);
  return { announcements, starts, receive, lose, stop };
}

test('announcements before a wrong one are read again, as many as are remembered', () => {
  for (const [count, start] of [
    [REREAD_MAX, 1],
    [REREAD_MAX + 1, 2],
  ] as const) {
    const { starts, receive, lose } = open();
    receive(count);
    lose('differs');
    assert.deepEqual(starts, ['beginning', start]);
    lose('differs');
    assert.deepEqual(starts, ['beginning', start, 'beginning']);
  }
});

test('announcements of a stream that begins anew are read from its beginning', () => {
  const { starts, receive, lose, stop } = open();
  receive(3);
  lose('deleted');
  assert.deepEqual(starts, ['beginning', 'beginning']);
  stop();
  lose('deleted');
  assert.equal(starts.length, 2);
});

test('mark of the stream ends the wait for it, and is nothing after it was forgotten', async () => {
  const { announcements, receive } = open();
  const received = announcements.receives('1');
  receive(1);
  await received;
  let isReceived = false;
  void announcements.receives('2').then(() => {
    isReceived = true;
  });
  announcements.forget('2');
  receive(2);
  await Promise.resolve();
  assert.equal(isReceived, false);
});
