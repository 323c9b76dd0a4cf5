import { utf8Bytes } from '../common/utf8.ts';
import type { Entry, FailReason, Limits, ServerMessage } from '../gateway/protocol.ts';
import { newestWithin } from './newest-within.ts';

/** Most pending messages. The rest of a long paste stays in the composer. */
export const MAX_MESSAGES = 500;

/** Most delivered messages that are shown from here. A server that echoes only to the sender logs nothing. */
export const MAX_HEARD_MESSAGES = 200;

/** Most text of delivered messages that a reload restores. */
export const SAVED_HEARD_MAX_CHARACTERS = 64 * 1024;

interface MessageBase {
  id: string;
  text: string;
  /** Time of writing in ms since 1970. */
  at: number;
  /** The message was sent in this session, so the gateway recognizes its id. */
  asked: boolean;
  /** Number in the log, known once its beginning was logged. The receipt may come later. */
  seq?: number;
  /** The log contains the whole message. */
  isWhole?: true;
}

/**
 *     waiting --> sending --> heard        in the room
 *        ^           |   +--> unconfirmed  perhaps in the room; heard may still follow
 *        +- closed --+   +--> failed       not sent, and will not be
 */
export type OutgoingMessage = MessageBase &
  ({ state: 'waiting' | 'sending' | 'heard' | 'unconfirmed' } | { state: 'failed'; reason: FailReason });

type Receipt = Extract<ServerMessage, { type: 'receipt' }>;

interface OutboxEffects {
  newId(): string;
  send(id: string, text: string): void;
}

/** Holds the page's messages from writing until the room has received them. */
export class Outbox {
  readonly #effects: OutboxEffects;
  #messages: readonly OutgoingMessage[];
  /** The gateway's limits; undefined while nothing can be sent. */
  #limits: Limits | undefined;

  constructor(effects: OutboxEffects, saved: readonly OutgoingMessage[] = []) {
    this.#effects = effects;
    this.#messages = saved.map(toWaiting);
  }

  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  /** The messages that a reload restores. Delivered ones are included only if no log contains them. */
  get snapshot(): readonly OutgoingMessage[] {
    const unlogged = this.#messages.filter(({ state, seq }) => state === 'heard' && seq === undefined);
    const heard = new Set(newestWithin(unlogged, SAVED_HEARD_MAX_CHARACTERS));
    return this.#messages.filter((message) => message.state !== 'heard' || heard.has(message));
  }

  get isEmpty(): boolean {
    return !this.#messages.some(isPending);
  }

  /** Returns false if the outbox is full. */
  add(text: string, at: number): boolean {
    if (this.#messages.length >= MAX_MESSAGES) return false;
    const id = this.#effects.newId();
    this.#messages = [...this.#messages, { id, text, at, asked: false, state: 'waiting' }];
    this.#sendWaiting();
    return true;
  }

  /** Starts sending: the room is reachable. */
  open(limits: Limits): void {
    this.#limits = limits;
    this.#sendWaiting();
  }

  /** Stops sending. Messages without a receipt are sent again after a reconnect. */
  close(): void {
    this.#limits = undefined;
    this.#replaceEach(toWaiting);
  }

  /** The session was resumed. Messages without a final receipt are sent again; the gateway drops duplicates by id. */
  resume(): void {
    this.#replaceEach((message) =>
      message.asked && message.state === 'unconfirmed' ? { ...message, state: 'waiting' } : message,
    );
  }

  /** Another session began, so the fate of messages sent in the last one is unknown. */
  onNewSession(): void {
    this.#markUnconfirmed((message) => message.asked);
  }

  /** Another log begins. It contains none of these messages. */
  onNewLog(): void {
    this.#replaceEach(({ seq, isWhole, ...message }) => message);
  }

  /** Another page took over the session with a copy of these messages. Either page may have sent them. */
  onSessionTaken(): void {
    this.#markUnconfirmed((message) => isPending(message));
  }

  onReceipt({ id, state, seq, reason }: Receipt): void {
    this.#replace(id, (message) => {
      if (state === 'heard') return { ...message, state, ...(seq !== undefined && { seq }) };
      if (state === 'unconfirmed') return { ...message, state };
      if (reason === 'closing')
        return { ...message, id: this.#effects.newId(), asked: false, state: 'waiting' };
      return { ...message, asked: false, state, reason: reason ?? 'left' };
    });
    this.#sendWaiting();
  }

  /** Takes an own message in the log as a receipt. It often comes before the receipt, or instead of it. */
  confirmFromLog({ seq, continues, said }: Entry): void {
    const message = this.#messages.find(({ id }) => id === said?.id);
    if (message === undefined || said === undefined) return;
    if (said.left === 0 && message.state === 'unconfirmed') this.discard(message.id);
    else
      this.#replace(message.id, () => ({
        ...message,
        seq: continues ?? seq,
        ...(said.left === 0 && { isWhole: true }),
      }));
  }

  /** Drops delivered messages that the log shows up to `last`. */
  dropLogged(last: number): void {
    let excess = this.#messages.filter(({ state }) => state === 'heard').length - MAX_HEARD_MESSAGES;
    this.#messages = this.#messages.filter(
      ({ state, seq }) => state !== 'heard' || (excess-- <= 0 && (seq === undefined || seq > last)),
    );
  }

  /** Sends the message again under a new id. The room may receive it twice. */
  sendAgain(id: string): void {
    const message = this.#messages.find((message) => message.id === id);
    if (message?.state !== 'unconfirmed' && message?.state !== 'failed') return;
    this.discard(id);
    this.add(message.text, message.at);
  }

  discard(id: string): void {
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }

  /** Empties the outbox and returns the messages that are not known to be in the log. */
  takeAll(): readonly OutgoingMessage[] {
    const undelivered = this.#messages.filter(({ state, seq }) => state !== 'heard' && seq === undefined);
    this.#messages = [];
    return undelivered;
  }

  #sendWaiting(): void {
    if (this.#limits === undefined) return;
    const { openSays, textBytes } = this.#limits;
    let open = this.#messages.filter((message) => message.state === 'sending').length;
    for (const message of this.#messages) {
      if (open >= openSays) return;
      if (message.state !== 'waiting') continue;
      if (utf8Bytes(message.text) > textBytes) {
        this.#replace(message.id, () => ({ ...message, state: 'failed', reason: 'too-long' }));
        continue;
      }
      open++;
      this.#replace(message.id, () => ({ ...message, state: 'sending', asked: true }));
      this.#effects.send(message.id, message.text);
    }
  }

  #markUnconfirmed(mayBeSent: (message: OutgoingMessage) => boolean): void {
    this.#messages = this.#messages.filter((message) => !message.isWhole || message.state === 'heard');
    this.#replaceEach((message) =>
      isPending(message) && mayBeSent(message)
        ? { ...message, asked: false, state: 'unconfirmed' }
        : { ...message, asked: false },
    );
  }

  #replace(id: string, change: (message: OutgoingMessage) => OutgoingMessage): void {
    this.#messages = this.#messages.map((message) => (message.id === id ? change(message) : message));
  }

  #replaceEach(change: (message: OutgoingMessage) => OutgoingMessage): void {
    this.#messages = this.#messages.map(change);
  }
}

function toWaiting(message: OutgoingMessage): OutgoingMessage {
  return message.state === 'sending' ? { ...message, state: 'waiting' } : message;
}

function isPending({ state }: OutgoingMessage): boolean {
  return state === 'waiting' || state === 'sending';
}
