/**
 * The records of the shared log: a line of JSON, and a line for each entry.
 *
 *     genesis   the log begins, or begins again under another epoch
 *     import    entries of a transcript that is older than the cluster
 *     batch     entries of the transcript, and which text of the room they cover
 *     alive     the room was heard until now, and was silent
 */
import type { BatchMark } from './alignment.ts';
import type { LogRecord } from './engine.ts';

/** Version of the rules that make characters and entries of the room's text. Another version can't take over. */
export const RECORD_FORMAT = 2;

interface RecordBase {
  /** The gateway that appended the record. */
  by: string;
  epoch: string;
  /** Time of the gateway that appended, ms since 1970. */
  at: number;
  /** Id of the record before, as the gateway that appended has read it. Absent where that is not known. */
  previous?: string;
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

/** JSON contains no line end outside of an escape. */
const SEPARATOR = '\n';

export function encodeRecord(record: SharedRecord): Uint8Array {
  const { entries = [], ...fields }: Omit<SharedRecord, 'entries'> & { entries?: string[] } = record;
  return Buffer.from([JSON.stringify({ format: RECORD_FORMAT, ...fields }), ...entries].join(SEPARATOR));
}

/** Returns undefined for a record of another format. */
export function decodeRecord({ body }: Pick<LogRecord, 'body'>): SharedRecord | undefined {
  const [first = '', ...entries] = Buffer.from(body.buffer, body.byteOffset, body.length)
    .toString()
    .split(SEPARATOR);
  const fields = parseFields(first);
  if (fields === undefined) return undefined;
  const hasEntries = fields.kind === 'batch' || fields.kind === 'import';
  return hasEntries ? { ...fields, entries } : fields;
}

function parseFields(json: string): SharedRecord | undefined {
  try {
    const { format, ...fields } = JSON.parse(json) as SharedRecord & { format: unknown };
    return format === RECORD_FORMAT ? (fields as SharedRecord) : undefined;
  } catch {
    return undefined;
  }
}
