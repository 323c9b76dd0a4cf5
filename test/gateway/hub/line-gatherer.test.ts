import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHERED_MAX, type Line, LineGatherer } from '../../../gateway/hub/line-gatherer.ts';
import { eventually } from '../../helpers/eventually.ts';

/** So slow that no time that a test takes refills it. */
const PACE = { burst: 3, perSecond: 0.001 };

const ANA = '10.0.0.7:4000';

class Log {
  readonly lines: Line[] = [];
  readonly gathered: [text: string, root: number][] = [];
  readonly floods: string[] = [];
  readonly gatherer: LineGatherer;

  constructor(pace = PACE) {
    this.gatherer = new LineGatherer(pace, {
      record: (line) => line.continues ?? this.lines.push(line),
      gathered: ({ text }, root) => this.gathered.push([text, root]),
      flooding: (from) => this.floods.push(from),
    });
  }

  add(text: string, line: Partial<Line> = {}, more = false): number | undefined {
    return this.gatherer.add({ from: ANA, text, forged: false, continues: undefined, ...line }, more);
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }
}

test('lines within the burst are recorded at once, the next waits for others', () => {
  const log = new Log();
  assert.deepEqual(
    ['1', '2', '3', '4', '5'].map((text) => log.add(text)),
    [1, 2, 3, undefined, undefined],
  );
  assert.deepEqual([log.texts, log.floods], [['1', '2', '3'], [ANA]]);
  log.gatherer.flush();
  assert.deepEqual([log.texts, log.gathered], [['1', '2', '3', '4\n5'], [['4\n5', 4]]]);
});

test('gathered text is recorded before long by itself', async () => {
  const log = new Log({ burst: 1, perSecond: 100 });
  for (const text of ['1', '2', '3']) log.add(text);
  await eventually(
    () => log.texts.join() === '1,2\n3',
    () => log.texts.join(),
  );
});

test('gathered text is recorded when it has the size of an entry, to the character', () => {
  const log = new Log({ ...PACE, burst: 1 });
  log.add('');
  log.add('x'.repeat(GATHERED_MAX - 3));
  log.add('x');
  assert.equal(log.texts.length, 1);
  log.add('');
  assert.deepEqual(
    log.texts.map(({ length }) => length),
    [0, GATHERED_MAX],
  );
  log.gatherer.flush();
});

test('text that continues a gathered line is joined to it, not below it', () => {
  const log = new Log({ ...PACE, burst: 1 });
  log.add('1');
  log.add('2');
  log.add(' y 3', {}, true);
  log.gatherer.flush();
  assert.deepEqual(log.texts, ['1', '2 y 3']);
});

test('addresses, and forged lines under them, are gathered each on its own', () => {
  const log = new Log({ ...PACE, burst: 1 });
  for (const text of ['1', '2', '3']) {
    log.add(text);
    log.add(text, { from: '10.0.0.8:1' });
    log.add(text, { forged: true });
  }
  log.gatherer.flushOf(ANA);
  assert.deepEqual(
    log.lines.slice(3).map(({ from, text, forged }) => [from, text, forged]),
    [
      [ANA, '2\n3', false],
      [ANA, '2\n3', true],
    ],
  );
  log.gatherer.flush();
  assert.deepEqual(log.lines.at(-1)?.from, '10.0.0.8:1');
});

test('what waits is recorded when too many addresses are known', () => {
  const log = new Log({ ...PACE, burst: 1 });
  log.add('1');
  log.add('2');
  for (let port = 1; port <= 2_000; port++) log.add('hola', { from: `10.0.0.9:${port}` });
  assert.ok(log.texts.includes('2'));
  assert.equal(log.add('otra vez'), log.lines.length, 'it is a new one');
});
