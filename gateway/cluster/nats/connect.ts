/**
 * Connects to NATS, and waits for it: a cluster is often started before its engine.
 */
import { type ClusterEngine, EngineRefused } from '../engine.ts';
import { type EngineLog, NatsEngine } from './nats-engine.ts';
import { reasonOf, tlsOptionsOf } from './nats-tls.ts';
import { type ConnectionOptions, loadNats, type NatsConnection, type NatsPackages } from './packages.ts';
import { REQUEST_TIMEOUT_MS } from './requests.ts';
import { pause } from './stream-follower.ts';
import { ensureStreams, type Retention } from './streams.ts';

/** The oldest version that forgets no stream after a kill. */
const OLDEST_VERSION = '2.10.23';
/** Longest time to connect to one server, ms. A stopped process still accepts. */
const CONNECT_TIMEOUT_MS = 1000;
/** A server that leaves this many pings unanswered is given up, ms between pings. */
const PING_INTERVAL_MS = 1000;
const MAX_PINGS_OUT = 2;
const RECONNECT_MS = 100;
/** Pause between two attempts at the start, and the interval of its line in the log, ms. */
const START_RETRY_MS = 500;
const REMIND_MS = 10_000;

export interface NatsOptions extends Retention {
  /** URLs, `nats://host:port` or `tls://host:port`. */
  servers: string[];
  /** Name of the cluster: letters, digits, `-` and `_`. */
  cluster: string;
  token?: string;
  /** Text of a credentials file. */
  credentials?: string;
  /** Certificate of the authority that signed the servers' certificates (PEM). */
  ca?: string;
  /** Whether a version of the server with known faults will do. */
  allowOld: boolean;
}

/** Resolves when the streams are there. Rejects if the signal is aborted or NATS refuses for good. */
export async function connectNats(
  options: NatsOptions,
  log: EngineLog,
  signal: AbortSignal,
): Promise<ClusterEngine> {
  const packages = await loadNats();
  let remindedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await open(packages, options, log);
    } catch (error) {
      if (error instanceof EngineRefused) throw error;
      if (performance.now() - remindedAt >= REMIND_MS) {
        remindedAt = performance.now();
        log.warn(`waiting for NATS at ${options.servers.join(', ')}: ${reasonOf(error)}`);
      }
    }
    await pause(START_RETRY_MS);
  }
}

async function open(packages: NatsPackages, options: NatsOptions, log: EngineLog): Promise<NatsEngine> {
  const { transport, jetstream } = packages;
  const connection = await connect(packages, options);
  try {
    const { version = '', cluster, jetstream: hasJetStream } = connection.info ?? {};
    refuseOld(version, options.allowOld);
    if (!hasJetStream) throw new Error(`JetStream is off on ${connection.getServer()}`);
    const manager = await jetstream.jetstreamManager(connection, {
      checkAPI: false,
      timeout: REQUEST_TIMEOUT_MS,
    });
    const slowManager = await jetstream.jetstreamManager(connection, { checkAPI: false });
    const isClustered = cluster !== undefined;
    const ensure = () => ensureStreams(packages, slowManager, options.cluster, options, isClustered);
    await ensure();
    if (!isClustered) log.warn('NATS runs on one server: if it is lost, the log is lost');
    const parts = { packages, connection, manager, cluster: options.cluster, recreateStreams: ensure, log };
    log.info(`cluster ${options.cluster} on NATS ${version} at ${connection.getServer()}`);
    return new NatsEngine(parts);
  } catch (error) {
    await connection.close();
    if (error instanceof transport.NoRespondersError || (error as Error).name === 'JetStreamNotEnabled') {
      throw new Error('too few of its servers are there to elect a leader');
    }
    throw error;
  }
}

async function connect({ transport }: NatsPackages, options: NatsOptions): Promise<NatsConnection> {
  const { servers, token, credentials, ca, cluster } = options;
  const tls = tlsOptionsOf(servers, ca);
  const settings: ConnectionOptions = {
    servers,
    name: `tertulia ${cluster}`,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    reconnectJitterTLS: RECONNECT_MS,
    // A server that restarts with other accounts may refuse for a moment.
    ignoreAuthErrorAbort: true,
    ...(token !== undefined && { token }),
    ...(credentials !== undefined && {
      // Without a last line end the client can't read it.
      authenticator: transport.credsAuthenticator(new TextEncoder().encode(`${credentials}\n`)),
    }),
    ...(tls && { tls }),
  };
  try {
    return await transport.connect(settings);
  } catch (error) {
    if (error instanceof transport.AuthorizationError) {
      throw new EngineRefused(`NATS at ${servers.join(', ')} refuses the token or the credentials`);
    }
    throw error;
  }
}

function refuseOld(version: string, allowOld: boolean): void {
  if (allowOld || isAtLeast(version, OLDEST_VERSION)) return;
  throw new EngineRefused(
    `NATS ${version} is too old: ${OLDEST_VERSION} is needed, because earlier ones may lose a stream`,
  );
}

/** Compares versions by their numbers. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [is, least] = [numbersOf(version), numbersOf(oldest)];
  for (const [index, number] of least.entries()) {
    if (is[index] !== number) return (is[index] ?? 0) > number;
  }
  return true;
}

function numbersOf(version: string): number[] {
  return version.replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);
}
