/**
 * Queue of messages between a connection and the loop that reads them. A full queue drops its oldest message, because a
 * program that only sends reads none.
 */
export class UnreadMessages<T> {
  readonly #max: number;
  #messages: T[] = [];
  #end: { error?: Error } | undefined;
  #wakeReaders: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  add(message: T): void {
    this.#messages.push(message);
    if (this.#messages.length > this.#max) this.#messages.shift();
    this.#wake();
  }

  /** Ends the loops of all readers once they have read the rest. With an error they throw it. */
  end(error?: Error): void {
    this.#end = error ? { error } : {};
    this.#wake();
  }

  async *read(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) yield message;
      else if (this.#end?.error) throw this.#end.error;
      else if (this.#end) return;
      else await new Promise<void>((resolve) => this.#wakeReaders.push(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#wakeReaders.splice(0)) wake();
  }
}
