/**
 * A room, a gateway, bad networks on both sides of it, terminals and tabs that talk all the time, and the fence
 * after which everything is compared with the log.
 *
 *     4 terminals ---------------.
 *                                 RoomProxy --- room server, or Python's
 *     30 tabs --- TcpProxy each --- gateway ---'
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, startGateway } from '../helpers/gateway.ts';
import { type Program, start } from '../helpers/process.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { freeServerPort } from '../helpers/tcp.ts';
import {
  type Counted,
  checkGone,
  checkHeard,
  checkNumbers,
  checkSays,
  checkTab,
  checkTerminals,
  type Fault,
  type Finding,
  KeptLog,
  type Outcome,
} from './check.ts';
import type { Dice } from './dice.ts';
import { Page } from './page.ts';
import { openRoomProxy, type RoomConnection, type RoomProxy } from './room-proxy.ts';
import { Terminal } from './terminals.ts';

export const TABS = 30;
const TERMINALS = 4;

/** Steady, of all together. */
const MESSAGES_PER_SECOND = 200;
/** Of which so many are said by tabs. */
const TABS_SHARE = 0.3;
/** One in so many says of a tab is too long for one piece on the wire. */
const LONG_ONE_IN = 40;
const LONG_BYTES = 2_500;
const TICK_MS = 10;

/** How long all may take to catch up: the room's back-off, and the minute of a port that is not free yet. */
const CATCH_UP_WITHIN_MS = 60_000;
/** A marker may fall into a gap: it is said again so often. */
const MARK_EVERY_MS = 250;
const START_AGAIN_WITHIN_MS = 100_000;
const GATEWAY_STOPS_WITHIN_MS = 10_000;
const PAGE_SIZE = 500;

const STAND_IN = fileURLToPath(new URL('../python/room.py', import.meta.url));

export type RoomName = 'ours' | "Python's";

/** What was counted, for the table. */
export interface Tally {
  messages: number;
  says: number;
  unconfirmed: number;
  /** Called unconfirmed, though the log has it. */
  doubted: number;
  failed: number;
  /** Messages that tabs had seen and a killed gateway had not written. */
  gone: number;
  /** The oldest of them, before the kill, ms. */
  goneMs: number;
  longestMs: number;
  findings: Finding[];
}

export interface Tab {
  page: Page;
  network: TcpProxy;
}

export class World implements Cleanup {
  readonly dice: Dice;
  readonly tabs: Tab[] = [];
  readonly terminals: Terminal[] = [];
  readonly log = new KeptLog();
  readonly tally: Tally = {
    messages: 0,
    says: 0,
    unconfirmed: 0,
    doubted: 0,
    failed: 0,
    gone: 0,
    goneMs: 0,
    longestMs: 0,
    findings: [],
  };
  readonly #t: Cleanup;
  readonly #roomName: RoomName;
  readonly #gatewayEnv: Record<string, string>;
  #roomPort = 0;
  #room: Program | undefined;
  #gateway: Gateway | undefined;
  #roomNetwork: RoomProxy | undefined;
  #sayCount = 0;
  #markCount = 0;
  /** Up to here everything has been compared. */
  #checked = 0;
  #killedAt: number | undefined;
  readonly #counted: Counted = new Map();
  readonly #halves = new Set<string>();
  readonly #goneTexts = new Set<string>();
  readonly #visitors: { page: Page; first: number; last: number }[] = [];
  readonly #reported = new Map<string, string>();

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

  get pages(): Page[] {
    return this.tabs.map(({ page }) => page);
  }

  /** Comes back when everybody is in the room, and talks. */
  async begin(): Promise<void> {
    await this.#startRoom();
    this.#roomNetwork = await openRoomProxy(this.#t, this.#roomPort);
    await this.startGateway();
    for (let number = 0; number < TERMINALS; number++) {
      const terminal = new Terminal(number, this.roomNetwork.port);
      this.#t.after(() => terminal.leave());
      this.terminals.push(terminal);
    }
    for (let number = 0; number < TABS; number++) {
      const network = await openProxy(this.#t, this.gateway.port);
      const page = new Page(`p${`${number}`.padStart(2, '0')}`, network.port, this.dice.next);
      this.#t.after(() => page.vanish());
      page.visit.enter();
      this.tabs.push({ page, network });
    }
    await this.allAreHere();
    this.#talk();
    await this.compare();
    this.tally.longestMs = 0;
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

  /** Everybody has caught up, and what they saw is what the log has. */
  async compare(): Promise<void> {
    const begin = performance.now();
    const fencedAt = Date.now();
    const last = await this.#fence();
    await this.#allSaysSettle(fencedAt);
    this.tally.longestMs = Math.max(this.tally.longestMs, performance.now() - begin);
    for (const page of this.pages) page.look();
    await this.#readLog();
    this.#check(last, fencedAt);
    this.#checked = last;
  }

  /** The log that was read page by page is still the log. */
  async end(): Promise<void> {
    const all = await this.entriesAfter(0);
    const isSame = this.log.entries.every(
      (entry, index) => JSON.stringify(entry) === JSON.stringify(all[index]),
    );
    if (!isSame) this.find([{ fault: 'lost', what: 'the log has changed since it was read' }]);
    const says = this.log.says();
    for (const [text, count] of says) {
      if (count > 1) this.find([{ fault: 'doubled', what: `${text} is in the log ${count} times` }]);
      if (this.#reported.get(text) === 'failed')
        this.find([{ fault: 'wrong', what: `${text} failed, and was said` }]);
      if (this.#reported.get(text) === 'unconfirmed') this.tally.doubted++;
    }
    this.tally.messages = this.log.entries.length;
  }

  find(findings: readonly Finding[]): void {
    this.tally.findings.push(...findings);
  }

  count(fault: Fault): number {
    return this.tally.findings.filter((finding) => finding.fault === fault).length;
  }

  /** Of the gateway's connections into the room the one that has never spoken and is nobody's voice. */
  async ear(): Promise<RoomConnection> {
    // For a moment there may be another: a voice that is being left, or whose page has not been told.
    await this.until(() => this.#silent.length === 1, 'there is not one silent connection');
    const [ear] = this.#silent;
    if (ear === undefined) throw new Error('the ear is gone');
    return ear;
  }

  get #silent(): RoomConnection[] {
    const known = new Set(this.pages.map(({ address }) => address));
    return this.roomNetwork.connections.filter(({ address, hasSpoken }) => !hasSpoken && !known.has(address));
  }

  voiceOf(page: Page): RoomConnection | undefined {
    return this.roomNetwork.connections.find(({ address }) => address === page.address);
  }

  async startGateway(): Promise<void> {
    const port = this.#gateway?.port ?? (await freeServerPort());
    const env = { ...this.#gatewayEnv, LOG_LEVEL: 'info', HTTP_PORT: `${port}` };
    this.#gateway = await startGateway(this.#t, this.roomNetwork.port, env);
  }

  async stopGateway(): Promise<void> {
    const begin = performance.now();
    const { code, signal } = await this.gateway.program.stop();
    const ms = performance.now() - begin;
    if (code !== 0 || ms > GATEWAY_STOPS_WITHIN_MS) {
      this.find([
        { fault: 'wrong', what: `the gateway ended with ${code ?? signal} after ${ms.toFixed()} ms` },
      ]);
    }
  }

  async killGateway(): Promise<void> {
    this.#killedAt = Date.now();
    await this.gateway.program.stop('SIGKILL');
  }

  async killRoom(): Promise<void> {
    this.roomNetwork.shut();
    await this.#room?.stop('SIGKILL');
  }

  /** Python's may need a minute until its port is free. */
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

  /** A tab that is about to go: what it showed is compared with the others'. It must begin at `first`, or before. */
  remember(page: Page, first: number): void {
    page.look();
    this.#visitors.push({ page, first, last: page.visit.reading.history.last });
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async #startRoom(): Promise<void> {
    this.#roomPort ||= await freeServerPort();
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
      // Where the port is not free yet it ends at once.
      await eventually(
        () => room.output.includes('Servidor escuchando') || room.child.exitCode !== null,
        () => `no server: ${room.output}${room.errors}`,
      );
      if (room.child.exitCode !== null) throw new Error(`start a room: ${room.errors}`);
    }
  }

  #talk(): void {
    let due = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // After a pause of this process nobody makes up for what was not said.
      due = Math.min(due + ((now - last) * MESSAGES_PER_SECOND) / 1000, 10);
      for (last = now; due >= 1; due--) this.#sayOne();
    }, TICK_MS);
    this.#t.after(() => clearInterval(timer));
  }

  #sayOne(): void {
    if (this.dice.next() >= TABS_SHARE) {
      const terminal = this.dice.oneOf(this.terminals);
      if (terminal.isIn) terminal.sayNext();
      return;
    }
    const page = this.dice.oneOf(this.pages);
    const beginning = `${page.name} ${`${++this.#sayCount}`.padStart(6, '0')} ¿qué tal, señores? 🙂`;
    const isLong = this.dice.between(0, LONG_ONE_IN) === 0;
    page.say(isLong ? beginning.padEnd(LONG_BYTES, ' una frase larga') : beginning);
    this.tally.says++;
  }

  /** A marker that every tab has heard; its number in the log. */
  async #fence(): Promise<number> {
    const fence = ++this.#markCount;
    let tries = 0;
    const mark = () => {
      const terminal = this.terminals.find(({ isIn }) => isIn);
      terminal?.say(`fence ${fence} ${++tries}!\n`);
    };
    const timer = setInterval(mark, MARK_EVERY_MS);
    mark();
    const common = (): number | undefined => {
      const [first, ...others] = this.pages;
      for (let attempt = 1; attempt <= tries; attempt++) {
        const marker = `${fence} ${attempt}`;
        const seq = first?.markers.get(marker);
        if (seq !== undefined && others.every(({ markers }) => markers.get(marker) === seq)) return seq;
      }
      return undefined;
    };
    try {
      return await eventually(
        common,
        () => `no marker of fence ${fence} reached all: ${this.#whoLacks(`${fence} `)}`,
        CATCH_UP_WITHIN_MS,
      );
    } finally {
      clearInterval(timer);
      for (const { markers } of this.pages) markers.clear();
    }
  }

  #whoLacks(fence: string): string {
    return this.pages
      .filter(({ markers }) => ![...markers.keys()].some((marker) => marker.startsWith(fence)))
      .map(({ name, visit }) => `${name} ${visit.presence.name}`)
      .join(', ');
  }

  /** Of what was said before, nothing is under way any more. */
  async #allSaysSettle(before: number): Promise<void> {
    const open = () =>
      this.pages.flatMap(({ said, pending, name }) =>
        pending
          .filter(
            ({ state, text }) =>
              state !== 'unconfirmed' && state !== 'failed' && (said.get(text) ?? 0) < before,
          )
          .map(({ text, state }) => `${name} ${state} ${text.slice(0, 40)}`),
      );
    await eventually(
      () => open().length === 0,
      () => `words are still under way: ${open().join('; ')}`,
      CATCH_UP_WITHIN_MS,
    );
  }

  async #readLog(): Promise<void> {
    for (const entry of await this.entriesAfter(this.log.head)) this.log.add(entry);
  }

  /** Those of the log as it is now. */
  async entriesAfter(seq: number): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let more = true; more; ) {
      const after = entries.at(-1)?.seq ?? seq;
      const answer = await this.gateway.get(`/api/messages?after=${after}&limit=${PAGE_SIZE}`);
      const page = (await answer.json()) as { messages: Entry[]; more: boolean };
      entries.push(...page.messages);
      more = page.more;
    }
    return entries;
  }

  #check(last: number, fencedAt: number): void {
    const { log, pages } = this;
    const after = this.#checked;
    const { gone, findings, longestMs } =
      this.#killedAt === undefined
        ? { gone: new Set<number>(), findings: [], longestMs: 0 }
        : checkGone(pages, log, after, this.#killedAt);
    this.find(findings);
    this.find(checkNumbers(log, after, this.#killedAt !== undefined));
    this.find(checkTerminals(this.terminals, log, after, last, this.#counted));
    for (const page of pages) {
      const first = after === 0 ? Math.min(...page.taken.keys()) - 1 : after;
      this.find(checkTab(page, log, first, last, gone));
      this.#rememberGone(page, gone);
    }
    const says = log.says();
    for (const page of pages) {
      this.find(checkSays(page.name, this.#outcomes(page, fencedAt, says), says, this.#goneTexts));
      this.find(
        checkHeard(
          page.name,
          page.heard.filter(({ seq }) => seq <= log.head),
          log,
          gone,
        ),
      );
      page.heard.splice(0, page.heard.length, ...page.heard.filter(({ seq }) => seq > log.head));
      this.find(page.complaints.splice(0).map((what) => ({ fault: 'wrong', what: `${page.name}: ${what}` })));
      page.forget(last);
    }
    for (const { page, first, last } of this.#visitors.splice(0)) {
      const begin = Math.min(...page.taken.keys());
      this.find(checkTab(page, log, begin - 1, last, gone));
      if (begin > first) this.find([{ fault: 'lost', what: `${page.name} began at ${begin}, not ${first}` }]);
      this.find(page.complaints.map((what) => ({ fault: 'wrong', what: `${page.name}: ${what}` })));
    }
    this.tally.gone += gone.size;
    this.tally.goneMs = Math.max(this.tally.goneMs, longestMs);
    this.#killedAt = undefined;
  }

  /** What tabs had seen and a kill took: it may be nowhere now. */
  #rememberGone(page: Page, gone: ReadonlySet<number>): void {
    for (const { seq, text, continues } of page.taken.values()) {
      if (!gone.has(seq)) continue;
      const begun = continues === undefined ? '' : (page.taken.get(continues)?.text ?? '');
      for (const said of [...page.said.keys()]) if (said.startsWith(begun || text)) this.#goneTexts.add(said);
    }
  }

  /** What became of what the page said before; what it reports is taken out of its sight, and counted. */
  #outcomes(page: Page, before: number, says: ReadonlyMap<string, number>): Outcome[] {
    const pending = new Map(page.pending.map((say) => [say.text, say]));
    const outcomes: Outcome[] = [];
    for (const [text, at] of page.said) {
      if (at >= before) continue;
      const say = pending.get(text);
      if (say === undefined && this.#isHalf(text, says)) continue;
      outcomes.push({ text, state: say?.state });
      page.said.delete(text);
      if (say === undefined) continue;
      this.#reported.set(text, say.state);
      if (say.state === 'unconfirmed') this.tally.unconfirmed++;
      if (say.state === 'failed') this.tally.failed++;
      page.visit.discard(say.id);
    }
    return outcomes;
  }

  /** A page shows a long say in the log from its first piece on; the rest must have come by the next fence. */
  #isHalf(text: string, says: ReadonlyMap<string, number>): boolean {
    if (says.has(text) || this.#halves.has(text)) return false;
    const isHalf = [...says.keys()].some((begun) => text.startsWith(begun));
    if (isHalf) this.#halves.add(text);
    return isHalf;
  }
}
