/**
 * Runs faults of one kind, one after another, with a comparison after each.
 */
import type { Cleanup } from '../helpers/eventually.ts';
import type { Tally } from './comparison.ts';
import { Dice } from './dice.ts';
import type { Kind } from './kind.ts';
import { World } from './world.ts';

/** Longest random pause before the next fault, ms. */
const REST_MS = 1_000;

export interface Result {
  kind: Kind;
  faults: number;
  tally: Tally;
  lost: number;
  doubled: number;
  holes: number;
  wrong: number;
}

/** Findings that are printed. The others are only counted. */
const TOLD_MAX = 20;

export async function runKind(
  t: Cleanup,
  kind: Kind,
  faults: number,
  seed: number,
  tell: (line: string) => void,
): Promise<Result> {
  const world = new World(t, new Dice(seed), kind.room, kind.env ?? {});
  const { comparison } = world;
  await world.begin();
  await kind.begin?.(world);
  for (let fault = 1; fault <= faults; fault++) {
    await world.pause(world.dice.between(0, REST_MS));
    const told = comparison.tally.findings.length;
    await kind.strike(world);
    await comparison.compare();
    comparison.find((await kind.check?.(world)) ?? []);
    const found = comparison.tally.findings.slice(told);
    for (const { fault: name, what } of found.slice(0, TOLD_MAX))
      tell(`${kind.id}, fault ${fault}: ${name}: ${what}`);
    if (found.length > TOLD_MAX) tell(`... and ${found.length - TOLD_MAX} more`);
  }
  await comparison.end();
  return {
    kind,
    faults,
    tally: comparison.tally,
    lost: comparison.count('lost'),
    doubled: comparison.count('doubled'),
    holes: comparison.count('unmarked hole'),
    wrong: comparison.count('wrong'),
  };
}

const COLUMNS = [
  ['kind', ({ kind }: Result) => `${kind.id} ${kind.title}`],
  ['faults', ({ faults }: Result) => faults],
  ['messages', ({ tally }: Result) => tally.messages],
  ['says', ({ tally }: Result) => tally.says],
  ['lost', ({ lost }: Result) => lost],
  ['doubled', ({ doubled }: Result) => doubled],
  ['unmarked holes', ({ holes }: Result) => holes],
  ['wrong', ({ wrong }: Result) => wrong],
  ['unconfirmed', ({ tally }: Result) => tally.unconfirmed],
  ['of them in the log', ({ tally }: Result) => tally.doubted],
  ['failed', ({ tally }: Result) => tally.failed],
  ['gone with a kill', ({ tally }: Result) => (tally.gone > 0 ? `${tally.gone}, ${tally.goneMs} ms` : '0')],
  ['caught up within', ({ tally }: Result) => `${(tally.longestMs / 1000).toFixed(1)} s`],
] as const;

/** Formats a Markdown table. */
export function table(results: readonly Result[]): string {
  const rows = [
    COLUMNS.map(([name]) => name),
    ...results.map((result) => COLUMNS.map(([, read]) => `${read(result)}`)),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}

export function isClean({ tally }: Result): boolean {
  return tally.findings.length === 0;
}
