/**
 * Notices a room that the gateway can't follow, because the room asks each connection for something first or does not
 * talk as ROOM_FORMAT says. Such a room may also wait for the silent ear and let nobody else in.
 *
 *     unsure --- a header ---> proven
 *       | \ --- the probe is answered ---> accepted --- a header ---> proven
 *       |
 *       no answer: the ear leaves --- answered then, twice ---> the room waited for the ear: it comes back seldom
 *                           \ ------- no answer either ------> the room hangs: the ear comes back at once
 *
 * A probe is a connection that comes and says goodbye. A room that takes connections one after the other answers it
 * only when it has done with the ear.
 */

import type { RoomTrouble } from '../protocol.ts';
import type { RoomFormat, RoomText } from '../upstream/formats/dice-parser.ts';
import { textsBehindHeader } from '../upstream/formats/plain-parser.ts';
import { asksForName } from '../upstream/formats/prompts.ts';

/** How long a room may take to answer a probe before the ear leaves, ms. A loaded room answers well within it. */
const ANSWER_MS = 5_000;

/** One late answer may be chance. */
const BLOCKED_TIMES = 2;

/** How long the ear stays away to make sure, ms. */
const RETURN_MS = 1_000;

/** The first and the longest wait until the ear tries a room again that waited for it, ms: each try holds it up. */
const REST_FIRST_MS = 60_000;
const REST_MAX_MS = 10 * 60_000;

/** A question comes at once, and nothing follows it, ms. */
const PROMPT_MS = 1_000;

/** How much of a room's first text is searched for a question, characters. */
const PROMPT_MAX = 500;

/** How many sent lines are looked for behind other headers, and in how much text at once, characters. */
const SENT_MAX = 200;
const STRANGE_MAX = 4 * 1024;

/** Parts of text without a header, and the time they take, that a room of the dice kind does not send, ms. */
const STRANGE_PARTS = 20;
const STRANGE_MS = 60_000;

export interface RoomWatchOptions {
  format: RoomFormat;
  /** Some servers close no connection when a client does; probes tell nothing there. */
  mayProbe: boolean;
}

export interface RoomWatchEffects {
  /** Connects and says goodbye. True when the room has answered; never rejects. */
  probe(): Promise<boolean>;
  /** The ear leaves, or is away already, and connects again after `ms`. */
  keepOut(ms: number): void;
  /** The room has taken the ear in. */
  onAccepted(): void;
  /** undefined: the room is followed again. */
  onTrouble(trouble: RoomTrouble | undefined): void;
}

export class RoomWatch {
  readonly #options: RoomWatchOptions;
  readonly #effects: RoomWatchEffects;
  /** Changes with each connection of the ear. */
  #connection = 0;
  #isProven = false;
  #isAnswered = false;
  /** What came to the ear, without a header, and since when (ms since 1970). */
  #text = '';
  #parts = 0;
  #since = 0;
  /** What voices sent last. */
  readonly #sent = new Set<string>();
  #prompt: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #lookAt = 0;
  #blockedTimes = 0;
  #restMs = REST_FIRST_MS;
  #trouble: RoomTrouble | undefined;

  constructor(options: RoomWatchOptions, effects: RoomWatchEffects) {
    this.#options = options;
    this.#effects = effects;
  }

  get trouble(): RoomTrouble | undefined {
    return this.#trouble;
  }

  /** Is it known, as far as it can be, that the room has taken the ear in? */
  get isAccepted(): boolean {
    return this.#isAnswered || this.#isProven || (!this.#options.mayProbe && this.#trouble === undefined);
  }

  earOnOpen(): void {
    this.#since = Date.now();
    if (this.#options.mayProbe) {
      this.#look = setTimeout(() => void this.#probe(), Math.max(0, this.#lookAt - Date.now()));
    }
  }

  earOnLost(): void {
    this.#connection++;
    this.stop();
    this.#isProven = false;
    this.#isAnswered = false;
    this.#text = '';
    this.#parts = 0;
    this.#since = 0;
  }

  earOnHeard(heard: readonly RoomText[]): void {
    if (this.#isProven) return;
    if (this.#options.format === 'dice' && heard.some(({ kind }) => kind === 'message')) this.prove();
    else for (const { text } of heard) this.#hearStrange(text);
  }

  /** A text of our own, or a header, shows that the room is of the expected kind. */
  prove(): void {
    this.#isProven = true;
    this.#sent.clear();
    this.#blockedTimes = 0;
    this.#restMs = REST_FIRST_MS;
    clearTimeout(this.#prompt);
    clearTimeout(this.#look);
    this.#setTrouble(undefined);
  }

  /** A voice hears a room of the expected kind while the ear keeps out. */
  voiceOnHeader(): void {
    this.prove();
    this.#effects.keepOut(0);
  }

  voiceOnSend(line: string): void {
    if (this.#isProven) return;
    this.#sent.add(line.trimEnd());
    const [oldest] = this.#sent;
    if (this.#sent.size > SENT_MAX && oldest !== undefined) this.#sent.delete(oldest);
  }

  /** The ear heard, without a header, what one of our voices had sent. */
  foundStrange(): void {
    if (!this.#isProven) this.#setTrouble('format');
  }

  stop(): void {
    clearTimeout(this.#prompt);
    clearTimeout(this.#look);
  }

  #hearStrange(text: string): void {
    const now = Date.now();
    const isFirst = this.#parts++ === 0;
    if (isFirst && (this.#since === 0 || now - this.#since < PROMPT_MS)) {
      this.#awaitPrompt();
    }
    this.#text = (this.#text + text).slice(0, PROMPT_MAX);
    const isTalk = this.#parts >= STRANGE_PARTS && this.#since > 0 && now - this.#since > STRANGE_MS;
    if (this.#options.format === 'dice' && (isTalk || this.#holdsSent(text))) this.foundStrange();
  }

  /** Does a line end with what a voice has sent, behind a header of another kind? */
  #holdsSent(text: string): boolean {
    if (this.#sent.size === 0) return false;
    const lines = text.slice(0, STRANGE_MAX).split('\n');
    return lines.some((line) => textsBehindHeader(line).some((words) => this.#sent.has(words.trimEnd())));
  }

  #awaitPrompt(): void {
    clearTimeout(this.#prompt);
    this.#prompt = setTimeout(() => this.#readPrompt(), PROMPT_MS);
  }

  #readPrompt(): void {
    if (asksForName(this.#text)) this.#setTrouble('asks');
    else if (this.#trouble === 'asks' && this.#isAnswered) this.#setTrouble(undefined);
  }

  async #probe(): Promise<void> {
    const connection = this.#connection;
    const isCurrent = (): boolean => connection === this.#connection && !this.#isProven;
    const answer = this.#effects.probe();
    if (await within(ANSWER_MS, answer)) {
      if (isCurrent()) this.#accept();
      return;
    }
    if (!isCurrent()) return;
    const isAsked = this.#trouble === 'asks';
    this.#effects.keepOut(2 * ANSWER_MS);
    const left = this.#connection;
    const isFreed = await within(ANSWER_MS, answer);
    if (left !== this.#connection) return;
    if (isFreed) this.#blockedTimes++;
    if (isAsked || this.#blockedTimes >= BLOCKED_TIMES) {
      this.#setTrouble('asks');
      this.#effects.keepOut(this.#nextRest());
    } else if (isFreed) {
      this.#effects.keepOut(RETURN_MS);
    } else {
      this.#lookAt = Date.now() + this.#nextRest();
      this.#effects.keepOut(0);
    }
  }

  #accept(): void {
    this.#isAnswered = true;
    this.#blockedTimes = 0;
    this.#effects.onAccepted();
    // Another server may be there by now, if it asks nothing.
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
    this.#effects.onTrouble(trouble);
  }
}

/** False when the answer is not there in time. */
async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
