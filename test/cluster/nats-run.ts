/**
 * Kills and stops NATS servers while three engines announce, and compares what NATS has acknowledged with what it keeps.
 * No gateway takes part, so that each finding is NATS's own.
 */
import { execFileSync } from 'node:child_process';
import type { ClusterEngine } from '../../gateway/cluster/engine.ts';
import { pause } from '../../gateway/cluster/nats/stream-follower.ts';
import { Dice } from '../faults/dice.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { findLeader, type NatsServer, openEngine, startNats } from './nats-servers.ts';

const ANNOUNCE_EVERY_MS = 10;
const WAIT_EVERY_MS = 30;
/** Number of announcements, half of which another engine then repeats, as if their browsers had moved. */
const GROUP = 60;
const PAUSE_MS = [1_500, 3_500] as const;
const KILLED_MAX_MS = 2_000;
const STOPPED_MS = [5_000, 15_000] as const;
/** Time in which followers receive the last announcements, ms. */
const SETTLED_WITHIN_MS = 60_000;

export interface NatsResult {
  faults: number;
  announced: number;
  repeated: number;
  /** Number of waits for what was announced before. */
  waits: number;
  /** Acknowledged announcements that not every follower received. */
  lost: number;
  /** Announcements that were new for two engines. */
  twice: number;
  /** Waits that ended before an acknowledged announcement was received. */
  early: number;
}

export function natsVersion(): string {
  return execFileSync('nats-server', ['--version'], { encoding: 'utf8' }).trim();
}

/** Strikes a server `faults` times. Most of the time it is the one that leads the announcements. */
export async function runNats(
  t: Cleanup,
  faults: number,
  seed: number,
  tell: (line: string) => void,
): Promise<NatsResult> {
  const dice = new Dice(seed);
  const servers = await startNats(t, 3);
  const engines = await Promise.all(servers.map(() => openEngine(t, servers)));
  const announcers = new Announcers(engines.map(({ engine }) => engine));
  t.after(() => announcers.stop());
  for (let fault = 1; fault <= faults; fault++) {
    await pause(dice.between(...PAUSE_MS));
    const { leader } = await findLeader(servers, 'says');
    const server = dice.next() < 0.7 ? leader : dice.oneOf(servers);
    const what = dice.next() < 0.6 ? 'killed' : 'stopped';
    if (what === 'killed') await kill(server, dice.between(0, KILLED_MAX_MS));
    else await stop(server, dice.between(...STOPPED_MS));
    const { announced, twice, early } = announcers;
    tell(
      `${fault}: ${server.name} ${what}, ${announced} announced, ${twice} twice, ${early} waits too short`,
    );
  }
  await announcers.settle();
  const { announced, repeated, waits, lost, twice, early } = announcers;
  return { faults, announced, repeated, waits, lost, twice, early };
}

async function kill(server: NatsServer, ms: number): Promise<void> {
  await server.kill();
  await pause(ms);
  await server.start();
}

async function stop({ program }: NatsServer, ms: number): Promise<void> {
  await program.freeze();
  await pause(ms);
  program.wake();
}

/** One engine announces, another repeats some of it, and each waits in turn. */
class Announcers {
  announced = 0;
  repeated = 0;
  waits = 0;
  early = 0;
  readonly #engines: ClusterEngine[];
  readonly #received: Set<string>[];
  /** How often each announcement was new for an engine. */
  readonly #news = new Map<string, number>();
  #unanswered = 0;
  #repeatable: string[] = [];
  readonly #ending = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(engines: ClusterEngine[]) {
    this.#engines = engines;
    this.#received = engines.map((engine) => {
      const received = new Set<string>();
      engine.followAnnouncements((body) => received.add(Buffer.from(body).toString()));
      return received;
    });
    this.#timer = setInterval(() => this.#announceNext(), ANNOUNCE_EVERY_MS);
    void this.#waitInTurn().catch(() => {});
  }

  get twice(): number {
    return [...this.#news.values()].filter((count) => count > 1).length;
  }

  get lost(): number {
    return [...this.#news.keys()].filter((id) => !this.#received.every((received) => received.has(id)))
      .length;
  }

  /** Ends the announcements, and gives the followers time to receive the last. */
  async settle(): Promise<void> {
    clearInterval(this.#timer);
    await eventually(
      () => this.#unanswered === 0,
      () => `${this.#unanswered} announcements have no answer`,
    );
    const isComplete = eventually(
      () => this.lost === 0,
      () => '',
      SETTLED_WITHIN_MS,
    );
    await isComplete.catch(() => {});
    this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#ending.abort();
  }

  #announceNext(): void {
    const [first, second] = this.#engines as [ClusterEngine, ClusterEngine];
    const id = `announcement ${++this.announced}`;
    this.#announce(first, id);
    this.#repeatable.push(id);
    if (this.#repeatable.length < GROUP) return;
    // The newest are perhaps not acknowledged yet.
    for (const old of this.#repeatable.splice(0).filter((_, index) => index % 2 === 0)) {
      this.repeated++;
      this.#announce(second, old);
    }
  }

  #announce(engine: ClusterEngine, id: string): void {
    this.#unanswered++;
    engine.announce(id, Buffer.from(id), this.#ending.signal).then(
      (outcome) => {
        this.#unanswered--;
        if (outcome === 'new') this.#news.set(id, (this.#news.get(id) ?? 0) + 1);
      },
      () => {},
    );
  }

  async #waitInTurn(): Promise<void> {
    for (;;) {
      const turn = this.waits % this.#engines.length;
      const acknowledged = [...this.#news.keys()];
      await this.#engines[turn]?.announcementsReceived(this.#ending.signal);
      this.waits++;
      if (acknowledged.some((id) => !this.#received[turn]?.has(id))) this.early++;
      await pause(WAIT_EVERY_MS);
    }
  }
}
