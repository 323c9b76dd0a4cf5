/**
 * The latency of a message in a small room where pages talk too, with one terminal to another as the minimum. Then
 * the latency from a terminal to 200 pages, in a lively room.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { bridgesFor, type Kind, NAIVE, skipped } from '../bridges/bridges.ts';
import { type Subject, setUp } from '../bridges/subjects.ts';
import { openRaw, openTerminal, type RawClient } from '../clients/frames.ts';
import { message, messagesIn, nowUs } from '../clients/message.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, quantile, table } from '../lib/table.ts';

const MEMBERS = 200;
/** Messages a second that people can still read. */
const LIVELY = 10;
/**
 * Messages sent one after the other, each after the last was received, with a pause that matches no timer of the
 * system, ms.
 */
const PAUSES_MS = [3, 17, 45, 61];
const SAID = 20 * SECONDS;
/** Latency above which a message is late, ms. A delayed ACK takes 40. */
const LATE_MS = 20;

export const WAYS = ['terminal to terminal', 'terminal to page', 'page to terminal', 'page to page'] as const;
type Way = (typeof WAYS)[number];

/** Measures the time until a client receives a message. */
class LatencyProbe {
  readonly #name: string;
  #rest = '';
  #waiting: ((latencyMs: number) => void) | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  readonly onText = (bytes: Buffer, from: number, to: number): void => {
    const { seen, rest } = messagesIn(this.#rest + bytes.toString('latin1', from, to));
    this.#rest = rest;
    for (const { saidUs } of seen) this.#waiting?.((nowUs() - saidUs) / 1000);
  };

  measure(say: () => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`a message did not come, ${this.#name}`)), 10_000);
      this.#waiting = (latency) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(latency);
      };
      say();
    });
  }
}

export interface Few {
  name: string;
  say: { terminal(): void; page(): void };
  /** Senders may receive the next message late, because of a delayed ACK at a server without TCP_NODELAY. */
  answer(): void;
  hear: { terminal: LatencyProbe; page: LatencyProbe };
  latencies: Record<Way, number[]>;
}

export async function measureLatency(t: Cleanup): Promise<Report> {
  progress('latency among a few');
  const few = await withCleanup(t, measureFew);
  progress(`latency with ${MEMBERS} pages`);
  const many = await withCleanup(t, measureMany);
  return { text: ['Latency, ms', ...skipped(), few, many].join('\n\n') };
}

async function measureFew(t: Cleanup): Promise<string> {
  const subjects: Few[] = [];
  for (const kind of bridgesFor(MEMBERS)) subjects.push(await openFew(t, kind));
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) for (const way of WAYS) await measureWay(subject, way);
  }
  const of = (name: string, way: Way): number[] =>
    subjects.find((each) => each.name === name)?.latencies[way] ?? [];
  const rows = WAYS.flatMap((way) =>
    subjects.map(({ name, latencies }) => {
      const values = latencies[way];
      const ratio = quantile(values, 0.5) / quantile(of(NAIVE, way), 0.5);
      const late = (100 * values.filter((ms) => ms > LATE_MS).length) / values.length;
      return [
        `${way}, ${name}`,
        quantile(values, 0.5).toFixed(2),
        ratio.toFixed(2),
        quantile(values, 0.99).toFixed(2),
        quantile(values, 1).toFixed(1),
        late.toFixed(1),
      ];
    }),
  );
  return table([['few members', 'p50', 'of naive', 'p99', 'max', `over ${LATE_MS} ms, %`], ...rows]);
}

export async function openFew(t: Cleanup, kind: Kind): Promise<Few> {
  const room = await pythonRoom(t);
  const { door } = await kind.start(t, room.port);
  const hear = {
    terminal: new LatencyProbe(`${kind.name} to a terminal`),
    page: new LatencyProbe(`${kind.name} to a page`),
  };
  const nothing = (): void => {};
  const listener = await openTerminal(room.port, hear.terminal.onText);
  const speaker = await openTerminal(room.port, nothing);
  const reader: RawClient = await openRaw(door, hear.page.onText);
  const writer: RawClient = await openRaw(door, nothing);
  for (const { socket } of [listener, speaker, reader, writer]) t.after(() => socket.destroy());
  let seq = 0;
  const say = {
    terminal: (): void => void speaker.socket.write(message(seq++)),
    page: (): void => writer.say(message(seq++).trimEnd()),
  };
  await sleep(1_000); // All clients should be accepted by then. The room does not report it.
  return {
    name: kind.name,
    say,
    answer: () => reader.say('sí'),
    hear,
    latencies: {
      'terminal to terminal': [],
      'terminal to page': [],
      'page to terminal': [],
      'page to page': [],
    },
  };
}

export async function measureWay({ say, hear, answer, latencies }: Few, way: Way): Promise<void> {
  const [from, to] = way.split(' to ') as ['terminal' | 'page', 'terminal' | 'page'];
  for (let said = 0; said < SAID; said++) {
    latencies[way].push(await hear[to].measure(say[from]));
    if (to === 'page') answer();
    await sleep(PAUSES_MS[said % PAUSES_MS.length]);
  }
}

async function measureMany(t: Cleanup): Promise<string> {
  const subjects: { subject: Subject; p50: number[]; p99: number[]; max: number[] }[] = [];
  for (const kind of bridgesFor(MEMBERS)) {
    subjects.push({ subject: await setUp(t, kind, MEMBERS), p50: [], p99: [], max: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { subject, p50, p99, max } of subjects) {
      await subject.pool.reset();
      const said = await subject.terminal.talk(LIVELY, SECONDS * 1000);
      const { latency, lost } = await subject.pool.receive(said, 10_000);
      if (lost > 0) throw new Error(`${subject.bridge.name} lost ${lost}`);
      p50.push(latency.p50);
      p99.push(latency.p99);
      max.push(latency.max);
    }
  }
  const naive = subjects.find(({ subject }) => subject.bridge.name === NAIVE);
  return table([
    [`${MEMBERS} pages, ${LIVELY} messages/s`, 'p50', 'of naive', 'p99', 'of naive', 'max'],
    ...subjects.map(({ subject, p50, p99, max }) => [
      subject.bridge.name,
      median(p50).toFixed(2),
      (median(p50) / median(naive?.p50 ?? [])).toFixed(2),
      median(p99).toFixed(2),
      (median(p99) / median(naive?.p99 ?? [])).toFixed(2),
      Math.max(...max).toFixed(1),
    ]),
  ]);
}
