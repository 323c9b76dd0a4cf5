import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeenLines } from '../../../../gateway/hub/cluster/seen-lines.ts';
import type { WireObserver, WireTap } from '../../../../gateway/upstream/tap/wire-observer.ts';

const ANA = '127.0.0.1:4000';
const LUIS = '10.0.0.7:51000';

/** An observer that notes the entry of each line. */
function watched() {
  const texts = new Map<string, string>();
  const found: [text: string, seq: number, root: number][] = [];
  const observer = {
    onGathered: (text: string, key: string) => texts.set(key, text),
    onGatheredEntry: (key: string, seq: number, root: number) =>
      found.push([texts.get(key) ?? '', seq, root]),
  };
  const tap: WireTap = { observer: observer as unknown as WireObserver };
  const seen = new SeenLines(tap);
  return {
    tap,
    found,
    line: (text: string, from = ANA, name?: string) => seen.onLine({ message: { from, name }, text }),
    entry: (seq: number, text: string, from = ANA, continues?: number) =>
      seen.onEntry({ seq, at: 0, from, text, ...(continues !== undefined && { continues }) }),
  };
}

test('line finds its entry, whichever comes first, among those of other addresses', () => {
  const { found, line, entry } = watched();
  line('hola');
  entry(1, 'hola', LUIS);
  entry(2, 'hola');
  line('hola', LUIS);
  assert.deepEqual(found, [
    ['hola', 2, 2],
    ['hola', 1, 1],
  ]);
});

test('line of a room with names finds its entry, which begins with the name', () => {
  const { found, line, entry } = watched();
  entry(1, '<Ana> hola');
  for (const text of ['hola', 'uno', 'dos', '<Ana> tres']) line(text, ANA, 'Ana');
  entry(2, '<Ana> uno\n<Ana> dos');
  entry(3, '<Ana> <Ana> tres');
  assert.deepEqual(found, [
    ['hola', 1, 1],
    ['uno', 2, 2],
    ['dos', 2, 2],
    ['<Ana> tres', 3, 3],
  ]);
});

test('lines that another gateway has gathered have one entry', () => {
  const { found, line, entry } = watched();
  for (const text of ['uno', 'dos', 'tres']) line(text);
  entry(5, 'uno\ndos\ntres', ANA, 3);
  assert.deepEqual(found, [
    ['uno', 5, 3],
    ['dos', 5, 3],
    ['tres', 5, 3],
  ]);
});

test('line that another gateway has cut belongs to the first of its entries', () => {
  const { found, line, entry } = watched();
  line('hola a todos');
  entry(1, 'hola a');
  entry(2, ' todos', ANA, 1);
  line('adiós');
  entry(3, 'adiós');
  assert.deepEqual(found, [
    ['hola a todos', 1, 1],
    ['adiós', 3, 3],
  ]);
});

test('line or entry from before somebody watched is left out', () => {
  const { tap, found, line, entry } = watched();
  const { observer } = tap;
  tap.observer = undefined;
  line('antes');
  tap.observer = observer;
  entry(1, 'antes');
  line('ahora');
  entry(2, 'ahora');
  line('perdida');
  line('luego');
  entry(3, 'luego');
  assert.deepEqual(found, [
    ['ahora', 2, 2],
    ['luego', 3, 3],
  ]);
});
