/**
 * Sends the server's private text to one client, within a rate limit. Reports dropped text, because a person should know
 * that an answer is missing.
 */
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import type { ServerMessage } from '../protocol.ts';
import type { PrivateAnswers } from './private-answers.ts';

/** Cost of a notice beside its text, bytes: a frame, and a line on the page. */
export const NOTICE_OVERHEAD_BYTES = 128;

/** How long dropped text is summed before it is reported, ms. A flood makes one report per second. */
export const REPORT_AFTER_MS = 1_000;

export type Notice = Extract<ServerMessage, { type: 'notice' }>;

export class Notices {
  readonly #bucket: TokenBucket;
  readonly #write: (message: ServerMessage) => boolean;
  #droppedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** The last notice ended without a newline, so that the next continues its line. */
  #isLineOpen = false;

  /** `write` returns false when the client can't receive the message. */
  constructor(rateBytes: RateLimit, write: (message: ServerMessage) => boolean) {
    this.#bucket = new TokenBucket(rateBytes);
    this.#write = write;
  }

  /** Returns false when the notice was dropped. */
  send(notice: Notice): boolean {
    const bytes = Buffer.byteLength(notice.text);
    const isSent = this.#bucket.waitMs() === 0 && this.#write(notice);
    if (isSent) this.#bucket.charge(bytes + NOTICE_OVERHEAD_BYTES);
    else this.#drop(bytes);
    return isSent;
  }

  /** Sends text of the server, which may be a part of a line, as one notice for each message that it answers. */
  sendText(text: string, answers: PrivateAnswers): void {
    const visible = text.replace(/^\n+/, '');
    let continues = this.#isLineOpen && visible === text;
    this.#isLineOpen = false;
    if (!visible) return;
    for (const { text: lines, answers: id } of answers.split(visible)) {
      const notice = { type: 'notice', text: lines, ...(id !== undefined && { answers: id }) } as const;
      const isSent = this.send(continues ? { ...notice, continues } : notice);
      this.#isLineOpen = isSent && !lines.endsWith('\n');
      continues = false;
    }
  }

  /** The connection is lost, so that the next text begins a line. */
  endLine(): void {
    this.#isLineOpen = false;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #drop(bytes: number): void {
    if (this.#isClosed) return;
    this.#droppedBytes += bytes;
    this.#timer ??= setTimeout(() => this.#report(), REPORT_AFTER_MS);
  }

  /** Retries until the client receives the report, because it may be away. */
  #report(): void {
    const isSent = this.#write({ type: 'notices-dropped', bytes: this.#droppedBytes });
    if (isSent) this.#droppedBytes = 0;
    this.#timer = isSent ? undefined : setTimeout(() => this.#report(), REPORT_AFTER_MS);
  }
}
