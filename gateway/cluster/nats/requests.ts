/**
 * Sends requests and receives the answers in one inbox. The client's own requests make errors with stack traces before
 * anything fails, which takes three times the CPU of this.
 */
import type { Msg, NatsConnection, NatsPackages } from './packages.ts';

/** Longest silence of a leader, ms. */
export const REQUEST_TIMEOUT_MS = 500;

export interface RequestOptions {
  /** Longest silence, ms. */
  timeoutMs: number;
  headers?: Readonly<Record<string, string>>;
}

export class Requests {
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

  /** Rejects if there is no answer in time. The request may have had its effect all the same. */
  request(subject: string, body: Uint8Array | string, { timeoutMs, headers }: RequestOptions): Promise<Msg> {
    const token = `${++this.#count}`;
    return new Promise<Msg>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(token);
        reject(new Error(`no answer on ${subject}`));
      }, timeoutMs);
      this.#waiting.set(token, (answer) => {
        this.#waiting.delete(token);
        clearTimeout(timer);
        resolve(answer);
      });
      const reply = this.#inbox + token;
      this.#connection.publish(
        subject,
        body,
        headers ? { reply, headers: this.#headersOf(headers) } : { reply },
      );
    });
  }

  #headersOf(values: Readonly<Record<string, string>>) {
    const headers = this.#packages.transport.headers();
    for (const [name, value] of Object.entries(values)) headers.set(name, value);
    return headers;
  }
}
