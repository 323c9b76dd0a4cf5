import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHERED_MAX, type Line, LineGatherer } from '../../../gateway/hub/line-gatherer.ts';
import { eventually } from '../../helpers/eventually.ts';

/** So slow that no test refills its bucket. */
const RATE = { burst: 3, perSecond: 0.001 };

const ANA = '10.0.0.7:4000';

/** Notes lines within the rate limit and gathered lines alike, as the recorder does. */
class Log {
  readonly lines: Line[] = [];
  readonly gathered: string[] = [];
  readonly floods: string[] = [];
  readonly gatherer: LineGatherer;

  constructor(rate = RATE) {
    this.gatherer = new LineGatherer(rate, {
      onGathered: (line) => {
        this.lines.push(line);
        this.gathered.push(line.text);
      },
      onFlood: (from) => this.floods.push(from),
    });
  }

  /** Returns true if the line is gathered. */
  add(text: string, part: Partial<Line> = {}, isContinuation = false): boolean {
    const line = { from: ANA, text, isForged: false, isNote: false, continues: undefined, ...part };
    const isGathered = this.gatherer.gather(line, isContinuation);
    if (!isGathered) this.lines.push(line);
    return isGathered;
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }
}

test('line gatherer leaves lines within the burst to the caller, and gathers the next ones', () => {
  const log = new Log();
  assert.deepEqual(
    ['1', '2', '3', '4', '5'].map((text) => log.add(text)),
    [false, false, false, true, true],
  );
  assert.deepEqual([log.texts, log.floods], [['1', '2', '3'], [ANA]]);
  log.gatherer.flush();
  assert.deepEqual([log.texts, log.gathered], [['1', '2', '3', '4\n5'], ['4\n5']]);
});

test('line gatherer emits gathered lines by itself', async () => {
  const log = new Log({ burst: 1, perSecond: 100 });
  for (const text of ['1', '2', '3']) log.add(text);
  await eventually(
    () => log.texts.join() === '1,2\n3',
    () => log.texts.join(),
  );
});

test('line gatherer emits gathered lines at the size of an entry, to the character', () => {
  const log = new Log({ ...RATE, burst: 1 });
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

test('line gatherer joins a continuation to its gathered line', () => {
  const log = new Log({ ...RATE, burst: 1 });
  log.add('1');
  log.add('2');
  log.add(' y 3', {}, true);
  log.gatherer.flush();
  assert.deepEqual(log.texts, ['1', '2 y 3']);
});

test('line gatherer gathers each address, and its forged lines, apart', () => {
  const log = new Log({ ...RATE, burst: 1 });
  for (const text of ['1', '2', '3']) {
    log.add(text);
    log.add(text, { from: '10.0.0.8:1' });
    log.add(text, { isForged: true });
  }
  log.gatherer.flushAddress(ANA);
  assert.deepEqual(
    log.lines.slice(3).map(({ from, text, isForged }) => [from, text, isForged]),
    [
      [ANA, '2\n3', false],
      [ANA, '2\n3', true],
    ],
  );
  log.gatherer.flush();
  assert.deepEqual(log.lines.at(-1)?.from, '10.0.0.8:1');
});

test('line gatherer emits gathered lines of the address that it evicts', () => {
  const log = new Log({ ...RATE, burst: 1 });
  log.add('1');
  log.add('2');
  for (let port = 1; port <= 2_000; port++) log.add('hola', { from: `10.0.0.9:${port}` });
  assert.ok(log.texts.includes('2'));
  assert.equal(log.add('otra vez'), false, 'its bucket is a new one');
});
