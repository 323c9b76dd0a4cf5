import { REQUEST_TIMEOUT_MS, type Requests } from './requests.ts';

/** Answer of a stream: the sequence of the record, or why it has none. */
export interface PublishAnswer {
  seq: number;
  /** A record with this id was there already, under `seq`. */
  duplicate?: boolean;
  error?: { err_code: number; description: string };
}

/** Publishes to a stream. Rejects if none has answered in time; it may have the record all the same. */
export async function publish(
  requests: Requests,
  subject: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<PublishAnswer> {
  const { data } = await requests.request(subject, body, { timeoutMs: REQUEST_TIMEOUT_MS, headers });
  // Without a leader nobody listens, and the server says so at once.
  if (data.length === 0) throw new Error(`no stream listens on ${subject}`);
  return JSON.parse(new TextDecoder().decode(data)) as PublishAnswer;
}
