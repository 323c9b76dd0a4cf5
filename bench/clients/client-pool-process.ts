/**
 * client-pool-process.ts: many members of a room behind a bridge, and one terminal in that room.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../bridges/bridges.ts';
import { quantile } from '../lib/table.ts';
import type { PoolCommand, PoolResult } from './client-pool-commands.ts';
import { openRaw, openTerminal, pongFrame, type RawClient } from './frames.ts';
import { MARK, message, messagesIn, nowUs } from './message.ts';

/** Members whose messages are checked. The messages of the others are counted. */
const SAMPLE = 20;
/** Interval of pongs, ms, so that an idle member is not taken for a dead one. */
const PONG_EVERY_MS = 15_000;
const SETTLE_WITHIN_MS = 60_000;

class PoolClient {
  heard = 0;
  sampled = false;
  client: RawClient | undefined;
  #rest = '';
  #last = -1;

  begin(): void {
    this.heard = 0;
    this.#rest = '';
    this.#last = -1;
  }

  readonly onText = (bytes: Buffer, from: number, to: number): void => {
    const before = this.heard;
    for (let at = bytes.indexOf(MARK, from); at >= 0 && at < to; at = bytes.indexOf(MARK, at + 1))
      this.heard++;
    if (this.sampled) this.#look(this.#rest + bytes.toString('latin1', from, to));
    heardMore(this.heard - before);
  };

  #look(text: string): void {
    const now = nowUs();
    const { seen, rest } = messagesIn(text);
    this.#rest = rest;
    for (const { seq, saidUs } of seen) {
      if (seq <= this.#last) wrong++;
      this.#last = seq;
      latencies.push((now - saidUs) / 1000);
    }
  }
}

const members: PoolClient[] = [];
let terminal: Socket;
let deliveries = 0;
let lastAt = 0;
let wrong = 0;
let latencies: number[] = [];
let goal = { deliveries: Number.POSITIVE_INFINITY, reached: (): void => {} };

function heardMore(count: number): void {
  if (count === 0) return;
  deliveries += count;
  if (deliveries < goal.deliveries) return;
  lastAt = nowUs();
  goal.reached();
}

function begin(): void {
  for (const member of members) member.begin();
  deliveries = 0;
  wrong = 0;
  latencies = [];
  beganAt = nowUs();
}
let beganAt = 0;

/** Returns whether all was delivered in time. */
function delivered(count: number, withinMs: number): Promise<boolean> {
  lastAt = nowUs();
  if (deliveries >= count) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(false), withinMs);
    const end = (all: boolean): void => {
      clearTimeout(timer);
      goal = { deliveries: Number.POSITIVE_INFINITY, reached: () => {} };
      lastAt = nowUs();
      resolve(all);
    };
    goal = { deliveries: count, reached: () => end(true) };
  });
}

async function enter(roomPort: number): Promise<void> {
  terminal = connect({ port: roomPort, host: '127.0.0.1', noDelay: true });
  await once(terminal, 'connect');
  terminal.on('error', () => {}).resume();
}

async function openPage(member: PoolClient, door: Endpoint): Promise<void> {
  member.client = await openRaw(door, member.onText);
  setInterval(() => member.client?.socket.write(pongFrame), PONG_EVERY_MS).unref();
}

async function join(door: Endpoint, count: number): Promise<void> {
  for (let joined = 0; joined < count; joined++) {
    const member = new PoolClient();
    if (door.isRoom) await openTerminal(door.port, member.onText);
    else await openPage(member, door);
    members.push(member);
  }
}

async function rush(door: Endpoint, count: number, withinMs: number): Promise<PoolResult> {
  begin();
  const end = performance.now() + withinMs;
  const newcomers = Array.from({ length: count }, () => new PoolClient());
  members.push(...newcomers);
  await Promise.all(newcomers.map(({ onText }) => openRaw(door, onText)));
  while (members.some(({ heard }) => heard === 0) && performance.now() < end) {
    terminal.write(message(0));
    await sleep(50);
  }
  lastAt = nowUs();
  return report(1);
}

function vanish(): void {
  for (const { client } of members) client?.socket.destroy();
}

async function comeBack(door: Endpoint, after: number): Promise<void> {
  begin();
  await Promise.all(
    members.map(async (member) => {
      const { session, epoch } = JSON.parse(member.client?.welcome ?? '{}');
      member.client = await openRaw(door, member.onText, { session, epoch, after });
    }),
  );
}

async function settle(): Promise<void> {
  const every = Math.max(1, Math.floor(members.length / SAMPLE));
  for (const [number, member] of members.entries()) member.sampled = number % every === 0;
  const deaf = (): number => members.filter(({ heard }) => heard === 0).length;
  const end = Date.now() + SETTLE_WITHIN_MS;
  while (deaf() > 0) {
    if (Date.now() > end) throw new Error(`${deaf()} are not in the room`);
    terminal.write(message(0));
    await sleep(100);
  }
  await sleep(200);
}

async function hear(messages: number, withinMs: number): Promise<PoolResult> {
  await delivered(messages * members.length, withinMs);
  return report(messages);
}

async function lockStep(forMs: number): Promise<PoolResult> {
  begin();
  const end = performance.now() + forMs;
  let said = 0;
  while (performance.now() < end) {
    terminal.write(message(said++));
    if (!(await delivered(said * members.length, 5_000))) break;
  }
  return report(said);
}

function report(messages: number): PoolResult {
  return {
    messages,
    deliveries,
    lost: members.reduce((sum, { heard }) => sum + Math.max(0, messages - heard), 0),
    wrong: wrong + members.filter(({ heard }) => heard > messages).length,
    tookMs: (lastAt - beganAt) / 1000,
    latency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) },
  };
}

async function obey(order: PoolCommand): Promise<PoolResult | undefined> {
  switch (order.do) {
    case 'enter':
      await enter(order.roomPort);
      return undefined;
    case 'join':
      await join(order.door, order.members);
      return undefined;
    case 'settle':
      await settle();
      return undefined;
    case 'rush':
      return await rush(order.door, order.members, order.withinMs);
    case 'vanish':
      vanish();
      return undefined;
    case 'return':
      await comeBack(order.door, order.after);
      return undefined;
    case 'begin':
      begin();
      return undefined;
    case 'hear':
      return await hear(order.messages, order.withinMs);
    case 'lock-step':
      return await lockStep(order.forMs);
  }
}

process.on('message', (order: PoolCommand) => {
  void obey(order).then(
    (heard) => process.send?.({ heard }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
