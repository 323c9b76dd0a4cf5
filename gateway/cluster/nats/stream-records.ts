/**
 * Reads records of a stream by their sequences.
 */
import type { LogRecord } from '../engine.ts';
import type { Msg } from './packages.ts';
import { REQUEST_TIMEOUT_MS, type Requests } from './requests.ts';

/** Longest silence of a replica, ms. A server that is stopped fails a third of the requests until the others notice. */
const REPLICA_TIMEOUT_MS = 200;
const NOT_FOUND = 404;

/** Answer of the leader. */
interface LeaderAnswer {
  /** `hdrs` and `data` are in base64. */
  message?: { hdrs?: string; data?: string };
  error?: { code: number; description?: string };
}

export class StreamRecords {
  readonly #requests: Requests;
  readonly #stream: string;

  constructor(requests: Requests, stream: string) {
    this.#requests = requests;
    this.#stream = stream;
  }

  /** Returns undefined if the leader does not have the record. Rejects if no leader has answered in time. */
  async fromLeader(sequence: number): Promise<LogRecord | undefined> {
    const subject = `$JS.API.STREAM.MSG.GET.${this.#stream}`;
    const answer = await this.#request(subject, sequence, REQUEST_TIMEOUT_MS);
    if (answer.data.length === 0) throw new Error(`read ${sequence}: no stream listens on ${subject}`);
    const { message, error } = answer.json<LeaderAnswer>();
    if (error?.code === NOT_FOUND) return undefined;
    if (!message) throw new Error(`read ${sequence}: ${error?.description}`);
    const headers = Buffer.from(message.hdrs ?? '', 'base64').toString();
    const id = /^Nats-Msg-Id: (.*)\r$/m.exec(headers)?.[1] ?? '';
    return { sequence, id, body: Buffer.from(message.data ?? '', 'base64') };
  }

  /** Returns undefined if the replica that got the request does not have the record. */
  async fromAny(sequence: number): Promise<LogRecord | undefined> {
    const subject = `$JS.API.DIRECT.GET.${this.#stream}`;
    const answer = await this.#request(subject, sequence, REPLICA_TIMEOUT_MS);
    if (answer.headers?.code === NOT_FOUND) return undefined;
    if (answer.headers?.hasError ?? true) throw new Error(`read ${sequence}: ${answer.headers?.description}`);
    return recordOf(answer);
  }

  #request(subject: string, sequence: number, timeoutMs: number): Promise<Msg> {
    return this.#requests.request(subject, JSON.stringify({ seq: sequence }), { timeoutMs });
  }
}

/** Returns the record of a message that a stream has republished, or of a direct answer. */
export function recordOf({ headers, data }: Msg): LogRecord {
  return {
    sequence: Number(headers?.get('Nats-Sequence')),
    id: headers?.get('Nats-Msg-Id') ?? '',
    body: data,
  };
}
