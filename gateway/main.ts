/**
 * The gateway's process: configuration, build, listen, close in order.
 */
import './ops/v8-flags.ts';
// This import comes first, because V8's young generation never shrinks again.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import { itemsOf, readEnv, type Setting } from '../common/env.ts';
import { networkMatcher } from '../common/ip.ts';
import { optimizeEarly } from '../common/optimize-early.ts';
import { onHangUp, onParentGone, surviveLostOutput } from '../common/process-signals.ts';
import { buildApp } from './app.ts';
import { type ClusterEngine, EngineRefused } from './cluster/engine.ts';
import { openEngine } from './cluster/open-engine.ts';
import { OWN_PREFIXES, settings } from './config.ts';
import { moveTranscript } from './hub/cluster/move-transcript.ts';
import { Hub } from './hub/hub.ts';
import { Lab } from './lab/lab.ts';
import { systemClock } from './lib/clock.ts';
import { AdmissionControl } from './limits/admission.ts';
import { AccessLog } from './ops/access-log.ts';
import { AccessCode, isSameCode } from './server/access-code.ts';
import { OriginPolicy } from './server/origin-policy.ts';
import { type KeyPair, readKeyPair } from './server/tls.ts';
import { CAN_USE_THREAD, Checkpoints } from './transcript/checkpoints.ts';
import { SqliteStore } from './transcript/sqlite-store.ts';
import { Transcript } from './transcript/transcript.ts';
import type { Manner } from './upstream/formats/manner.ts';
import { MannerError, mannerOf } from './upstream/formats/room-settings.ts';

/** How long the room may take to close the gateway's connections when the process stops. */
const STOP_LEAVE_TIMEOUT_MS = 3_000;

/** How long the room may take while the process runs. Some rooms freeze when a connection is cut. */
const LEAVE_TIMEOUT_MS = 60_000;

/** Most entries in memory. Each needs 16 bytes of bookkeeping. */
const RING_ENTRIES = 50_000;

/** Exit code for a refused configuration, as in common/env.ts. */
const BAD_CONFIGURATION = 2;

/** Log lines kept while stdout refuses them. */
const LOG_BACKLOG_BYTES = 64 * 1024;

/**
 * Faults of native code. A listener would return to the failed instruction for ever. Without a listener the signal ends
 * the process at once.
 */
const FAULT_SIGNALS = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;

/** Signals that end a process that waits for its cluster. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const ONE_DAY_MS = 24 * 60 * 60 * 1000;

const config = readEnv(settings, OWN_PREFIXES);
surviveLostOutput();
if (isSameCode(config.ACCESS_CODE, config.HOST_CODE)) {
  fail('Bad configuration: HOST_CODE must differ from ACCESS_CODE', BAD_CONFIGURATION);
}
if (config.LAB && config.HOST_CODE === '') fail('Bad configuration: LAB needs HOST_CODE', BAD_CONFIGURATION);
const log = pino({ level: config.LOG_LEVEL }, logOutput());
const tlsFiles = { cert: config.TLS_CERT, key: config.TLS_KEY };
const tls = openKeyPair();

const manner = openManner();
if (config.CLUSTER !== '') refuseUnshared(manner);
const copyDir = join(config.DATA_DIR, 'cluster');
const engine = config.CLUSTER === '' ? undefined : await openCluster();
// A copy of the shared log never replaces the transcript of a gateway that was alone before.
const archive = openArchive(engine ? copyDir : config.DATA_DIR);
const transcript = new Transcript(
  archive,
  { maxEntries: RING_ENTRIES, maxBytes: config.TRANSCRIPT_MEMORY_BYTES },
  {
    onWriteError: () => hub.counters.writeError(),
    onDiskChanged(error) {
      if (error) log.error(error, 'the transcript cannot be written: new entries stay in memory');
      else log.info('the transcript is written again');
      hub.onDiskChanged();
    },
    onNewEpoch: (kept) => hub.onNewEpoch(kept),
  },
  systemClock,
  engine !== undefined,
);
const hub = new Hub(transcript, new AccessLog(log), {
  dialer: {
    host: config.ROOM_HOST,
    port: config.ROOM_PORT,
    proxyProtocol: config.ROOM_PROXY_PROTOCOL,
    spacingMs: config.DIAL_SPACING_MS,
    timeoutMs: 5_000,
    retryFirstMs: 250,
    retryMaxMs: 3_000,
  },
  session: {
    manner,
    limits: { textBytes: config.MAX_TEXT_BYTES, openSays: config.MAX_QUEUED_MESSAGES },
    noticeRate: { burst: config.NOTICE_BURST_BYTES, perSecond: config.NOTICE_RATE_BYTES },
    receiptTimeoutMs: config.RECEIPT_TIMEOUT_MS,
    leaveTimeoutMs: LEAVE_TIMEOUT_MS,
    drainMs: 10_000,
  },
  moderation: { title: config.ROOM_TITLE, hasHosts: config.HOST_CODE !== '', hasLab: config.LAB },
  maxSessions: config.MAX_SESSIONS,
  earName: config.ROOM_NAME,
  historyEntries: config.HISTORY_ENTRIES,
  lineRate: { burst: config.LINE_BURST, perSecond: config.LINE_RATE },
  queues: {
    messages: config.MAX_QUEUED_MESSAGES,
    bytes: config.MAX_QUEUED_BYTES_PER_SESSION,
    totalBytes: config.MAX_QUEUED_BYTES,
  },
  catchUpRate: {
    burst: config.CATCH_UP_BURST_BYTES_PER_ADDRESS,
    perSecond: config.CATCH_UP_RATE_BYTES_PER_ADDRESS,
  },
  stallTimeoutMs: config.STALL_TIMEOUT_MS,
  quietMs: config.ROOM_QUIET_MS,
  cluster: engine && { engine, gateway: randomUUID(), resumeMs: config.SESSION_RESUME_MS },
});
const labRoom = {
  host: config.ROOM_HOST,
  port: config.ROOM_PORT,
  proxyProtocol: config.ROOM_PROXY_PROTOCOL,
};
const app = await buildApp({
  hub,
  webRoot: fileURLToPath(new URL('../web', import.meta.url)),
  originPolicy: new OriginPolicy({
    hosts: itemsOf(config.ALLOWED_HOSTS),
    origins: itemsOf(config.ALLOWED_ORIGINS),
  }),
  accessCode: new AccessCode(config.ACCESS_CODE, config.HOST_CODE),
  admission: new AdmissionControl({
    perAddress: config.MAX_SESSIONS_PER_ADDRESS,
    joinsPerAddress: config.JOIN_RATE_PER_ADDRESS,
    joins: config.JOIN_RATE,
    requests: { burst: config.REQUEST_BURST_PER_ADDRESS, perSecond: config.REQUEST_RATE_PER_ADDRESS },
    pending: config.MAX_PENDING,
    sessions: config.MAX_SESSIONS,
  }),
  lab: config.LAB ? new Lab(labRoom, hub.accessLog) : undefined,
  messageRate: { burst: config.MESSAGE_BURST, perSecond: config.MESSAGE_RATE },
  tls,
  connectionLimits: {
    total: config.MAX_SOCKETS,
    perAddress: config.MAX_SOCKETS_PER_ADDRESS,
    requestMs: config.REQUEST_TIMEOUT_MS,
  },
  trustProxy: networkMatcher(itemsOf(config.TRUSTED_PROXIES)),
  textBytes: config.MAX_TEXT_BYTES,
  timeouts: {
    helloMs: config.HELLO_TIMEOUT_MS,
    resumeMs: config.SESSION_RESUME_MS,
    reloadMs: config.RELOAD_RESUME_MS,
  },
  log,
  downloads: {
    downloads: { total: config.MAX_DOWNLOADS, perAddress: config.MAX_DOWNLOADS_PER_ADDRESS },
    stallTimeoutMs: config.STALL_TIMEOUT_MS,
    downloadMinRate: config.DOWNLOAD_MIN_RATE_BYTES,
  },
  history: {
    searches: { total: config.MAX_SEARCHES, perAddress: config.MAX_SEARCHES_PER_ADDRESS },
    searchTimeoutMs: config.SEARCH_TIMEOUT_MS,
  },
  invitation: {
    publicUrl: config.PUBLIC_URL,
    publicRoom: config.PUBLIC_ROOM,
    offersLan: config.INVITE_LAN,
    httpHost: config.HTTP_HOST,
    room: { host: config.ROOM_HOST, port: config.ROOM_PORT },
    asksForCode: config.ACCESS_CODE !== '',
  },
});

let checkpoints: Checkpoints | undefined;
const graceful = {
  delay: STOP_LEAVE_TIMEOUT_MS + 1_500,
  logger: log,
  skip: [...FAULT_SIGNALS, 'SIGHUP' as const],
};
const { close } = closeWithGrace(graceful, async ({ err }) => {
  if (err) log.error(err);
  await Promise.race([
    Promise.all([hub.close(), app.close()]),
    new Promise((resolve) => setTimeout(resolve, STOP_LEAVE_TIMEOUT_MS).unref()),
  ]);
  transcript.close();
  await Promise.all([checkpoints?.close(), engine?.close()]);
});

/** True from the first stop on. A shell may send SIGHUP to its jobs twice. */
let isStopping = false;
onHangUp((hangUp) => {
  if (tls && hangUp !== 'terminal closed') reloadKeyPair();
  else if (hangUp !== 'detached') stop();
});
onParentGone(stop);

optimizeEarly();
await hub.caughtUp();
try {
  // After a restart all browsers may reconnect at once. The system shortens the queue to its own limit.
  await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT, backlog: config.MAX_SOCKETS });
} catch (error) {
  fail(`Could not listen: ${(error as Error).message}`);
}
// The last step, because a process must not fail while the thread opens the database.
if (CAN_USE_THREAD && !isStopping) {
  checkpoints = new Checkpoints(archive.location, (error) =>
    log.warn(error, 'checkpoints are made by the writer'),
  );
}

function stop(): void {
  if (isStopping) return;
  isStopping = true;
  void close();
}

/**
 * Opens stdout for the log. A closed terminal or a full disk refuses lines. Refused lines are kept up to a limit and
 * written with a later line. The gateway keeps running.
 */
function logOutput() {
  const output = pino.destination({
    fd: process.stdout.fd,
    sync: true,
    minLength: 1,
    maxLength: LOG_BACKLOG_BYTES,
  });
  output.on('error', () => {});
  // Without this a full backlog would never be written again.
  output.on('drop', () => output.flush());
  return output;
}

function openKeyPair(): KeyPair | undefined {
  if (tlsFiles.cert === '' && tlsFiles.key === '') return undefined;
  try {
    return readKeyPair(tlsFiles);
  } catch (error) {
    return fail(`Bad configuration: ${(error as Error).message}`, BAD_CONFIGURATION);
  }
}

/** Exits if a template of the room's settings is bad. */
function openManner(): Manner {
  try {
    return mannerOf(config);
  } catch (error) {
    if (!(error instanceof MannerError)) throw error;
    const value = (settings[error.setting] as Setting).writeOnly ? '...' : config[error.setting];
    return fail(`Bad configuration: ${error.setting}=${value}: ${error.message}`, BAD_CONFIGURATION);
  }
}

/** Loads a renewed certificate for new connections. An invalid one changes nothing. */
function reloadKeyPair(): void {
  try {
    (app.server as unknown as TlsServer).setSecureContext(readKeyPair(tlsFiles));
    log.info('certificate reloaded');
  } catch (error) {
    log.error(`the old certificate stays in use: ${(error as Error).message}`);
  }
}

/** Refuses rooms that gateways can't compare. */
function refuseUnshared({ endsByPause, name }: Manner): void {
  if (endsByPause)
    fail(
      `Bad configuration: CLUSTER can't compare what gateways hear if a pause ends messages: ROOM_FORMAT=${name}`,
      BAD_CONFIGURATION,
    );
}

/** Waits for the servers of the cluster, and moves an old transcript into it. A stop ends the process meanwhile. */
async function openCluster(): Promise<ClusterEngine> {
  const exit = () => process.exit();
  for (const signal of STOP_SIGNALS) process.on(signal, exit);
  const retention = { maxAgeMs: config.TRANSCRIPT_DAYS * ONE_DAY_MS, maxBytes: config.TRANSCRIPT_BYTES };
  try {
    const opened = await openEngine(config, retention, log, new AbortController().signal);
    await moveTranscript({ dir: config.DATA_DIR, copyDir }, openArchive, opened, log);
    return opened;
  } catch (error) {
    if (!(error instanceof EngineRefused)) throw error;
    return fail(error.message, BAD_CONFIGURATION);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, exit);
  }
}

function openArchive(dir: string): SqliteStore {
  try {
    return new SqliteStore({
      dir,
      retention: {
        maxEntries: config.TRANSCRIPT_ENTRIES,
        recentMs: config.TRANSCRIPT_RECENT_DAYS * ONE_DAY_MS,
        maxAgeMs: config.TRANSCRIPT_DAYS * ONE_DAY_MS,
        maxBytes: config.TRANSCRIPT_BYTES,
      },
    });
  } catch (error) {
    return fail(`Could not open the transcript in DATA_DIR=${dir}: ${(error as Error).message}`);
  }
}

function fail(message: string, code = 1): never {
  console.error(message);
  process.exit(code);
}
