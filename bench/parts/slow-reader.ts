/**
 * 200 members, of which three never read and two read slowly. Measures the effect on the others, and the bridge's
 * memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { type Bridge, bridgesFor, NAIVE, skipped } from '../bridges/bridges.ts';
import { type Subject, setUp } from '../bridges/subjects.ts';
import type { PoolResult } from '../clients/client-pool-commands.ts';
import { openRaw, type RawClient } from '../clients/frames.ts';
import { MESSAGE_BYTES } from '../clients/message.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';

const MEMBERS = 200;
const NEVER = 3;
const SLOWLY = 2;
/** One read of up to 64 KiB, and the pause until the next, ms. */
const READ_EVERY_MS = 500;
/** Bytes sent first in each round. The system's buffers of a member that does not read are full after the second. */
const FILL_BYTES = 2 * 1024 * 1024;
/** Rate during the measurement of latency. */
const DELIVERIES_PER_S = 20_000;
/** Deadline, ms. A member that receives nothing by then is stalled with the slow ones. */
const HEARD_WITHIN_MS = 15_000;

class SlowReader {
  #client!: RawClient;
  #state: 'reading' | 'slow' = 'reading';
  heard = false;

  static async in(t: Cleanup, { door }: Bridge): Promise<SlowReader> {
    const reader = new SlowReader();
    reader.#client = await openRaw(door, () => reader.#take());
    t.after(() => reader.#client.socket.destroy());
    return reader;
  }

  #take(): void {
    this.heard = true;
    if (this.#state === 'slow') this.#client.socket.pause();
  }

  /** Reads at that interval from now on, or never. */
  slowDown(t: Cleanup, everyMs?: number): void {
    const { socket } = this.#client;
    this.#state = 'slow';
    socket.pause();
    if (everyMs === undefined) return;
    const timer = setInterval(() => socket.resume(), everyMs);
    t.after(() => clearInterval(timer));
  }
}

interface Row {
  name: string;
  rounds: { filled: PoolResult; talked: PoolResult }[];
  growthMb: number;
}

export async function measureSlowReader(t: Cleanup): Promise<Report> {
  const rows = await withCleanup(t, measure);
  const text = [
    `${NEVER} of ${MEMBERS} members never read, ${SLOWLY} slowly: what the others notice; medians of ${ROUNDS} rounds`,
    ...skipped(),
    describe(rows),
  ];
  return { text: text.join('\n\n') };
}

async function measure(t: Cleanup): Promise<Row[]> {
  const subjects: { subject: Subject; before: number; row: Row }[] = [];
  for (const kind of bridgesFor(MEMBERS)) {
    progress(`slow readers: ${kind.name}`);
    const subject = await setUp(t, kind, MEMBERS - NEVER - SLOWLY);
    await slowOnes(t, subject);
    subject.bridgeUse.forgetPeak();
    const row = { name: kind.name, rounds: [], growthMb: 0 };
    subjects.push({ subject, before: subject.bridgeUse.residentBytes, row });
  }
  for (let round = 0; round < ROUNDS; round++) {
    progress(`slow readers: round ${round + 1}`);
    for (const { subject, before, row } of subjects) {
      if (row.rounds.some(isStuck)) continue;
      row.rounds.push(await once(subject));
      row.growthMb = Math.max(0, subject.bridgeUse.peakBytes - before) / 1e6;
    }
  }
  return subjects.map(({ row }) => row);
}

async function slowOnes(t: Cleanup, { bridge, terminal }: Subject): Promise<void> {
  const readers: SlowReader[] = [];
  while (readers.length < NEVER + SLOWLY) readers.push(await SlowReader.in(t, bridge));
  await eventually(
    async () => {
      await terminal.talk(1, 1);
      await sleep(50);
      return readers.every(({ heard }) => heard);
    },
    () => 'not all of the slow are in the room',
  );
  for (const [i, reader] of readers.entries()) reader.slowDown(t, i < NEVER ? undefined : READ_EVERY_MS);
}

async function once({ pool, terminal }: Subject): Promise<{ filled: PoolResult; talked: PoolResult }> {
  const messages = FILL_BYTES / MESSAGE_BYTES;
  await pool.reset();
  terminal.flood(messages);
  const filled = await pool.receive(messages, HEARD_WITHIN_MS);
  if (filled.lost > 0) return { filled, talked: filled };
  await pool.reset();
  const said = await terminal.talk(DELIVERIES_PER_S / MEMBERS, SECONDS * 1000);
  return { filled, talked: await pool.receive(said, HEARD_WITHIN_MS) };
}

function isStuck({ filled, talked }: Row['rounds'][number]): boolean {
  return filled.lost + talked.lost > 0;
}

function describe(rows: readonly Row[]): string {
  const naive = rows.find(({ name }) => name === NAIVE);
  const of = ({ rounds }: Row, value: (round: Row['rounds'][number]) => number): number =>
    median(rounds.map(value));
  const worst = ({ rounds }: Row, value: (heard: PoolResult) => number): number =>
    Math.max(...rounds.flatMap(({ filled, talked }) => [value(filled), value(talked)]));
  const cells = (row: Row, digits: number, figure: (row: Row) => number): string[] => [
    figure(row).toFixed(digits),
    naive ? (figure(row) / figure(naive)).toFixed(2) : '-',
  ];
  const columns = ['deliveries/s of a flood', 'p50 ms', 'p99 ms', 'growth MB'];
  return table([
    ['', ...columns.flatMap((column) => [column, 'of naive']), 'lost', 'wrong'],
    ...rows.map((row) => [
      row.name,
      ...cells(row, 0, (each) => of(each, ({ filled }) => (filled.deliveries / filled.tookMs) * 1000)),
      ...cells(row, 1, (each) => of(each, ({ talked }) => talked.latency.p50)),
      ...cells(row, 1, (each) => of(each, ({ talked }) => talked.latency.p99)),
      ...cells(row, 1, ({ growthMb }) => growthMb),
      `${worst(row, ({ lost }) => lost)}`,
      `${worst(row, ({ wrong }) => wrong)}`,
    ]),
  ]);
}
