/**
 * Moves the transcript of a gateway that was alone into an empty cluster, as the beginning of its log. Epoch and seqs
 * stay, so that pages continue. The old transcript is only read.
 *
 *     hosts' rules -> genesis -> import, import, ... last import
 *
 * Each record names the one before, so that two gateways can't mix. A gateway that is killed meanwhile continues where
 * it stopped. The others wait for it.
 */
import { randomUUID } from 'node:crypto';
import type { ClusterEngine, LogRecord } from './engine.ts';
import { decodeRecord, encodeRecord, type SharedRecord } from './records.ts';

/** JSON of one record, bytes: some hundred entries, well below the largest message of an engine. */
const IMPORT_BYTES = 256 * 1024;

/** Interval of progress in the log of the gateway, ms. */
const REPORT_EVERY_MS = 5_000;

export interface OldTranscript {
  epoch: string;
  /** Seq before the first entry. */
  before: number;
  /** Seq after which new entries follow. */
  head: number;
  /** When the room was last heard, ms since 1970. */
  heardUntil: number;
  /** Rules that the hosts have set, as the engine keeps them. */
  rules: Uint8Array;
  /** Returns the next entries after a seq, oldest first; none at the end. */
  entriesAfter(seq: number): { seq: number; json: string }[];
}

/** `moved`: the cluster has it all. `other log`: the cluster has another log, or goes on without the rest. */
export type MoveResult = 'moved' | 'other log';

/** Beginning of the cluster's log. */
type Beginning =
  | { kind: 'empty' }
  | { kind: 'other' }
  /** The old transcript, up to an entry. */
  | { kind: 'import'; head: number; sequence: number; isDone: boolean };

export async function moveIn(
  old: OldTranscript,
  engine: ClusterEngine,
  log: { info(message: string): void },
  signal: AbortSignal,
): Promise<MoveResult> {
  const base = { by: randomUUID(), epoch: old.epoch, at: old.heardUntil };
  const append = async (record: SharedRecord, expectedLast: number): Promise<number | undefined> => {
    const encoded = { id: randomUUID(), body: encodeRecord(record) };
    const result = await engine.append(encoded, expectedLast, signal);
    return result.outcome === 'committed' ? result.sequence : undefined;
  };
  const begun = await beginningOf(old.epoch, engine);
  if (begun.kind === 'other') return 'other log';
  if (begun.kind === 'empty') await moveRules(old, engine, signal);
  let head = begun.kind === 'import' ? begun.head : old.before;
  let sequence =
    begun.kind === 'import'
      ? begun.sequence
      : await append({ kind: 'genesis', ...base, head, kept: 0, isImport: true }, 0);
  let isDone = begun.kind === 'import' && begun.isDone;
  let reportedAt = performance.now();
  while (!isDone && sequence !== undefined) {
    const entries = firstBytes(old.entriesAfter(head));
    const last = entries.at(-1);
    isDone = last === undefined;
    head = last?.seq ?? old.head;
    const jsons = entries.map(({ json }) => json);
    sequence = await append({ kind: 'import', ...base, entries: jsons, head, isLast: isDone }, sequence);
    if (performance.now() - reportedAt < REPORT_EVERY_MS) continue;
    reportedAt = performance.now();
    log.info(`moving the transcript into the cluster: ${head} of ${old.head}`);
  }
  // Another process may have moved the same transcript, or a record of this one came late.
  return sequence === undefined ? await moveIn(old, engine, log, signal) : 'moved';
}

function firstBytes(entries: { seq: number; json: string }[]): { seq: number; json: string }[] {
  let bytes = 0;
  return entries.filter(({ json }, index) => {
    bytes += Buffer.byteLength(json);
    return index === 0 || bytes <= IMPORT_BYTES;
  });
}

async function beginningOf(epoch: string, engine: ClusterEngine): Promise<Beginning> {
  return await new Promise((resolve) => {
    let found: Beginning = { kind: 'empty' };
    let stop = () => {};
    const end = (result: Beginning): void => {
      // The engine may call back before it has returned how to stop.
      queueMicrotask(() => stop());
      resolve(result);
    };
    const onRecord = (logged: LogRecord): void => {
      const record = decodeRecord(logged);
      const isFirst = found.kind === 'empty';
      const isOwn = record?.epoch === epoch && (isFirst ? isImportGenesis(record) : found.kind === 'import');
      if (!isOwn || record === undefined) end({ kind: 'other' });
      else {
        const isDone = record.kind === 'import' ? record.isLast : !isFirst;
        const head = record.kind === 'batch' ? record.first : record.head;
        found = { kind: 'import', head, sequence: logged.sequence, isDone };
        if (isDone) end(found);
      }
    };
    stop = engine.follow('beginning', {
      onRecord,
      onCurrent: (last) => end(found.kind === 'empty' && last > 0 ? { kind: 'other' } : found),
      onLost: () => end({ kind: 'other' }),
    });
  });
}

function isImportGenesis(record: SharedRecord): boolean {
  return record.kind === 'genesis' && record.isImport;
}

/** Hidden messages must be hidden before any gateway reads them. Rules of an earlier cluster name other entries. */
async function moveRules(
  { rules, epoch }: OldTranscript,
  engine: ClusterEngine,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const known = await newestRules(engine);
    if (known?.epoch === epoch) return;
    const record = { id: randomUUID(), body: rules };
    const result = await engine.replaceRules(record, known?.sequence ?? 0, signal);
    if (result.outcome === 'committed') return;
  }
}

async function newestRules(engine: ClusterEngine): Promise<{ sequence: number; epoch: string } | undefined> {
  return await new Promise((resolve) => {
    let newest: { sequence: number; epoch: string } | undefined;
    const stop = engine.followRules({
      onRecord: ({ sequence, body }) => {
        const { epoch } = JSON.parse(Buffer.from(body).toString()) as { epoch: string };
        newest = { sequence, epoch };
      },
      onCurrent: () => {
        queueMicrotask(() => stop());
        resolve(newest);
      },
      onLost: () => resolve(undefined),
    });
  });
}
