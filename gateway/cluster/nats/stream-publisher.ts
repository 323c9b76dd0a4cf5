/**
 * Publishes to streams, and receives the answers in one inbox. The client's own requests make errors with stack traces
 * before anything fails, which costs more than the rest of a request.
 */
import type { Msg, NatsConnection, NatsPackages } from './packages.ts';
import { REQUEST_TIMEOUT_MS } from './stream-follower.ts';

/** Answer of a stream: the sequence of the record, or why it has none. */
export interface PublishAnswer {
  seq: number;
  /** A record with this id was there already, under `seq`. */
  duplicate?: boolean;
  error?: { err_code: number; description: string };
}

export class StreamPublisher {
  readonly #packages: NatsPackages;
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  /** Requests without an answer, by the last part of its subject. */
  readonly #waiting = new Map<string, (answer: Msg) => void>();
  #count = 0;

  constructor(packages: NatsPackages, connection: NatsConnection) {
    this.#packages = packages;
    this.#connection = connection;
    this.#inbox = `${packages.transport.createInbox()}.`;
    connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#waiting.get(message.subject.slice(this.#inbox.length))?.(message);
      },
    });
  }

  /** Rejects if no stream has answered in time. It may have the record all the same. */
  async publish(
    subject: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<PublishAnswer> {
    const token = `${++this.#count}`;
    const { data } = await new Promise<Msg>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(token);
        reject(new Error(`no answer on ${subject}`));
      }, REQUEST_TIMEOUT_MS);
      this.#waiting.set(token, (answer) => {
        this.#waiting.delete(token);
        clearTimeout(timer);
        resolve(answer);
      });
      const options = { reply: this.#inbox + token, headers: this.#headersOf(headers) };
      this.#connection.publish(subject, body, options);
    });
    // Without a leader nobody listens, and the server says so at once.
    if (data.length === 0) throw new Error(`no stream listens on ${subject}`);
    return JSON.parse(new TextDecoder().decode(data)) as PublishAnswer;
  }

  #headersOf(values: Readonly<Record<string, string>>) {
    const headers = this.#packages.transport.headers();
    for (const [name, value] of Object.entries(values)) headers.set(name, value);
    return headers;
  }
}
