import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ServerMessage } from '../../../gateway/protocol.ts';
import { NOTICE_OVERHEAD_BYTES, Notices, REPORT_AFTER_MS } from '../../../gateway/session/notices.ts';

const TEXT = 'x'.repeat(1_000 - NOTICE_OVERHEAD_BYTES);

/** A client that receives notices, or is away. Ten notices pass at once, then one per second. */
function openNotices(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  t.mock.method(performance, 'now', () => Date.now());
  const sent: ServerMessage[] = [];
  const browser = { isAway: false };
  const notices = new Notices({ burst: 10_000, perSecond: 1_000 }, (message) => {
    if (!browser.isAway) sent.push(message);
    return !browser.isAway;
  });
  const sends = (text = TEXT) => notices.send({ type: 'notice', text });
  return { sent, browser, notices, sends };
}

test('notices pass up to the burst, then at the rate, and report dropped text', (t) => {
  const { sent, sends } = openNotices(t);
  for (let i = 0; i < 10; i++) assert.equal(sends(), true, `${i}`);
  assert.deepEqual([sends(), sends('ñ')], [false, false]);
  t.mock.timers.tick(REPORT_AFTER_MS - 1);
  assert.equal(sent.length, 10);
  t.mock.timers.tick(1);
  assert.deepEqual(sent.slice(10), [{ type: 'notices-dropped', bytes: TEXT.length + 2 }]);
  assert.deepEqual([sends(), sends()], [true, false]);
});

test('notices charge more than the text of small notices', (t) => {
  const { sends } = openNotices(t);
  let passed = 0;
  while (sends('')) passed++;
  assert.equal(passed, Math.ceil(10_000 / NOTICE_OVERHEAD_BYTES));
});

test('notices report dropped text of a flood once a second', (t) => {
  const { sent, sends } = openNotices(t);
  for (let i = 0; i < 10_000; i++) {
    sends();
    if (i % 1_000 === 999) t.mock.timers.tick(REPORT_AFTER_MS);
  }
  const reports = sent.filter(({ type }) => type === 'notices-dropped');
  assert.equal(reports.length, 10);
  const bytes = sent.reduce((sum, message) => {
    if (message.type === 'notices-dropped') return sum + message.bytes;
    return sum + TEXT.length;
  }, 0);
  assert.equal(bytes, 10_000 * TEXT.length, 'text is either sent or reported');
});

test('notices report text dropped while the client was away, once it is back', (t) => {
  const { sent, browser, sends } = openNotices(t);
  browser.isAway = true;
  assert.equal(sends('hola'), false);
  t.mock.timers.tick(5 * REPORT_AFTER_MS);
  browser.isAway = false;
  t.mock.timers.tick(REPORT_AFTER_MS);
  t.mock.timers.tick(5 * REPORT_AFTER_MS);
  assert.deepEqual(sent, [{ type: 'notices-dropped', bytes: 4 }]);
});

test('notices report nothing after the session has ended', (t) => {
  const { sent, browser, notices, sends } = openNotices(t);
  browser.isAway = true;
  sends('hola');
  notices.close();
  sends('adiós');
  browser.isAway = false;
  t.mock.timers.tick(5 * REPORT_AFTER_MS);
  assert.deepEqual(sent, []);
});
