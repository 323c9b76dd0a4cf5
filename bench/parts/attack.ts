/**
 * 50 members that talk, and one attacker. Measures a message's round trip from a member to the room and back,
 * alternately in quiet and under each attack.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import type { Gateway } from '../../test/helpers/gateway.ts';
import { ATTACKS, type Attack } from '../clients/attacks.ts';
import { type OnText, openRaw, type RawClient } from '../clients/frames.ts';
import { MARK, message, messagesIn, nowUs } from '../clients/message.ts';
import { openPlace } from '../lib/place.ts';
import type { Report } from '../lib/report.ts';
import { isWantedAttack, progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, quantile, table } from '../lib/table.ts';
import { Processes } from '../lib/usage.ts';

const MEMBERS = 50;
/** Rate of each member. */
const SAYS_PER_SECOND = 2;
const MEASURE_MS = 5_000 * (SECONDS / 2);
/** Longest wait for messages in flight at the end of a measurement, ms. */
const HEARD_WITHIN_MS = 20_000;

/**
 * Runs a program only while a core has nothing else to do. An attacker has a machine of its own, so its processor time
 * must not count as a cost of the gateway.
 */
const WHEN_IDLE = ['--idle', '0'];

/** Messages of history, to make searches and downloads costly. */
const LOGGED = 100_000;

interface Trips {
  /** Share of a core that the gateway took, and the room. */
  gateway: number;
  room: number;
  /** Round trips from the say to its own message in the log, ms. */
  times: number[];
  unheard: number;
}

export async function measureAttack(t: Cleanup): Promise<Report> {
  const { gateway, roomPort, roomPid } = await openPlace(t, LOGGED);
  await isIndexed(gateway);
  const talk = new Talk({
    gateway: new Processes(gateway.program.child.pid ?? 0),
    room: new Processes(roomPid),
  });
  for (let i = 0; i < MEMBERS; i++) await talk.add(gateway);
  await talk.run();
  const rows: string[][] = [];
  for (const attack of ATTACKS.filter(isWantedAttack)) {
    const quiet: Trips[] = [];
    const attacked: Trips[] = [];
    progress(`attack: ${attack}`);
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(await talk.run());
      // Another address each time, so that no round uses up the next one's bursts.
      const address = `203.0.113.${rows.length * ROUNDS + round + 1}`;
      const stop = await begin(attack, `${gateway.port}`, `${roomPort}`, address);
      attacked.push(await talk.run());
      await stop();
    }
    rows.push(rowOf(attack, quiet, attacked));
  }
  const head = [
    ...['attack', 'quiet p50', 'p99', 'attacked p50', 'p99', 'ratio of p99', 'unheard'],
    ...['gateway quiet, %', 'attacked', 'room quiet, %', 'attacked'],
  ];
  return {
    text: [
      `Round trip of ${MEMBERS} members, ${SAYS_PER_SECOND} says a second each, ms; share of a core; medians of ${ROUNDS} rounds`,
      '',
      table([head, ...rows]),
    ].join('\n'),
  };
}

function rowOf(attack: Attack, quiet: Trips[], attacked: Trips[]): string[] {
  const at = (trips: Trips[], share: number): number =>
    median(trips.map(({ times }) => quantile(times, share)));
  const ratios = attacked.map(
    ({ times }, i) => quantile(times, 0.99) / quantile(quiet[i]?.times ?? [], 0.99),
  );
  const unheard = [...quiet, ...attacked].reduce((sum, trips) => sum + trips.unheard, 0);
  return [
    attack,
    ...[at(quiet, 0.5), at(quiet, 0.99), at(attacked, 0.5), at(attacked, 0.99)].map((ms) => ms.toFixed(1)),
    median(ratios).toFixed(2),
    `${unheard}`,
    ...(['gateway', 'room'] as const)
      .flatMap((program) => [quiet, attacked].map((trips) => median(trips.map((trip) => trip[program]))))
      .map((share) => (share * 100).toFixed(0)),
  ];
}

/** Waits for the search index, which is built after the start when another program wrote the log. */
async function isIndexed(gateway: Gateway): Promise<void> {
  for (;;) {
    const answer = (await (await gateway.get('/api/messages?q=de&limit=1')).json()) as { isComplete?: false };
    if (answer.isComplete !== false) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Programs {
  gateway: Processes;
  room: Processes;
}

/** Members as cheap as possible, because 50 that parse each message would take longer than the gateway. */
class Talk {
  readonly #members: RawClient[] = [];
  #said = 0;
  #heard = 0;
  #times: number[] = [];
  readonly #programs: Programs;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  /** A member knows its own messages by their numbers. */
  async add(gateway: Gateway): Promise<void> {
    const index = this.#members.length;
    let begun = '';
    const onText: OnText = (bytes, from, to) => {
      // Fifty members that parse a long message of the attacker would take longer than the gateway, too.
      if (begun === '' && !bytes.subarray(from, to).includes(MARK)) return;
      const { seen, rest } = messagesIn(begun + bytes.toString('latin1', from, to));
      begun = rest;
      for (const { saidUs } of seen.filter(({ seq }) => seq % MEMBERS === index)) {
        this.#heard++;
        this.#times.push((nowUs() - saidUs) / 1000);
      }
    };
    this.#members.push(await openRaw({ port: gateway.port, protocol: SUBPROTOCOL }, onText));
  }

  /** Sends from all members, evenly spread over time. */
  async run(): Promise<Trips> {
    this.#times = [];
    const { gateway, room } = this.#programs;
    const begun = { at: performance.now(), gatewayUs: gateway.cpuUs, roomUs: room.cpuUs };
    const before = this.#said - this.#heard;
    const end = performance.now() + MEASURE_MS;
    const every = 1000 / (MEMBERS * SAYS_PER_SECOND);
    for (let due = performance.now(); due < end; await sleep(2)) {
      for (const now = performance.now(); due <= now && due < end; due += every) this.#say();
    }
    const last = performance.now() + HEARD_WITHIN_MS;
    while (this.#unheard > before && performance.now() < last) await sleep(10);
    const tookUs = (performance.now() - begun.at) * 1000;
    return {
      gateway: (gateway.cpuUs - begun.gatewayUs) / tookUs,
      room: (room.cpuUs - begun.roomUs) / tookUs,
      times: this.#times,
      unheard: this.#unheard - before,
    };
  }

  get #unheard(): number {
    return this.#said - this.#heard;
  }

  #say(): void {
    const seq = this.#said++;
    this.#members[seq % MEMBERS]?.say(message(seq));
  }
}

/** Starts the attack and waits until it is at full strength. Returns a function that ends it. */
async function begin(attack: Attack, ...args: string[]): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('../clients/attacker.ts', import.meta.url));
  const node = [process.execPath, '--import', 'tsx', script, attack, ...args];
  const child = spawn('chrt', [...WHEN_IDLE, ...node], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'close');
    child.stdin.end();
    await gone;
  };
}
