/**
 * Detects a room that the gateway can't follow, because it asks each connection for something first or does not send
 * what ROOM_FORMAT names. Such a room may also wait for the silent ear and accept nobody else.
 *
 *     unknown --- header ---> proven
 *       | \ --- probe answered ---> accepted --- header ---> proven
 *       |
 *       no answer: the ear leaves --- answered then, twice ---> the room waited for the ear, which retries seldom
 *                           \ ------- no answer either ------> the room hangs, and the ear reconnects at once
 *
 * A probe connects and closes gracefully. A room that serves one connection after the other answers only when the ear
 * has left.
 */
import type { RoomTrouble } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { deriveTemplate } from '../upstream/formats/derive-template.ts';
import type { Manner } from '../upstream/formats/manner.ts';
import { textsBehindHeader } from '../upstream/formats/plain-parser.ts';
import { asksForName } from '../upstream/formats/prompts.ts';
import type { RoomText } from '../upstream/formats/room-text.ts';

/** How long a room may take to answer a probe before the ear leaves, ms. A loaded room answers well within it. */
const ANSWER_MS = 5_000;

/** Number of probes that the ear must block, because one late answer may be chance. */
const BLOCKED_TIMES = 2;

/** How long the ear stays away before the second probe, ms. */
const RETURN_MS = 1_000;

/** First and longest wait before the ear retries a room that waited for it, ms. Each try blocks that room. */
const REST_FIRST_MS = 60_000;
const REST_MAX_MS = 10 * 60_000;

/** A prompt comes within this time of the connection, and no text follows it for as long, ms. */
const PROMPT_MS = 1_000;

/** How much of a room's first text is searched for a prompt, characters. */
const PROMPT_MAX = 500;

/** How many sent lines are searched behind unknown headers, and in how much text at once, characters. */
const SENT_MAX = 200;
const UNEXPECTED_MAX = 4 * 1024;

/** Longest suggested template, characters. A longer one is no format that a person would set. */
const SUGGESTED_MAX_CHARS = 160;

/** A room of the dice format never sends this many parts without a header over this time, ms. */
const UNEXPECTED_PARTS = 20;
const UNEXPECTED_MS = 60_000;

/** The sender of a line, by which its format is found. */
export type LineSender = Pick<Session, 'address' | 'loginName'>;

export interface RoomWatchOptions {
  manner: Pick<Manner, 'hasHeaders' | 'login'>;
  /** False for servers that close no connection when a client does. Probes show nothing there. */
  mayProbe: boolean;
}

export interface RoomWatchListener {
  /** Connects and closes gracefully. Resolves to true when the room has answered, and never rejects. */
  probe(): Promise<boolean>;
  /** The ear leaves, unless it has left, and connects again after `afterMs`. */
  reconnectEar(afterMs: number): void;
  /** The room has accepted the ear. */
  onAccepted(): void;
  /** undefined: the gateway follows the room again. */
  onTroubleChanged(trouble: RoomTrouble | undefined): void;
}

export class RoomWatch {
  readonly #options: RoomWatchOptions;
  readonly #listener: RoomWatchListener;
  /** Number of the ear's connection. */
  #connection = 0;
  #isProven = false;
  #isAnswered = false;
  /** Text that came to the ear without a header, its parts, and when the ear opened (ms since 1970). */
  #text = '';
  #parts = 0;
  #openedAt = 0;
  /** Lines that voices sent last, each with its sender. */
  readonly #sent = new Map<string, LineSender>();
  /** The value of ROOM_FORMAT that fits a line of the room. */
  #suggestedFormat: string | undefined;
  #badFrame: string | undefined;
  #promptTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  /** Earliest time of the next probe, ms since 1970. */
  #nextProbeAt = 0;
  #blockedTimes = 0;
  #restMs = REST_FIRST_MS;
  #trouble: RoomTrouble | undefined;

  constructor(options: RoomWatchOptions, listener: RoomWatchListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Returns undefined if no line has shown a format. */
  get suggestedFormat(): string | undefined {
    return this.#suggestedFormat;
  }

  /** Describes why the ear left: the room sent no frame. */
  get badFrame(): string | undefined {
    return this.#badFrame;
  }

  get trouble(): RoomTrouble | undefined {
    return this.#trouble;
  }

  /** True if the room has accepted the ear, as far as that can be known. */
  get isAccepted(): boolean {
    return this.#isAnswered || this.#isProven || (!this.#options.mayProbe && this.#trouble === undefined);
  }

  onEarOpen(): void {
    this.#openedAt = Date.now();
    if (this.#options.mayProbe) {
      this.#probeTimer = setTimeout(() => void this.#probe(), Math.max(0, this.#nextProbeAt - Date.now()));
    }
  }

  onEarLost(): void {
    this.#connection++;
    this.stop();
    this.#isProven = false;
    this.#isAnswered = false;
    this.#text = '';
    this.#parts = 0;
    this.#openedAt = 0;
  }

  onEarHeard(texts: readonly RoomText[]): void {
    if (this.#isProven) return;
    if (this.#hasHeaders && texts.some(({ kind }) => kind === 'message')) this.prove();
    else for (const text of texts) this.#onUnexpectedText(text);
  }

  /** A header, or the echo of a session, shows that the room has the expected format. */
  prove(): void {
    this.#isProven = true;
    this.#badFrame = undefined;
    this.#sent.clear();
    this.#blockedTimes = 0;
    this.#restMs = REST_FIRST_MS;
    clearTimeout(this.#promptTimer);
    clearTimeout(this.#probeTimer);
    this.#setTrouble(undefined);
  }

  /** A voice receives a header while the ear is away. */
  onVoiceHeader(): void {
    this.prove();
    this.#listener.reconnectEar(0);
  }

  onVoiceSend(line: string, sender: LineSender): void {
    if (this.#isProven) return;
    this.#sent.set(line.trimEnd(), sender);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > SENT_MAX && oldest !== undefined) this.#sent.delete(oldest);
  }

  /** The ear heard a line of a voice behind an unexpected header. */
  onUnexpectedFormat(suggested?: string): void {
    if (this.#isProven) return;
    const isFirst = suggested !== undefined && this.#suggestedFormat === undefined;
    if (suggested !== undefined) this.#suggestedFormat = suggested;
    // The trouble is reported again when a setting that fits is found later.
    if (isFirst && this.#trouble === 'format') this.#listener.onTroubleChanged('format');
    else this.#setTrouble('format');
  }

  /** The ear leaves, and retries seldom, because nothing shows where the next frame begins. */
  onBadFrame(problem: string): void {
    this.#badFrame = problem;
    this.#isProven = false;
    this.#setTrouble('format');
    this.#listener.reconnectEar(this.#nextRest());
  }

  stop(): void {
    clearTimeout(this.#promptTimer);
    clearTimeout(this.#probeTimer);
  }

  get #hasHeaders(): boolean {
    return this.#options.manner.hasHeaders;
  }

  #onUnexpectedText({ kind, text }: RoomText): void {
    const format = this.#hasHeaders ? this.#findFormat(text) : undefined;
    if (format !== undefined) this.onUnexpectedFormat(format);
    // Where one logs in, the server talks to each connection, and tells all who comes and goes.
    if (kind === 'note' || this.#options.manner.login) return;
    const now = Date.now();
    const isFirst = this.#parts++ === 0;
    if (isFirst && (this.#openedAt === 0 || now - this.#openedAt < PROMPT_MS)) {
      this.#awaitPrompt();
    }
    this.#text = (this.#text + text).slice(0, PROMPT_MAX);
    const isChat =
      this.#parts >= UNEXPECTED_PARTS && this.#openedAt > 0 && now - this.#openedAt > UNEXPECTED_MS;
    if (this.#hasHeaders && isChat) this.onUnexpectedFormat();
  }

  /** Returns the format of a line in which a text of a voice follows another header. */
  #findFormat(text: string): string | undefined {
    if (this.#sent.size === 0) return undefined;
    for (const line of text.slice(0, UNEXPECTED_MAX).split('\n')) {
      for (const behind of textsBehindHeader(line)) {
        const sent = behind.trimEnd();
        const sender = this.#sent.get(sent);
        if (!sender) continue;
        const { address, loginName: name } = sender;
        const format = deriveTemplate(line.trimEnd(), sent, { address, name });
        if (format !== undefined && format.length <= SUGGESTED_MAX_CHARS) return format;
      }
    }
    return undefined;
  }

  #awaitPrompt(): void {
    clearTimeout(this.#promptTimer);
    this.#promptTimer = setTimeout(() => this.#readPrompt(), PROMPT_MS);
  }

  #readPrompt(): void {
    if (asksForName(this.#text)) this.#setTrouble('asks');
    else if (this.#trouble === 'asks' && this.#isAnswered) this.#setTrouble(undefined);
  }

  async #probe(): Promise<void> {
    const connection = this.#connection;
    const isCurrent = (): boolean => connection === this.#connection && !this.#isProven;
    const answer = this.#listener.probe();
    if (await within(ANSWER_MS, answer)) {
      if (isCurrent()) this.#accept();
      return;
    }
    if (!isCurrent()) return;
    const isAsked = this.#trouble === 'asks';
    this.#listener.reconnectEar(2 * ANSWER_MS);
    const left = this.#connection;
    const isFreed = await within(ANSWER_MS, answer);
    if (left !== this.#connection) return;
    if (isFreed) this.#blockedTimes++;
    if (isAsked || this.#blockedTimes >= BLOCKED_TIMES) {
      this.#setTrouble('asks');
      this.#listener.reconnectEar(this.#nextRest());
    } else if (isFreed) {
      this.#listener.reconnectEar(RETURN_MS);
    } else {
      this.#nextProbeAt = Date.now() + this.#nextRest();
      this.#listener.reconnectEar(0);
    }
  }

  #accept(): void {
    this.#isAnswered = true;
    this.#blockedTimes = 0;
    this.#listener.onAccepted();
    // Another server may have taken the port, and ask nothing.
    if (this.#trouble === 'asks') this.#awaitPrompt();
  }

  #nextRest(): number {
    const ms = this.#restMs;
    this.#restMs = Math.min(2 * ms, REST_MAX_MS);
    return ms;
  }

  #setTrouble(trouble: RoomTrouble | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#listener.onTroubleChanged(trouble);
  }
}

/** Resolves to false if the answer takes longer than `ms`. */
async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
