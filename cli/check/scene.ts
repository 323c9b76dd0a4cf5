/**
 * The stage of one check: the server, the clients that enter, and questions about the room.
 */
import type { Budget } from './budget.ts';
import type { ClientManner } from './client-manner.ts';
import { CheckFailure, type Sentence } from './outcome.ts';
import { CONNECTS_WITHIN_MS, dial, RoomClient } from './room-client.ts';
import { HEARS_WITHIN_MS, learnHeader, logIn, type RoomFormat, recognise } from './room-format.ts';
import type { CheckedServer } from './server-process.ts';

/** Waits for a new client to hear the room, ms, each followed by one more message. */
const SETTLE_WAITS_MS = [100, 200, 400, 800];

const NAMES = ['Ana', 'Luis', 'Eva', 'Marta', 'Pablo'];

export class Scene {
  readonly server: CheckedServer;
  readonly budget: Budget;
  readonly #format: RoomFormat | undefined;
  readonly #manner: ClientManner;
  readonly #nextToken: () => string;
  readonly #clients: RoomClient[] = [];

  constructor(
    server: CheckedServer,
    budget: Budget,
    manner: ClientManner,
    format: RoomFormat | undefined,
    nextToken: () => string,
  ) {
    this.server = server;
    this.budget = budget;
    this.#manner = manner;
    this.#format = format;
    this.#nextToken = nextToken;
  }

  get manner(): ClientManner {
    return this.#manner;
  }

  get format(): RoomFormat {
    return this.#format ?? { kind: 'silent', servesMany: false, login: undefined };
  }

  /** Returns a text that occurs once in a run. */
  token(): string {
    return this.#nextToken();
  }

  /** Connects clients one after another, each with a name. Fails the check if one is not connected in time. */
  async enter<Count extends number>(count: Count): Promise<RoomClients<Count>> {
    const clients: RoomClient[] = [];
    for (let index = 0; index < count; index++) {
      const client = await this.tryEnter();
      if (!client) throw this.#failure((t) => t.notConnected(CONNECTS_WITHIN_MS / 1000));
      clients.push(client);
    }
    if (this.#format?.kind === 'room') await this.#settle(clients);
    return clients as RoomClients<Count>;
  }

  /**
   * Waits until new clients hear the room. A server has a client in its list some time after the connection is open,
   * and what is said before does not reach it. A server that never adds a client is found by the check itself.
   */
  async #settle(newcomers: readonly RoomClient[]): Promise<boolean> {
    for (const listener of newcomers) {
      const talker = this.#clients.find((client) => client !== listener && client.isOpen);
      if (talker && !(await this.#isHeard(talker, listener))) return false;
    }
    return true;
  }

  /** The last token is awaited, so that none is still on its way afterwards. */
  async #isHeard(talker: RoomClient, listener: RoomClient): Promise<boolean> {
    for (const withinMs of SETTLE_WAITS_MS) if (await this.passes(talker, listener, withinMs)) return true;
    return false;
  }

  /** Looks quickly whether the server still serves new clients. */
  async isAlive(): Promise<boolean> {
    const [first, second] = [await this.tryEnter(), await this.tryEnter()];
    if (!first || !second) return false;
    if (this.format.kind === 'room') return await this.#settle([first, second]);
    return await this.#isHeard(first, first);
  }

  async tryEnter(): Promise<RoomClient | undefined> {
    const dialled = this.dial();
    if (!(await dialled.opened)) return undefined;
    if (this.format.login) await logIn(dialled.client, this.format.login);
    return dialled.client;
  }

  /** Begins to connect a client, which need not succeed. */
  dial(): { client: RoomClient; opened: Promise<boolean> } {
    const { host, port } = this.server;
    const { socket, opened } =
      this.server.takeConnection() ?? dial(host, port, this.budget.shorten(CONNECTS_WITHIN_MS));
    const client = new RoomClient(this.#nextName(), socket, this.budget, this.#manner);
    this.#clients.push(client);
    return { client, opened };
  }

  /** A speaker, and the client that hears the speaker: in an echo server the same. */
  async pair(): Promise<{ speaker: RoomClient; witness: RoomClient }> {
    if (this.format.kind !== 'room') {
      const [speaker] = await this.enter(1);
      return { speaker, witness: speaker };
    }
    const [speaker, witness] = await this.enter(2);
    return { speaker, witness };
  }

  /** A pair whose speaker the witness has heard, so that the server serves both. */
  async talkingPair(): Promise<{ speaker: RoomClient; witness: RoomClient }> {
    const pair = await this.pair();
    await this.mustPass(pair.speaker, pair.witness);
    return pair;
  }

  /** Says a new text. Returns false if the witness does not receive it. */
  async passes(speaker: RoomClient, witness: RoomClient, withinMs = HEARS_WITHIN_MS): Promise<boolean> {
    const token = this.token();
    speaker.say(token);
    return await witness.hears(token, withinMs);
  }

  async mustPass(speaker: RoomClient, witness: RoomClient): Promise<void> {
    if (!(await this.passes(speaker, witness))) throw this.notHeardBy(witness);
  }

  async mustHear(witness: RoomClient, text: string): Promise<void> {
    if (!(await witness.hears(text, HEARS_WITHIN_MS))) throw this.notHeardBy(witness);
  }

  /**
   * Fails the check unless these clients hear each other, and a new one if the server serves many. A server may pass one message on and then
   * wait for ever, so they speak twice.
   */
  async mustLive({ speaker, witness }: { speaker: RoomClient; witness: RoomClient }): Promise<void> {
    for (const [from, to] of [
      [speaker, witness],
      [witness, speaker],
      [speaker, witness],
    ] as const) {
      if (await this.passes(from, to)) continue;
      const unserved = await this.#unserved(from, to);
      if (unserved) throw this.#failure((t) => t.unserved(unserved.name));
      throw this.#silence(from.isOpen ? to : from);
    }
    if (!this.format.servesMany) return;
    const newcomer = await this.tryEnter();
    if (!newcomer) throw this.#silence(witness);
    const listener = speaker === witness ? newcomer : witness;
    if (!(await this.passes(newcomer, listener))) throw this.#silence(newcomer);
  }

  /** Returns the one of two clients that the server serves no more, if it has closed neither and serves new clients. */
  async #unserved(from: RoomClient, to: RoomClient): Promise<RoomClient | undefined> {
    if (!from.isOpen || !to.isOpen || !this.format.servesMany || this.server.end) return undefined;
    const [first, second] = [await this.tryEnter(), await this.tryEnter()];
    if (!first || !second) return undefined;
    const isRoom = this.format.kind === 'room';
    if (!(await this.#isHeard(first, isRoom ? second : first))) return undefined;
    return isRoom && !(await this.#isHeard(first, to)) ? to : from;
  }

  /** Returns the text that the server puts before messages of the speaker. */
  async headerOf(speaker: RoomClient, witness: RoomClient): Promise<string> {
    const header = await learnHeader(speaker, witness, this.#nextToken);
    if (header === undefined) throw this.notHeardBy(witness);
    return header;
  }

  async recognise(): Promise<RoomFormat> {
    return await recognise(await this.enter(3), this.#nextToken);
  }

  notHeardBy(witness: RoomClient): CheckFailure {
    return this.#silence(witness, (t) => t.notReceived(witness.name, HEARS_WITHIN_MS / 1000));
  }

  #silence(client: RoomClient, seen: Sentence = (t) => t.frozen(HEARS_WITHIN_MS / 1000)): CheckFailure {
    return this.#failure(client.isOpen ? seen : (t) => t.closedOn(client.name));
  }

  /** A dead server explains everything else. */
  #failure(seen: Sentence): CheckFailure {
    const { end } = this.server;
    return new CheckFailure(end ? (t) => t.serverEnded(end) : seen);
  }

  #nextName(): string {
    const index = this.#clients.length;
    const name = NAMES[index % NAMES.length] ?? '';
    const round = Math.floor(index / NAMES.length);
    return round === 0 ? name : `${name}${round + 1}`;
  }

  /** Ends all connections of the check. Returns false if the server does not close its side. */
  async leave(): Promise<boolean> {
    const left = await Promise.all(this.#clients.map((client) => client.leave()));
    return left.every(Boolean);
  }

  /** Ends all connections at once, before the server is killed. */
  reset(): void {
    for (const client of this.#clients) client.reset();
  }
}

/** One to four clients as a tuple, more as a list. */
export type RoomClients<Count extends number> = Count extends 1
  ? [RoomClient]
  : Count extends 2
    ? [RoomClient, RoomClient]
    : Count extends 3
      ? [RoomClient, RoomClient, RoomClient]
      : Count extends 4
        ? [RoomClient, RoomClient, RoomClient, RoomClient]
        : RoomClient[];
