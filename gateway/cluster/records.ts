/**
 * The records of the shared log, as headers and a body.
 *
 *     genesis   the log begins, or begins again under another epoch
 *     import    entries of a transcript that is older than the cluster
 *     batch     entries of the transcript, and which text of the room they cover
 *     alive     the room was heard until now, and was silent
 */
import type { BatchMark } from './alignment.ts';
import type { LogRecord } from './engine.ts';

/** Version of the rules that make characters and entries of the room's text. Another version can't take over. */
export const RECORD_FORMAT = '1';

interface RecordBase {
  /** The gateway that appended the record. */
  by: string;
  epoch: string;
  /** Time of the gateway that appended, ms since 1970. */
  at: number;
}

export interface GenesisRecord extends RecordBase {
  kind: 'genesis';
  /** Seq after which the first entry follows. */
  head: number;
  /** Seq of the last entry before that is still in the log. */
  kept: number;
  /** The log begins with imports. Until the last one nothing else is appended. */
  isImport: boolean;
}

export interface ImportRecord extends RecordBase {
  kind: 'import';
  /** JSON of the entries. Seqs may be left out. */
  entries: string[];
  /** Seq after which the next entry follows. */
  head: number;
  isLast: boolean;
}

export interface BatchRecord extends RecordBase {
  kind: 'batch';
  /** Seq of the first entry. */
  first: number;
  /** JSON of the entries. */
  entries: string[];
  mark: BatchMark;
  /** No gateway heard the room before the text of this batch. */
  isAfterGap: boolean;
}

export interface AliveRecord extends RecordBase {
  kind: 'alive';
  /** Seq of the last entry. */
  head: number;
}

export type SharedRecord = GenesisRecord | ImportRecord | BatchRecord | AliveRecord;

export interface EncodedRecord {
  headers: Record<string, string>;
  body: Uint8Array;
}

/** JSON contains no line end outside of an escape. */
const SEPARATOR = '\n';

export function encodeRecord(record: SharedRecord): EncodedRecord {
  const { kind, by, epoch, at } = record;
  const base = { Kind: kind, Format: RECORD_FORMAT, By: by, Epoch: epoch, At: String(at) };
  if (kind !== 'batch') {
    const headers = { ...base, Head: String(record.head) };
    if (kind === 'alive') return { headers, body: new Uint8Array() };
    if (kind === 'genesis') {
      const genesis = { Kept: String(record.kept), ...(record.isImport && { Import: '1' }) };
      return { headers: { ...headers, ...genesis }, body: new Uint8Array() };
    }
    const body = Buffer.from(record.entries.join(SEPARATOR));
    return { headers: { ...headers, ...(record.isLast && { Last: '1' }) }, body };
  }
  const { first, entries, mark, isAfterGap } = record;
  const headers = {
    ...base,
    First: String(first),
    Count: String(entries.length),
    Characters: String(mark.characters),
    Hash: mark.hash,
    // A header holds ASCII alone.
    Tail: encodeURIComponent(mark.tail.toWellFormed()),
    ...(isAfterGap && { Gap: '1' }),
  };
  return { headers, body: Buffer.from(entries.join(SEPARATOR)) };
}

/** Returns undefined for a record of another format. */
export function decodeRecord({
  headers,
  body,
}: Pick<LogRecord, 'headers' | 'body'>): SharedRecord | undefined {
  const { Kind: kind, Format: format, By: by = '', Epoch: epoch = '' } = headers;
  if (format !== RECORD_FORMAT) return undefined;
  const base = { by, epoch, at: Number(headers.At) };
  const head = Number(headers.Head);
  if (kind === 'alive') return { kind, ...base, head };
  if (kind === 'genesis')
    return { kind, ...base, head, kept: Number(headers.Kept), isImport: headers.Import === '1' };
  const text = Buffer.from(body).toString();
  const entries = text === '' ? [] : text.split(SEPARATOR);
  if (kind === 'import') return { kind, ...base, entries, head, isLast: headers.Last === '1' };
  if (kind !== 'batch') return undefined;
  return {
    kind,
    ...base,
    first: Number(headers.First),
    entries,
    mark: {
      characters: Number(headers.Characters),
      hash: headers.Hash ?? '',
      tail: decodeURIComponent(headers.Tail ?? ''),
    },
    isAfterGap: headers.Gap === '1',
  };
}
