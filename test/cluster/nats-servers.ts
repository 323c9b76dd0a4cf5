/**
 * NATS servers of a test: one, or a cluster of three on the loopback interface, each with a folder of its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ClusterEngine,
  LogListener,
  LogLoss,
  LogPosition,
  LogRecord,
} from '../../gateway/cluster/engine.ts';
import { connectNats, type NatsOptions } from '../../gateway/cluster/nats/connect.ts';
import { type JetStreamManager, loadNats, type StreamInfo } from '../../gateway/cluster/nats/packages.ts';
import { type StreamKind, streamNames } from '../../gateway/cluster/nats/streams.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir } from '../helpers/gateway.ts';
import { type Program, start } from '../helpers/process.ts';
import { freePort } from '../helpers/tcp.ts';

/** Name of the cluster of all tests. */
export const CLUSTER = 'tests';
const ONE_DAY_MS = 24 * 60 * 60_000;
/** Records that are requested to find a server without them: so many requests do not all go to others. */
const LAST_RECORDS = 50;
/** A replica is a little behind at most times while messages come. */
const LAG_MAX_RECORDS = 20;

export class NatsServer {
  readonly name: string;
  readonly port: number;
  readonly #t: Cleanup;
  readonly #configuration: string;
  #program: Program | undefined;

  constructor(t: Cleanup, name: string, port: number, configuration: string) {
    this.#t = t;
    this.name = name;
    this.port = port;
    this.#configuration = configuration;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error(`${this.name} was not started`);
    return this.#program;
  }

  async start(): Promise<void> {
    this.#program = await start(this.#t, 'nats-server', ['-c', this.#configuration]);
    const program = this.#program;
    await eventually(
      () => program.errors.includes('Server is ready'),
      () => `${this.name} is not ready: ${program.errors.slice(-2000)}`,
    );
  }

  async kill(): Promise<void> {
    await this.program.stop('SIGKILL');
  }
}

/** Starts servers with JetStream. Three of them form a cluster. */
export async function startNats(t: Cleanup, count: 1 | 3, lines = ''): Promise<NatsServer[]> {
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const routePorts = await Promise.all(Array.from({ length: count }, () => freePort()));
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  const servers = ports.map((port, index) => {
    const dir = dataDir(t);
    const name = `n${index + 1}`;
    const cluster = `cluster { name: tests, listen: "127.0.0.1:${routePorts[index]}", routes: [${routes}], no_advertise: true }`;
    const configuration = join(dir, 'nats.conf');
    const text = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${dir}", max_file_store: 16GB }`,
      count === 1 ? '' : cluster,
      lines,
    ];
    writeFileSync(configuration, text.join('\n'));
    return new NatsServer(t, name, port, configuration);
  });
  await Promise.all(servers.map((server) => server.start()));
  return servers;
}

export interface TestEngine {
  engine: ClusterEngine;
  lines: string[];
}

/** Opens an engine as a gateway does. The servers may be of any version. */
export async function openEngine(
  t: Cleanup,
  servers: readonly Pick<NatsServer, 'url'>[],
  options: Partial<NatsOptions> = {},
  signal = new AbortController().signal,
  /** Receives the lines of its log. */
  lines: string[] = [],
): Promise<TestEngine> {
  const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  const engine = await connectNats(
    {
      servers: servers.map(({ url }) => url),
      cluster: CLUSTER,
      allowOld: true,
      maxAgeMs: ONE_DAY_MS,
      maxBytes: 1024 * 1024 * 1024,
      ...options,
    },
    log,
    signal,
  );
  t.after(() => engine.close());
  return { engine, lines };
}

/** Returns the server that leads a stream, and the others. */
export async function findLeader(
  servers: NatsServer[],
  which: StreamKind = 'log',
): Promise<{ leader: NatsServer; others: NatsServer[] }> {
  return await withManager(servers, async (manager) => {
    const { stream } = streamNames(CLUSTER, which);
    const name = await eventually(
      async () => (await manager.streams.info(stream).catch(() => undefined))?.cluster?.leader,
      () => `${stream} has no leader`,
    );
    const leader = servers.find((server) => server.name === name);
    if (leader === undefined) throw new Error(`no server is called ${name}`);
    return { leader, others: servers.filter((server) => server !== leader) };
  });
}

/** Waits until a server tells that the log has no leader: 10 to 20 s after a leader has lost its majority. */
export async function hasNoLeader(server: NatsServer): Promise<void> {
  await withManager([server], async (manager, stream) => {
    await eventually(
      async () => {
        const info = await manager.streams.info(stream).catch(() => undefined);
        return info?.cluster !== undefined && info.cluster.leader === undefined;
      },
      () => `${stream} still has a leader`,
    );
  });
}

/** Waits until every server has the whole of each stream. */
export async function isWhole(servers: NatsServer[]): Promise<void> {
  await withManager(servers, async (manager) => {
    for (const kind of ['log', 'says', 'hosts'] as const) {
      const { stream } = streamNames(CLUSTER, kind);
      await eventually(
        async () => {
          const info = await manager.streams.info(stream).catch(() => undefined);
          const others = info?.cluster?.replicas ?? [];
          const areCurrent = others.every(({ lag = 0, offline }) => lag <= LAG_MAX_RECORDS && !offline);
          return info && others.length === servers.length - 1 && areCurrent && haveLast(manager, info);
        },
        () => `not every NATS server has the whole of ${stream}`,
      );
    }
  });
}

/** Any server answers a request for a record. NATS 2.9 calls one current that has slept and does not have the last yet. */
async function haveLast(manager: JetStreamManager, { config, state }: StreamInfo): Promise<boolean> {
  const first = Math.max(state.first_seq, state.last_seq - LAST_RECORDS + 1, 1);
  const sequences = Array.from(
    { length: Math.max(0, state.last_seq - first + 1) },
    (_, index) => first + index,
  );
  const records = await Promise.all(
    sequences.map((seq) => manager.direct.getMessage(config.name, { seq }).catch(() => null)),
  );
  return records.every((record) => record !== null);
}

export async function deleteLog(servers: NatsServer[]): Promise<void> {
  await withManager(servers, async (manager, stream) => {
    await manager.streams.delete(stream);
  });
}

/** Makes the stream of announcements anew, so that it gives the same sequences again. */
export async function replaceAnnouncements(servers: NatsServer[]): Promise<void> {
  await withManager(servers, async (manager) => {
    const { stream } = streamNames(CLUSTER, 'says');
    const { config } = await manager.streams.info(stream);
    await manager.streams.delete(stream);
    await manager.streams.add(config);
  });
}

/** Uses a connection beside those of the engines. */
async function withManager<T>(
  servers: NatsServer[],
  use: (manager: JetStreamManager, stream: string) => Promise<T>,
): Promise<T> {
  const { transport, jetstream } = await loadNats();
  const connection = await transport.connect({ servers: servers.map(({ url }) => url) });
  try {
    const manager = await jetstream.jetstreamManager(connection, { checkAPI: false });
    return await use(manager, streamNames(CLUSTER, 'log').stream);
  } finally {
    await connection.close();
  }
}

/** A follower's view of the log. */
export class Follower implements LogListener {
  readonly records: LogRecord[] = [];
  readonly stop: () => void;
  /** The ends that it was told of, in order. */
  readonly ends: number[] = [];
  loss: LogLoss | undefined;

  constructor(engine: ClusterEngine, after: LogPosition | 'beginning' = 'beginning') {
    this.stop = engine.follow(after, this);
  }

  onRecord(record: LogRecord): void {
    this.records.push(record);
  }

  onCurrent(last: number): void {
    this.ends.push(last);
  }

  onLost(loss: LogLoss): void {
    this.loss = loss;
  }

  get ids(): string[] {
    return this.records.map(({ id }) => id);
  }

  async receives(id: string): Promise<LogRecord> {
    return await eventually(
      () => this.records.find((record) => record.id === id),
      () => `the follower did not receive ${id}, but ${this.ids.slice(-5)}, and lost the log: ${this.loss}`,
    );
  }

  async isLost(): Promise<LogLoss> {
    return await eventually(
      () => this.loss,
      () => 'the follower did not lose the log',
    );
  }
}
