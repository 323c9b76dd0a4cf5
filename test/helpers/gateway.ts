/**
 * The built gateway in front of a room, and tabs that use it as the page does.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, WebSocket } from 'ws';
import {
  type Entry,
  type ReceiptState,
  type RoomTrouble,
  type Seen,
  type ServerMessage,
  SUBPROTOCOL,
} from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from './eventually.ts';
import { type Program, start } from './process.ts';
import { freePort } from './tcp.ts';

type Welcome = ServerMessage & { type: 'welcome' };
type Receipt = ServerMessage & { type: 'receipt' };

export class Gateway {
  readonly program: Program;
  readonly port: number;

  constructor(program: Program, port: number) {
    this.program = program;
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A connection of its own: the gateway may close a kept one while the next request is on its way. */
  async get(path: string): Promise<Response> {
    return await fetch(this.url + path, { headers: { connection: 'close' } });
  }

  /** The value of a metric, by its name and labels as Prometheus writes them. */
  async metric(name: string): Promise<number> {
    const text = await (await this.get('/metrics')).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? Number.NaN);
  }

  async metricReaches(name: string, value: number, withinMs?: number): Promise<void> {
    let last = Number.NaN;
    const reached = async (): Promise<boolean> => {
      last = await this.metric(name);
      return Object.is(last, value);
    };
    await eventually(reached, () => `${name} is ${last}, not ${value}`, withinMs);
  }

  async isReady(withinMs?: number): Promise<void> {
    await eventually(
      async () => {
        const answer = await this.get('/readyz');
        // An unread body would keep its connection open.
        await answer.text();
        return answer.ok;
      },
      () => 'the gateway is not connected to the room',
      withinMs,
    );
  }
}

/** Starts a gateway and waits until its ear is connected to the room. */
export async function startGateway(
  t: Cleanup,
  roomPort: number,
  env: Record<string, string> = {},
  dist = 'dist',
): Promise<Gateway> {
  const gateway = await launchGateway(t, roomPort, env, dist);
  await gateway.isReady();
  return gateway;
}

/** Starts a gateway. Its port stays free while it is stopped, so that it can return to it. */
export async function launchGateway(
  t: Cleanup,
  roomPort: number,
  env: Record<string, string> = {},
  dist = 'dist',
  withinMs?: number,
): Promise<Gateway> {
  const program = await start(t, process.execPath, [join(dist, 'gateway/main.js')], {
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: env.HTTP_PORT ?? `${await freePort()}`,
    ROOM_PORT: `${roomPort}`,
    DATA_DIR: env.DATA_DIR ?? dataDir(t),
    ...env,
  });
  const listens = /Server listening at https?:\/\/127\.0\.0\.1:(\d+)/;
  const [, port] = await program.prints(listens, withinMs);
  return new Gateway(program, Number(port));
}

/** Makes a folder for a transcript and removes it after the test. */
export function dataDir(t: Cleanup): string {
  const dir = mkdtempSync(join(tmpdir(), 'tertulia-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return dir;
}

export interface ResumePoint {
  session: string;
  epoch: string;
  after: number;
}

/** Secret of a person's browser. */
interface PersonalHello {
  person: string;
}

/** A browser tab, as the gateway sees it. */
export class Tab {
  readonly socket: WebSocket;
  readonly entries: Entry[] = [];
  readonly receipts = new Map<string, Receipt>();
  readonly notices: string[] = [];
  /** The notices, each with the message that it answers. */
  readonly noticeMessages: Omit<ServerMessage & { type: 'notice' }, 'type'>[] = [];
  /** Bytes of notices that the gateway reported as dropped. */
  droppedBytes = 0;
  /** The numbers of people that the gateway has reported, in order. */
  readonly people: number[] = [];
  readonly errors: string[] = [];
  /** The states of the disk that the gateway has reported, in order. */
  readonly disk: string[] = [];
  /** The addresses that the gateway has reported as flooding, in order. */
  readonly floods: string[] = [];
  /** State that hosts set, as the gateway last sent it. */
  moderation: (ServerMessage & { type: 'moderation' }) | undefined;
  /** First entries of the messages that the gateway has reported as hidden, in order. */
  readonly hidden: number[] = [];
  /** Entries that the gateway has shown again, in order. */
  readonly shown: Entry[] = [];
  /** Seconds of silence that the gateway has reported, in order. */
  readonly silences: number[] = [];
  /** The bytes that the gateway has reported to this watcher, in order. */
  readonly seen: Seen[] = [];
  pongs = 0;
  roomState: 'open' | 'connecting' = 'open';
  trouble: RoomTrouble | undefined;
  /** The name in a room with logins. */
  name: string | undefined;
  welcome: Welcome | undefined;
  you: string | null = null;
  closed: { code: number; reason: string } | undefined;
  /** Called for each entry on arrival. */
  onEntry: (entry: Entry) => void = () => {};
  /** Called for each state of the room on arrival. */
  onRoomState: (state: Tab['roomState']) => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.#take(JSON.parse(String(data)) as ServerMessage));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on('error', () => {});
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Sends a `say` message and returns its id. */
  say(text: string, id: string = randomUUID()): string {
    this.send({ type: 'say', id, text });
    return id;
  }

  /** The texts of all messages in order, with their continuations joined. */
  get texts(): string[] {
    return this.messages.map(({ text }) => text);
  }

  get messages(): Entry[] {
    const bySeq = new Map<number, Entry>();
    for (const entry of this.entries) {
      const root = entry.continues === undefined ? undefined : bySeq.get(entry.continues);
      if (root) root.text += entry.text;
      else bySeq.set(entry.seq, { ...entry });
    }
    return [...bySeq.values()];
  }

  async receives(text: string, withinMs?: number): Promise<Entry> {
    return await eventually(
      () => this.messages.find((entry) => entry.text === text),
      () => `the tab did not receive ${JSON.stringify(text)}, but ${JSON.stringify(this.texts.slice(-5))}`,
      withinMs,
    );
  }

  async receivesReceipt(id: string, state: ReceiptState, withinMs?: number): Promise<Receipt> {
    return await eventually(
      () => (this.receipts.get(id)?.state === state ? this.receipts.get(id) : undefined),
      () => `no receipt ${state}, but ${JSON.stringify(this.receipts.get(id))}`,
      withinMs,
    );
  }

  async isClosed(withinMs?: number): Promise<{ code: number; reason: string }> {
    return await eventually(
      () => this.closed,
      () => 'the WebSocket was not closed',
      withinMs,
    );
  }

  /** The session and cursor with which another WebSocket can resume. */
  get resumePoint(): ResumePoint {
    const { session = '', epoch = '' } = this.welcome ?? {};
    return { session, epoch, after: this.entries.at(-1)?.seq ?? this.welcome?.head ?? 0 };
  }

  /** Disconnects without a close frame, as a phone that loses its network. */
  vanish(): void {
    this.socket.terminate();
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.welcome = message;
        this.you = message.you;
        return;
      case 'messages':
        for (const entry of message.messages) {
          this.entries.push(entry);
          this.onEntry(entry);
        }
        return;
      case 'receipt':
        this.receipts.set(message.id, message);
        return;
      case 'room':
        this.roomState = message.state;
        this.onRoomState(message.state);
        this.trouble = message.trouble;
        this.you = message.you;
        this.name = message.name;
        return;
      case 'notice':
        this.notices.push(message.text);
        this.noticeMessages.push(withoutType(message));
        return;
      case 'notices-dropped':
        this.droppedBytes += message.bytes;
        return;
      case 'flood':
        this.floods.push(message.from);
        return;
      case 'disk':
        this.disk.push(message.state);
        return;
      case 'moderation':
        this.moderation = message;
        return;
      case 'hidden':
        this.hidden.push(...message.seqs);
        return;
      case 'shown':
        this.shown.push(...message.messages);
        return;
      case 'silenced':
        this.silences.push(message.seconds);
        return;
      case 'people':
        this.people.push(message.count);
        return;
      case 'error':
        this.errors.push(message.code);
        return;
      case 'seen':
        this.seen.push(message);
        return;
      case 'pong':
        this.pongs++;
        return;
    }
  }
}

function withoutType<T extends ServerMessage>({ type, ...fields }: T): Omit<T, 'type'> {
  return fields;
}

/** Connects a tab and waits for its welcome. */
export async function openTab(
  t: Cleanup,
  gateway: { port: number },
  back?: Partial<ResumePoint> | PersonalHello,
  withinMs?: number,
  options: ClientOptions & { localPort?: number; localAddress?: string } = {},
): Promise<Tab> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL, options);
  t.after(() => socket.terminate());
  const tab = new Tab(socket);
  await once(socket, 'open');
  tab.send({ type: 'hello', ...back });
  await eventually(
    () => tab.welcome,
    () => `no welcome (${JSON.stringify(tab.closed)})`,
    withinMs,
  );
  return tab;
}
