/**
 * A thousand tabs reconnect at once, each with a thousand messages to read, while a terminal continues to send.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { bridgesFor, OURS } from '../bridges/bridges.ts';
import { type Subject, setUp } from '../bridges/subjects.ts';
import type { PoolResult } from '../clients/client-pool-commands.ts';
import { openRaw, openTerminal } from '../clients/frames.ts';
import { nowUs } from '../clients/message.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS } from '../lib/settings.ts';
import { quantile, summary, table } from '../lib/table.ts';

const TABS = 1000;
const MESSAGES = 1000;
const MESSAGES_PER_S = 500;
const CAUGHT_UP_WITHIN_MS = 60_000;
const TALK_EVERY_MS = 50;

/** A client that stays, and receives messages that the others do not count. */
class Observer {
  latencies: number[] = [];

  static async in(t: Cleanup, { bridge, roomPort }: Subject): Promise<Observer> {
    const observer = new Observer();
    const page = await openRaw(bridge.door, (bytes, from, to) =>
      observer.#take(bytes.toString('latin1', from, to)),
    );
    const terminal = await openTerminal(roomPort, () => {});
    const talking = setInterval(() => terminal.socket.write(`~${nowUs()}~\n`), TALK_EVERY_MS);
    t.after(() => {
      clearInterval(talking);
      page.socket.destroy();
      terminal.socket.destroy();
    });
    return observer;
  }

  #take(text: string): void {
    for (const [, saidUs] of text.matchAll(/~(\d+)~/g))
      this.latencies.push((nowUs() - Number(saidUs)) / 1000);
  }
}

interface Round {
  heard: PoolResult;
  p99: number;
  longest: number;
}

export async function measureCatchingUp(t: Cleanup): Promise<Report> {
  const rounds: Round[] = [];
  await withCleanup(t, async (scope) => {
    const ours = bridgesFor(TABS).find(({ name }) => name === OURS);
    if (!ours) return;
    progress(`catching up: ${TABS} join`);
    const subject = await setUp(scope, ours, TABS);
    const observer = await Observer.in(scope, subject);
    for (let round = 0; round < ROUNDS; round++) rounds.push(await returnOnce(subject, observer));
  });
  const of = (value: (round: Round) => number): [string, string] => summary(rounds.map(value));
  const text = table([
    [`${TABS} tabs, ${MESSAGES} messages each`, 'median', 'worst'],
    ['all have read all after, ms', ...of(({ heard }) => heard.tookMs)],
    ['meanwhile, for who stayed: p99, ms', ...of(({ p99 }) => p99)],
    ['the longest, ms', ...of(({ longest }) => longest)],
    ['messages lost', ...of(({ heard }) => heard.lost)],
    ['messages wrong', ...of(({ heard }) => heard.wrong)],
  ]);
  return { text: `Catching up: ${ROUNDS} rounds\n\n${text}` };
}

async function returnOnce({ bridge, pool, terminal }: Subject, observer: Observer): Promise<Round> {
  progress('catching up: all leave and come back');
  await pool.vanish();
  await sleep(500);
  const after = await headOf(bridge.door.port);
  await terminal.talk(MESSAGES_PER_S, (1000 * MESSAGES) / MESSAGES_PER_S);
  await eventually(
    async () => (await headOf(bridge.door.port)) >= after + MESSAGES,
    () => 'not all was heard',
    CAUGHT_UP_WITHIN_MS,
  );
  observer.latencies = [];
  await pool.reconnect(bridge.door, after);
  const heard = await pool.receive(MESSAGES, CAUGHT_UP_WITHIN_MS);
  await sleep(200);
  const { latencies } = observer;
  return { heard, p99: quantile(latencies, 0.99), longest: quantile(latencies, 1) };
}

/** The newest number in the log. */
async function headOf(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/messages?limit=1`);
  const { messages } = (await answer.json()) as { messages: { seq: number }[] };
  return messages.at(-1)?.seq ?? 0;
}
