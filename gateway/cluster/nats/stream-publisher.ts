/**
 * Publishes to streams.
 */
import { REQUEST_TIMEOUT_MS, type Requests } from './requests.ts';

/** Answer of a stream: the sequence of the record, or why it has none. */
export interface PublishAnswer {
  seq: number;
  /** A record with this id was there already, under `seq`. */
  duplicate?: boolean;
  error?: { err_code: number; description: string };
}

export class StreamPublisher {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Rejects if no stream has answered in time. It may have the record all the same. */
  async publish(
    subject: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<PublishAnswer> {
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, headers };
    const { data } = await this.#requests.request(subject, body, options);
    // Without a leader nobody listens, and the server says so at once.
    if (data.length === 0) throw new Error(`no stream listens on ${subject}`);
    return JSON.parse(new TextDecoder().decode(data)) as PublishAnswer;
  }
}
