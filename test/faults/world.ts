/**
 * A room, a gateway, bad networks on both sides of it, and terminals and tabs that send all the time.
 *
 *     4 terminals ---------------.
 *                                 RoomProxy --- room server, or Python's
 *     30 tabs --- TcpProxy each --- gateway ---'
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, startGateway } from '../helpers/gateway.ts';
import { type Program, start } from '../helpers/process.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { freePort } from '../helpers/tcp.ts';
import { CATCH_UP_WITHIN_MS, Comparison } from './comparison.ts';
import type { Dice } from './dice.ts';
import { HeadlessPage } from './page.ts';
import { openRoomProxy, type ProxiedConnection, type RoomProxy } from './room-proxy.ts';
import { talk } from './talk.ts';
import { NumberedTerminal } from './terminals.ts';

export const TABS = 30;
const TERMINALS = 4;

/** Rate of messages of all speakers together. */
const MESSAGES_PER_SECOND = 200;
/** Share of them that tabs send. */
const TABS_SHARE = 0.3;
/** One in this many messages of a tab is too long for one chunk. */
const LONG_ONE_IN = 40;
const LONG_BYTES = 2_500;

const START_AGAIN_WITHIN_MS = 100_000;

const STAND_IN = fileURLToPath(new URL('../python/room.py', import.meta.url));

export type RoomName = 'ours' | "Python's";

export interface Tab {
  page: HeadlessPage;
  network: TcpProxy;
}

export class World implements Cleanup {
  readonly dice: Dice;
  readonly tabs: Tab[] = [];
  readonly terminals: NumberedTerminal[] = [];
  readonly comparison = new Comparison(this);
  readonly #t: Cleanup;
  readonly #roomName: RoomName;
  readonly #gatewayEnv: Record<string, string>;
  #roomPort = 0;
  #room: Program | undefined;
  #gateway: Gateway | undefined;
  #roomNetwork: RoomProxy | undefined;
  #sayCount = 0;

  constructor(t: Cleanup, dice: Dice, roomName: RoomName, gatewayEnv: Record<string, string>) {
    this.#t = t;
    this.dice = dice;
    this.#roomName = roomName;
    this.#gatewayEnv = { LOG_LEVEL: 'warn', DATA_DIR: dataDir(t), ...gatewayEnv };
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('use the gateway: it was not started');
    return this.#gateway;
  }

  get room(): Program {
    if (this.#room === undefined) throw new Error('use the room: it was not started');
    return this.#room;
  }

  get roomNetwork(): RoomProxy {
    if (this.#roomNetwork === undefined) throw new Error('use the network: it was not opened');
    return this.#roomNetwork;
  }

  get pages(): HeadlessPage[] {
    return this.tabs.map(({ page }) => page);
  }

  /** Waits until all have joined the room and are sending. */
  async begin(): Promise<void> {
    await this.#startRoom();
    this.#roomNetwork = await openRoomProxy(this.#t, this.#roomPort);
    await this.startGateway();
    for (let number = 0; number < TERMINALS; number++) {
      const terminal = new NumberedTerminal(number, this.roomNetwork.port);
      this.#t.after(() => terminal.leave());
      this.terminals.push(terminal);
    }
    for (let number = 0; number < TABS; number++) {
      const network = await openProxy(this.#t, this.gateway.port);
      const page = new HeadlessPage(`p${`${number}`.padStart(2, '0')}`, network.port, this.dice.next);
      this.#t.after(() => page.vanish());
      page.client.join();
      this.tabs.push({ page, network });
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

  /** The connection of the gateway that has never sent and belongs to no tab. */
  async ear(): Promise<ProxiedConnection> {
    // Another such connection may exist for a moment: a voice that is closing, or one whose page has not been
    // notified.
    await this.until(() => this.#silent.length === 1, 'there is not one silent connection');
    const [ear] = this.#silent;
    if (ear === undefined) throw new Error('the ear is gone');
    return ear;
  }

  get #silent(): ProxiedConnection[] {
    const known = new Set(this.pages.map(({ address }) => address));
    return this.roomNetwork.connections.filter(({ address, hasSpoken }) => !hasSpoken && !known.has(address));
  }

  voiceOf(page: HeadlessPage): ProxiedConnection | undefined {
    return this.roomNetwork.connections.find(({ address }) => address === page.address);
  }

  async startGateway(): Promise<void> {
    const port = this.#gateway?.port ?? (await freePort());
    const env = { ...this.#gatewayEnv, LOG_LEVEL: 'info', HTTP_PORT: `${port}` };
    this.#gateway = await startGateway(this.#t, this.roomNetwork.port, env);
  }

  async stopGateway(): Promise<void> {
    const { code, signal } = await this.gateway.program.stop();
    // A gateway that exceeds its deadline ends itself with exit code 1.
    if (code !== 0) {
      this.comparison.find([{ fault: 'wrong', what: `the gateway ended with ${code ?? signal}` }]);
    }
  }

  async killGateway(): Promise<void> {
    this.comparison.gatewayIsKilled();
    await this.gateway.program.stop('SIGKILL');
  }

  async killRoom(): Promise<void> {
    this.roomNetwork.shut();
    await this.#room?.stop('SIGKILL');
  }

  /** Starts the room. Python's may need a minute until its port is free. */
  async startRoomAgain(): Promise<void> {
    const end = performance.now() + START_AGAIN_WITHIN_MS;
    for (;;) {
      try {
        await this.#startRoom();
        break;
      } catch (error) {
        if (performance.now() > end) throw error;
        await this.pause(1_000);
      }
    }
    await this.roomNetwork.open();
  }

  async until(fact: () => boolean, missing: string): Promise<void> {
    await eventually(fact, () => missing, CATCH_UP_WITHIN_MS);
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async #startRoom(): Promise<void> {
    this.#roomPort ||= await freePort();
    if (this.#roomName === 'ours') {
      const room = await builtRoom(this.#t, 'broadcast', { TCP_PORT: `${this.#roomPort}` });
      this.#room = room.program;
    } else {
      const { TUTORIAL_DIR } = process.env;
      const script = TUTORIAL_DIR ? [join(TUTORIAL_DIR, 'run.py'), 'server.py'] : [STAND_IN, 'broadcast'];
      const room = await start(this.#t, 'python3', ['-u', ...script, `${this.#roomPort}`], {
        PYTHONIOENCODING: 'utf-8',
      });
      this.#room = room;
      // It ends at once where the port is not free yet.
      await eventually(
        () => room.output.includes('Servidor escuchando') || room.child.exitCode !== null,
        () => `no server: ${room.output}${room.errors}`,
      );
      if (room.child.exitCode !== null) throw new Error(`start a room: ${room.errors}`);
    }
  }

  #sayOne(): void {
    if (this.dice.next() >= TABS_SHARE) {
      const terminal = this.dice.oneOf(this.terminals);
      if (terminal.isConnected) terminal.sendNext();
      return;
    }
    const page = this.dice.oneOf(this.pages);
    const beginning = `${page.name} ${`${++this.#sayCount}`.padStart(6, '0')} ¿qué tal, señores? 🙂`;
    const isLong = this.dice.between(0, LONG_ONE_IN) === 0;
    page.send(isLong ? beginning.padEnd(LONG_BYTES, ' una frase larga') : beginning);
    this.comparison.tally.says++;
  }
}
