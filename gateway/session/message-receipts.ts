/**
 * Remembers the messages of one session by their ids, and gives each a receipt. So a repeated message is not sent twice.
 *
 *     no receipt ---> failed
 *           | `---> unconfirmed --late echo--> heard
 *           `----------------------------------^
 */
import type { FailReason } from '../protocol.ts';
import type { OutgoingMessage, Receipt } from './outgoing-message.ts';

/** Remembered messages, so that a repeated id is not sent twice. A page keeps far fewer open. */
const REMEMBERED_MESSAGES = 1_000;

export interface ReceiptListener {
  /** `delayMs`: since the message came. `isRepeat`: the page sent a settled message again. */
  onReceipt(receipt: Receipt, delayMs: number, isRepeat: boolean): void;
}

export class MessageReceipts {
  readonly #listener: ReceiptListener;
  /** Created with the first message, because most sessions only read. */
  #messages: Map<string, OutgoingMessage> | undefined;

  constructor(listener: ReceiptListener) {
    this.#listener = listener;
  }

  /** Returns a new message. Undefined: the id is known, and its receipt is repeated if there is one. */
  begin(id: string): OutgoingMessage | undefined {
    const known = this.#messages?.get(id);
    if (known) {
      if (known.receipt) this.#listener.onReceipt(known.receipt, Date.now() - known.at, true);
      return undefined;
    }
    const message: OutgoingMessage = {
      id,
      at: Date.now(),
      chunks: undefined,
      unacknowledged: 0,
      receipt: undefined,
      hasEcho: false,
      announcements: 0,
      announcedFor: undefined,
      isAnnouncing: false,
      seq: undefined,
    };
    this.#remember(message);
    return message;
  }

  /** The log has an entry of a message. `left`: its chunks that are still to come. `root`: seq of its first entry. */
  onLogged(id: string, left: number, root: number): void {
    const message = this.#messages?.get(id);
    if (!message) return;
    // Before the first echo is complete, another text may have looked like its beginning.
    if (!message.hasEcho || message.seq === undefined) message.seq = root;
    if (left === 0) this.#settle(message, { id, state: 'heard', seq: message.seq });
  }

  /** The server has repeated a chunk in private text, which puts no entry in the log. */
  onAnswered(message: OutgoingMessage): void {
    const { id, seq, unacknowledged, chunks } = message;
    if (unacknowledged > 0 || chunks) return;
    this.#settle(message, { id, state: 'heard', ...(seq !== undefined && { seq }) });
  }

  fail(message: OutgoingMessage, reason: FailReason): void {
    if (!message.receipt) this.#settle(message, { id: message.id, state: 'failed', reason });
  }

  unconfirm(message: OutgoingMessage): void {
    if (!message.receipt) this.#settle(message, { id: message.id, state: 'unconfirmed' });
  }

  /** Settles a message that only the log can confirm. */
  unconfirmAfter(message: OutgoingMessage, ms: number): void {
    setTimeout(() => this.unconfirm(message), ms).unref();
  }

  #settle(message: OutgoingMessage, receipt: Receipt): void {
    message.receipt = receipt;
    this.#listener.onReceipt(receipt, Date.now() - message.at, false);
  }

  #remember(message: OutgoingMessage): void {
    this.#messages ??= new Map();
    this.#messages.set(message.id, message);
    if (this.#messages.size <= REMEMBERED_MESSAGES) return;
    for (const [id, { receipt }] of this.#messages) {
      if (receipt) {
        this.#messages.delete(id);
        return;
      }
    }
  }
}
