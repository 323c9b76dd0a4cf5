import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MESSAGE_MAX_CHARACTERS } from '../../../../common/display/code-runs.ts';
import { Calendar } from '../../../../gateway/lib/calendar.ts';
import { TimeSlices } from '../../../../gateway/lib/time-slices.ts';
import type { Entry } from '../../../../gateway/protocol.ts';
import { daysOf } from '../../../../gateway/server/routes/transcript-days.ts';
import { asPage, type PageOptions } from '../../../../gateway/server/routes/transcript-page.ts';
import { SqliteStore } from '../../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../../gateway/transcript/transcript.ts';
import { KEEP_ALL } from '../../../helpers/transcript.ts';

const ANA = '10.0.0.7:4000';
const NOON = Date.parse('2026-11-27T12:00:00Z');
const HOUR_MS = 3_600_000;
const MADRID = new Calendar('Europe/Madrid');

class SavedLog {
  readonly transcript: Transcript;
  /** Time of the next entry. */
  at = NOON;

  constructor(t: TestContext) {
    const dir = mkdtempSync(join(tmpdir(), 'transcript-'));
    const store = new SqliteStore({ dir, retention: { ...KEEP_ALL, maxAgeMs: Number.MAX_SAFE_INTEGER } });
    const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => {} };
    this.transcript = new Transcript(store, { maxEntries: 5, maxBytes: 64 * 1024 }, events);
    t.after(() => {
      this.transcript.close();
      rmSync(dir, { recursive: true });
    });
  }

  add(text: string, more: Partial<Entry> = {}): number {
    return this.transcript.append({ at: this.at++, from: ANA, text, ...more });
  }

  async page(options: Partial<PageOptions> = {}, day?: string, audience: 'guests' | 'hosts' = 'guests') {
    const selection = { audience, ...(day !== undefined && { period: MADRID.periodOf(day) }) };
    const filled: PageOptions = { calendar: MADRID, lang: 'es', title: '', ...options };
    let html = '';
    for await (const part of asPage(this.transcript, new TimeSlices(), selection, filled)) html += part;
    return html;
  }
}

async function daysIn({ transcript }: SavedLog, audience: 'guests' | 'hosts' = 'guests'): Promise<string[]> {
  const days: string[] = [];
  for await (const { day } of daysOf(transcript, new TimeSlices(), { audience }, MADRID)) days.push(day);
  return days;
}

/** Text that a browser would show of each element of a kind. */
function textsIn(html: string, tag: string): string[] {
  return [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'gs'))].map(([, inner = '']) =>
    inner.replace(/<[^>]*>/g, ''),
  );
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '</div></article></main><img src=x onerror=alert(1)>',
  '```\n</code></pre><script>alert(1)</script>\n```',
  '`</code><svg onload=alert(1)>`',
  'https://example.org/"onmouseover="alert(1)',
  "https://example.org/'><script>alert(1)</script>",
  'javascript:alert(1)',
  '<Ana"><b>> hola',
  '\x1b]0;x\x07 &lt;b&gt; &#60;b&#62;',
];

test('page of the transcript shows hostile text as text', async (t) => {
  const log = new SavedLog(t);
  for (const text of HOSTILE) log.add(text, { from: `"><script>alert(1)</script>${text}` });
  log.add('</bdi><script>alert(1)</script>', { note: true, from: '' });
  const html = await log.page({ title: '</title><script>alert(1)</script>' });
  assert.doesNotMatch(html, /<(script|img|svg|b>>)/i);
  const known =
    /^<(\/?(html|head|title|style|body|header|h1|h2|p|main|section|article|div|span|b|bdi|time|small|a|code|pre|nav)|meta|!doctype)\b/;
  for (const tag of html.match(/<[^\s\d][^>]*>/g) ?? []) {
    assert.match(tag, known);
    // Each attribute is in double quotes, and none is a handler.
    assert.match(tag, /^<[^\s>]+(?: [a-z-]+="[^"]*"| html)*>$/);
    assert.doesNotMatch(tag, /\son\w+=/);
  }
  assert.doesNotMatch(html, /href="(?!https?:|#)/);
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
});

test('page of the transcript allows its own style sheet, and no script', async (t) => {
  const html = await new SavedLog(t).page();
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[\w+/=]+'$/);
  assert.ok(html.includes('No hay mensajes.'));
});

test('page of the transcript draws code of several messages as one block', async (t) => {
  const log = new SavedLog(t);
  for (const line of ['mirad', 'def f(x):', '    return x + 1', 'print(f(2))', '¿sí?'])
    log.add(`<Ana> ${line}`);
  const html = await log.page();
  assert.deepEqual(textsIn(html, 'pre'), ['def f(x):\n    return x + 1\nprint(f(2))']);
  assert.deepEqual(textsIn(html, 'b'), ['Ana'], 'one name for the group');
});

test('page of the transcript names people as the page of the room does', async (t) => {
  const log = new SavedLog(t);
  const said = { by: 'person', id: 'x', left: 0 };
  log.add('desde una terminal');
  log.add('<Ana> hola', { said });
  log.add('<Bea> ya no soy Ana', { said, taken: true });
  log.add('falso', { forged: true });
  const html = await log.page();
  assert.deepEqual(textsIn(html, 'b'), [ANA, 'Ana', 'Bea', ANA]);
  assert.match(html, /&gt;_<\/span><b>/);
  assert.ok(html.includes('antes Ana') && html.includes('otra persona con ese nombre'));
  assert.ok(html.includes('Suplantación: esta dirección no envió este mensaje.'));
});

test('page of the transcript has a section for each day of the time zone', async (t) => {
  const log = new SavedLog(t);
  log.at = Date.parse('2026-11-26T22:59:59Z');
  log.add('antes de medianoche');
  log.at = Date.parse('2026-11-26T23:00:00Z');
  log.add('después');
  const html = await log.page();
  assert.deepEqual(textsIn(html, 'h2'), [
    'jueves, 26 de noviembre de 2026',
    'viernes, 27 de noviembre de 2026',
  ]);
  assert.match(html, /<nav.*href="#2026-11-26".*href="#2026-11-27".*<\/nav>\n<main>/);
  const english = await log.page({ lang: 'en', calendar: new Calendar('UTC') });
  assert.doesNotMatch(english, /<nav/);
});

test('page of the transcript writes English dates with the day first, and 24 hours', async (t) => {
  const log = new SavedLog(t);
  log.at = Date.parse('2026-03-04T21:05:06Z');
  log.add('at night');
  const html = await log.page({ lang: 'en', calendar: new Calendar('UTC') });
  assert.match(html, /<h2>Wednesday,? 4 March 2026<\/h2>/);
  assert.match(html, /<article [^>]*title="4 March 2026,? (at )?21:05:06"/);
  assert.deepEqual(textsIn(html, 'time'), ['21:05']);
});

test('page of one day holds that day alone, wherever it is in a long log', async (t) => {
  const log = new SavedLog(t);
  for (let hour = 0; hour < 24 * 10; hour++) {
    log.at = NOON + hour * HOUR_MS;
    log.add(`hora ${hour};`);
  }
  const of = async (day: string) =>
    textsIn(await log.page({}, day), 'article').map((text) => /hora (\d+);/.exec(text)?.[1]);
  const hours = (first: number, count: number) => Array.from({ length: count }, (_, i) => `${first + i}`);
  assert.deepEqual(await of('2026-11-27'), hours(0, 11), 'the first day begins at 13:00 in Madrid');
  assert.deepEqual(await of('2026-11-30'), hours(11 + 48, 24));
  assert.deepEqual(await of('2026-12-07'), hours(11 + 9 * 24, 13));
  assert.deepEqual(await of('2026-11-26'), []);
  assert.deepEqual(await of('2026-12-08'), []);
});

test('page of the transcript has no hidden message, and for hosts one with a mark', async (t) => {
  const log = new SavedLog(t);
  const root = log.add('palabrota ');
  log.add('y más', { continues: root });
  log.add('hola');
  log.transcript.messages.hide(root);
  const html = await log.page();
  assert.doesNotMatch(html, /palabrota|y más/);
  assert.equal(textsIn(html, 'article').length, 1);
  assert.match(
    await log.page({}, undefined, 'hosts'),
    /palabrota y más<\/div><span class="mark">Oculto para los demás/,
  );
});

test('list of days follows the time zone, and shows days of hidden messages to hosts alone', async (t) => {
  const log = new SavedLog(t);
  const hidden = log.add('palabrota');
  log.at += 48 * HOUR_MS;
  for (let hour = 0; hour < 30; hour++) {
    log.add('cada hora');
    log.at += HOUR_MS;
  }
  log.transcript.messages.hide(hidden);
  assert.deepEqual(await daysIn(log), ['2026-11-29', '2026-11-30']);
  assert.deepEqual(await daysIn(log, 'hosts'), ['2026-11-27', '2026-11-29', '2026-11-30']);
});

test('page of the transcript joins the pieces of a message, and shows a longer one in parts', async (t) => {
  const log = new SavedLog(t);
  const root = log.add('a'.repeat(1000));
  log.add('otra', { from: '10.0.0.8:4000' });
  for (let piece = 0; piece < 40; piece++) log.add('a'.repeat(1000), { continues: root });
  const parts = textsIn(await log.page(), 'article').map((text) => text.replace(/[^a]/g, '').length);
  assert.equal(parts[0], 1000 * Math.ceil(MESSAGE_MAX_CHARACTERS / 1000));
  assert.ok(
    parts.every((length) => length <= MESSAGE_MAX_CHARACTERS + 1000),
    `${parts}`,
  );
  assert.equal(
    parts.reduce((sum, length) => sum + length, 0),
    41_000 + 'a'.length,
  );
});
