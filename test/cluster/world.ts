/**
 * Three gateways in front of one room, three NATS servers, HAProxy, bad networks in between, and terminals and tabs that
 * send all the time.
 *
 *     4 terminals -------------------------------.
 *                                                 RoomProxy each --- room server
 *     30 tabs --- HAProxy --- 3 gateways ---------'
 *                                  `--- TcpProxies each --- 3 NATS servers
 */
import { rmSync } from 'node:fs';
import type { Entry, PeopleHere } from '../../gateway/protocol.ts';
import { CATCH_UP_WITHIN_MS, Comparison } from '../faults/comparison.ts';
import type { Dice } from '../faults/dice.ts';
import { HeadlessPage, MemoryStore } from '../faults/page.ts';
import { Names, openRoomProxy, type ProxiedConnection, type RoomProxy } from '../faults/room-proxy.ts';
import { talk } from '../faults/talk.ts';
import { NumberedTerminal, TERMINAL_LINE } from '../faults/terminals.ts';
import { configured, isOpen } from '../helpers/configured.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, launchGateway } from '../helpers/gateway.ts';
import { type Program, start } from '../helpers/process.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { freePort } from '../helpers/tcp.ts';
import { CLUSTER, deleteLog, findLeader, isWhole, type NatsServer, startNats } from './nats-servers.ts';

export const GATEWAYS = 3;
const TABS = Number(process.env.TABS ?? 30);
const TERMINALS = 4;
/** Rate of messages of all speakers together, and the share of them that tabs send. */
const MESSAGES_PER_SECOND = Number(process.env.MESSAGES ?? 200);
const TABS_SHARE = 0.3;
const TICK_MS = 10;
/** The tabs' time-outs and pauses are those of a page, because their moves are measured. */
const TAB_SPEED = 1;
const PAGE_ENTRIES = 500;

/** Longest start of a gateway, ms. With an empty disk it reads the whole log, on a busy machine, before it listens. */
const START_WITHIN_MS = 600_000;

/** A gateway with its own ways to the room and to NATS. */
export class Node {
  readonly number: number;
  readonly port: number;
  readonly roomNetwork: RoomProxy;
  readonly natsNetworks: TcpProxy[];
  readonly #t: Cleanup;
  readonly #dataDir: string;
  #gateway: Gateway | undefined;
  isUp = false;
  startedAt = 0;
  /** Time from the start until it was ready, ms. */
  readyMs = 0;

  constructor(t: Cleanup, number: number, port: number, roomNetwork: RoomProxy, natsNetworks: TcpProxy[]) {
    this.#t = t;
    this.number = number;
    this.port = port;
    this.roomNetwork = roomNetwork;
    this.natsNetworks = natsNetworks;
    this.#dataDir = dataDir(t);
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error(`gateway ${this.number} was not started`);
    return this.#gateway;
  }

  async start(): Promise<void> {
    this.startedAt = performance.now();
    const env = {
      HTTP_PORT: `${this.port}`,
      DATA_DIR: this.#dataDir,
      CLUSTER: this.natsNetworks.map(({ port }) => `nats://127.0.0.1:${port}`).join(','),
      CLUSTER_NAME: CLUSTER,
      CLUSTER_ALLOW_OLD: 'true',
      ROOM_NAME: `gateway-${this.number}`,
    };
    this.#gateway = await launchGateway(this.#t, this.roomNetwork.port, env, 'dist', START_WITHIN_MS);
    await this.#gateway.isReady(CATCH_UP_WITHIN_MS);
    this.readyMs = performance.now() - this.startedAt;
    this.isUp = true;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.isUp = false;
    await this.gateway.program.stop(signal);
  }

  /** Removes the transcript of a gateway that is not running. */
  emptyDisk(): void {
    rmSync(this.#dataDir, { recursive: true });
  }

  cutNats(): void {
    for (const network of this.natsNetworks) network.close();
  }

  restoreNats(): void {
    for (const network of this.natsNetworks) network.open();
  }

  /** Whether it was the last to append. */
  async appends(): Promise<boolean> {
    return (await this.gateway.metric('tertulia_cluster_appends')) === 1;
  }
}

/** Effects of a fault that people notice. */
export interface Pauses {
  /** Largest lateness of a terminal's line at tabs of gateways that were not struck, ms. */
  latestMs: number;
  /** How long each tab without a connection was without one, from its last frame to the welcome elsewhere, ms. */
  movesMs: number[];
  /** How long each tab could not speak that could not: without a connection, or at gateways that accept nothing, ms. */
  muteMs: number[];
}

export class ClusterWorld implements Cleanup {
  readonly dice: Dice;
  readonly nodes: Node[] = [];
  readonly pages: HeadlessPage[] = [];
  readonly terminals: NumberedTerminal[] = [];
  readonly comparison: Comparison;
  nats: NatsServer[] = [];
  /** Number of faults so far. */
  faults = 0;
  readonly #t: Cleanup;
  #haproxy: Program | undefined;
  #haproxyFile = '';
  #sayCount = 0;
  /** Largest lateness of a line at each tab since the fault began, ms. */
  readonly #lateMs = new Map<HeadlessPage, number>();
  /** Tabs of gateways that are struck. Their lines may be later. */
  readonly #struck = new Set<HeadlessPage>();

  constructor(t: Cleanup, dice: Dice) {
    this.#t = t;
    this.dice = dice;
    this.comparison = new Comparison(this);
  }

  /** Any gateway that runs, for the comparison. */
  get gateway(): Gateway {
    const node = this.nodes.find(({ isUp }) => isUp);
    if (node === undefined) throw new Error('no gateway is up');
    return node.gateway;
  }

  async begin(): Promise<void> {
    const room = await builtRoom(this.#t, 'broadcast');
    this.nats = await startNats(this.#t, 3);
    const names = new Names();
    for (let number = 1; number <= GATEWAYS; number++) {
      const roomNetwork = await openRoomProxy(this.#t, room.port, names);
      const natsNetworks = await Promise.all(this.nats.map(({ port }) => openProxy(this.#t, port)));
      this.nodes.push(new Node(this.#t, number, await freePort(), roomNetwork, natsNetworks));
    }
    await Promise.all(this.nodes.map((node) => node.start()));
    const browsers = await this.#startHaproxy();
    const terminalsNetwork = await openRoomProxy(this.#t, room.port, names);
    for (let number = 0; number < TERMINALS; number++) {
      const terminal = new NumberedTerminal(number, terminalsNetwork.port);
      this.#t.after(() => terminal.leave());
      this.terminals.push(terminal);
    }
    for (let number = 0; number < TABS; number++) {
      const name = `p${`${number}`.padStart(2, '0')}`;
      const page = new HeadlessPage(name, browsers, this.dice.next, new MemoryStore(), TAB_SPEED);
      page.onEntry = (entry) => this.#measure(page, entry);
      this.#t.after(() => page.vanish());
      page.client.join();
      this.pages.push(page);
    }
    await this.allAreHere();
    this.#t.after(talk(MESSAGES_PER_SECOND, () => this.#sayOne()));
    await this.comparison.compare();
    this.comparison.tally.longestMs = 0;
  }

  after(clear: () => unknown): void {
    this.#t.after(clear);
  }

  async allAreHere(): Promise<void> {
    await eventually(
      () => this.pages.every(({ isHere }) => isHere),
      () => `not in the room: ${this.pages.filter(({ isHere }) => !isHere).map(({ name }) => name)}`,
      CATCH_UP_WITHIN_MS,
    );
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async until(fact: () => boolean, missing: string): Promise<void> {
    await eventually(fact, () => missing, CATCH_UP_WITHIN_MS);
  }

  /** The gateway that appends, and one that follows. */
  async roles(): Promise<{ appender: Node; follower: Node }> {
    const appender = await eventually(
      async () => {
        const running = this.nodes.filter(({ isUp }) => isUp);
        const appends = await Promise.all(running.map((node) => node.appends()));
        return appends.filter(Boolean).length === 1 ? running[appends.indexOf(true)] : undefined;
      },
      () => 'not exactly one gateway appends',
    );
    const follower = this.dice.oneOf(this.nodes.filter((node) => node !== appender && node.isUp));
    return { appender, follower };
  }

  async natsRoles(): Promise<{ leader: NatsServer; others: NatsServer[] }> {
    return await findLeader(this.nats);
  }

  /** Waits until the next fault would be the only one. */
  async isWhole(): Promise<void> {
    await isWhole(this.nats);
    await Promise.all(this.nodes.map(({ gateway }) => gateway.isReady(CATCH_UP_WITHIN_MS)));
    await this.allAreHere();
    await this.until(() => this.pages.every(({ isStable }) => isStable), 'not every tab stays connected');
  }

  /** The epoch of each gateway that runs. */
  async epochs(): Promise<string[]> {
    return await Promise.all(
      this.nodes
        .filter(({ isUp }) => isUp)
        .map(async ({ gateway }) => {
          const answer = await gateway.get('/api/messages?limit=1');
          return ((await answer.json()) as { epoch: string }).epoch;
        }),
    );
  }

  /** Waits until every gateway lists the tabs and terminals of this world, and nobody else. */
  async peopleAgree(): Promise<void> {
    let listed: string[] = [];
    const here = (): string =>
      [...this.pages, ...this.terminals]
        .map(({ address }) => address)
        .toSorted()
        .join(' ');
    await eventually(
      async () => {
        listed = await Promise.all(this.nodes.map(({ gateway }) => peopleOf(gateway)));
        return listed.every((people) => people === here());
      },
      () => `the gateways list ${listed.join(' | ')}, and here are ${here()}`,
    );
  }

  async deleteLog(): Promise<void> {
    await deleteLog(this.nats);
  }

  /** The connection of a gateway that has never sent and belongs to no tab. */
  async earOf({ roomNetwork }: Node): Promise<ProxiedConnection> {
    const silent = (): ProxiedConnection[] => {
      const known = new Set(this.pages.map(({ address }) => address));
      return roomNetwork.connections.filter(({ address, hasSpoken }) => !hasSpoken && !known.has(address));
    };
    await this.until(() => silent().length === 1, 'there is not one silent connection');
    const [ear] = silent();
    if (ear === undefined) throw new Error('the ear is gone');
    return ear;
  }

  async restartHaproxy(): Promise<void> {
    await this.#haproxy?.stop('SIGKILL');
    await this.#runHaproxy();
  }

  /** Measures what people notice of a fault and of the recovery. */
  async measure(fault: () => Promise<void>): Promise<Pauses> {
    this.#lateMs.clear();
    this.#struck.clear();
    const since = new Map<HeadlessPage, number>();
    const muteMs: number[] = [];
    for (const { movesMs } of this.pages) movesMs.length = 0;
    const watch = setInterval(() => {
      const now = performance.now();
      for (const page of this.pages) {
        const left = since.get(page);
        if (!page.isHere && left === undefined) since.set(page, now);
        if (page.isHere && left !== undefined) {
          since.delete(page);
          muteMs.push(now - left);
        }
      }
    }, TICK_MS);
    try {
      await fault();
      this.faults++;
    } finally {
      clearInterval(watch);
    }
    const others = this.pages.filter((page) => !this.#struck.has(page));
    return {
      latestMs: Math.max(0, ...others.map((page) => this.#lateMs.get(page) ?? 0)),
      movesMs: this.pages.flatMap(({ movesMs }) => movesMs),
      muteMs,
    };
  }

  /** The gateway is about to be struck. */
  strikes({ roomNetwork }: Node): void {
    const voices = new Set(roomNetwork.connections.map(({ address }) => address));
    for (const page of this.pages)
      if (page.address === undefined || voices.has(page.address)) this.#struck.add(page);
  }

  /** The log of each gateway that runs, up to the smallest head. */
  async logs(after: number): Promise<Entry[][]> {
    const logs = await Promise.all(
      this.nodes.filter(({ isUp }) => isUp).map(({ gateway }) => entriesOf(gateway, after)),
    );
    const length = Math.min(...logs.map((entries) => entries.length));
    return logs.map((entries) => entries.slice(0, length));
  }

  #measure(page: HeadlessPage, { text }: Entry): void {
    const now = Date.now();
    for (const [, number, line] of text.matchAll(TERMINAL_LINE)) {
      const saidAt = this.terminals[Number(number)]?.saidAt[Number(line)] ?? now;
      this.#lateMs.set(page, Math.max(this.#lateMs.get(page) ?? 0, now - saidAt));
    }
  }

  async #startHaproxy(): Promise<number> {
    const [browsers, terminals] = [await freePort(), await freePort()];
    this.#haproxyFile = configured(this.#t, 'haproxy-cluster.cfg', {
      'bind :12345': `bind 127.0.0.1:${terminals}`,
      'bind :80': `bind 127.0.0.1:${browsers}`,
    });
    await this.#runHaproxy();
    await isOpen(browsers, () => this.#haproxy?.errors ?? '');
    // The first checks take a second.
    await this.pause(1500);
    return browsers;
  }

  async #runHaproxy(): Promise<void> {
    const gateways = this.nodes.map(({ number, port }) => [`GATEWAY_${number}`, `127.0.0.1:${port}`]);
    this.#haproxy = await start(this.#t, 'haproxy', ['-db', '-f', this.#haproxyFile], {
      // Terminals go through a proxy of the test instead.
      ROOM: '127.0.0.1:1',
      ...Object.fromEntries(gateways),
    });
  }

  #sayOne(): void {
    if (this.dice.next() >= TABS_SHARE) {
      const terminal = this.dice.oneOf(this.terminals);
      if (terminal.isConnected) terminal.sendNext();
      return;
    }
    const page = this.dice.oneOf(this.pages);
    page.send(`${page.name} ${`${++this.#sayCount}`.padStart(6, '0')} ¿qué tal, señores? 🙂`);
    this.comparison.tally.says++;
  }
}

/** The addresses of all people that the gateway lists. */
async function peopleOf(gateway: Gateway): Promise<string> {
  const answer = await gateway.get('/api/people');
  const { browsers, terminals } = (await answer.json()) as PeopleHere;
  return [...browsers, ...terminals]
    .map(({ address }) => address)
    .toSorted()
    .join(' ');
}

async function entriesOf(gateway: Gateway, seq: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let more = true; more; ) {
    const after = entries.at(-1)?.seq ?? seq;
    const answer = await gateway.get(`/api/messages?after=${after}&limit=${PAGE_ENTRIES}`);
    const page = (await answer.json()) as { messages: Entry[]; more: boolean };
    entries.push(...page.messages);
    more = page.more;
  }
  return entries;
}
