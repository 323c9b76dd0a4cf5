import { utf8Bytes } from '../../common/utf8.ts';
import type { Entry, FailReason, Limits, ServerMessage } from '../../gateway/protocol.ts';
import { newestWithin } from '../text/newest-within.ts';

/** More words than this do not wait: whoever pastes a book keeps the rest in the composer. */
export const MAX_MESSAGES = 500;

/** A server that answers nobody but us puts nothing into the log: what it heard is shown from here, so much. */
export const MAX_HEARD_MESSAGES = 200;

/** What of it a reload finds again, characters. */
export const SAVED_HEARD_MAX_CHARACTERS = 64 * 1024;

interface MessageBase {
  id: string;
  text: string;
  /** When it was written, ms since 1970. */
  at: number;
  /** This session's gateway may have got it: by its id it can be asked again. */
  asked: boolean;
  /** It stands in the log under this number, at least its beginning: the receipt may still be on its way. */
  seq?: number;
  /** The log has all of it. */
  isWhole?: true;
}

/**
 *     waiting --> sending --> heard        in the room
 *        ^           |   +--> unconfirmed  perhaps in the room; heard may still follow
 *        +- away ----+   +--> failed       not said, and will not be
 */
export type OutgoingMessage = MessageBase &
  ({ state: 'waiting' | 'sending' | 'heard' | 'unconfirmed' } | { state: 'failed'; reason: FailReason });

type Receipt = Extract<ServerMessage, { type: 'receipt' }>;

export interface OutboxEffects {
  send(id: string, text: string): void;
  newId(): string;
}

/** This page's words from when they are written until the room is known to have heard them. */
export class Outbox {
  readonly #effects: OutboxEffects;
  #messages: readonly OutgoingMessage[];
  /** Known while the room can be spoken to. */
  #limits: Limits | undefined;

  constructor(effects: OutboxEffects, kept: readonly OutgoingMessage[] = []) {
    this.#effects = effects;
    this.#messages = kept.map(toWaiting);
  }

  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  /** What a reload should find again: what was heard only where no log has it. */
  get snapshot(): readonly OutgoingMessage[] {
    const unlogged = this.#messages.filter(({ state, seq }) => state === 'heard' && seq === undefined);
    const heard = new Set(newestWithin(unlogged, SAVED_HEARD_MAX_CHARACTERS));
    return this.#messages.filter((say) => say.state !== 'heard' || heard.has(say));
  }

  get isEmpty(): boolean {
    return !this.#messages.some(isPending);
  }

  /** False when it can take no more. */
  add(text: string, at: number): boolean {
    if (this.#messages.length >= MAX_MESSAGES) return false;
    const id = this.#effects.newId();
    this.#messages = [...this.#messages, { id, text, at, asked: false, state: 'waiting' }];
    this.#sendWaiting();
    return true;
  }

  /** The room can be spoken to. */
  open(limits: Limits): void {
    this.#limits = limits;
    this.#sendWaiting();
  }

  /** Words on their way are asked about again when the connection is back. */
  close(): void {
    this.#limits = undefined;
    this.#replaceEach(toWaiting);
  }

  /** The same session goes on: what has no final receipt is sent again, which says it at most once. */
  resume(): void {
    this.#replaceEach((say) =>
      say.asked && say.state === 'unconfirmed' ? { ...say, state: 'waiting' } : say,
    );
  }

  /** Another session: nobody can tell any more whether what was sent has been said. */
  onNewSession(): void {
    this.#markUnconfirmed((say) => say.asked);
  }

  /** Another log begins: nothing of this is in it. */
  onNewLog(): void {
    this.#replaceEach(({ seq, isWhole, ...say }) => say);
  }

  /** Another page took the session over, with a copy of these words: either may have said them. */
  onSessionTaken(): void {
    this.#markUnconfirmed((say) => isPending(say));
  }

  onReceipt({ id, state, seq, reason }: Receipt): void {
    this.#replace(id, (say) => {
      if (state === 'heard') return { ...say, state, ...(seq !== undefined && { seq }) };
      if (state === 'unconfirmed') return { ...say, state };
      if (reason === 'closing') return { ...say, id: this.#effects.newId(), asked: false, state: 'waiting' };
      return { ...say, asked: false, state, reason: reason ?? 'left' };
    });
    this.#sendWaiting();
  }

  /** Words of this page are in the log: often the news comes before the receipt, or instead of it. */
  confirmFromLog({ seq, continues, said }: Entry): void {
    const say = this.#messages.find(({ id }) => id === said?.id);
    if (say === undefined || said === undefined) return;
    if (said.left === 0 && say.state === 'unconfirmed') this.discard(say.id);
    else
      this.#replace(say.id, () => ({
        ...say,
        seq: continues ?? seq,
        ...(said.left === 0 && { isWhole: true }),
      }));
  }

  /** What the log shows up to `last` needs no second place. */
  forgetLogged(last: number): void {
    let excess = this.#messages.filter(({ state }) => state === 'heard').length - MAX_HEARD_MESSAGES;
    this.#messages = this.#messages.filter(
      ({ state, seq }) => state !== 'heard' || (excess-- <= 0 && (seq === undefined || seq > last)),
    );
  }

  /** Under a new id: it is another say, even should the first have been said. */
  sendAgain(id: string): void {
    const say = this.#messages.find((say) => say.id === id);
    if (say?.state !== 'unconfirmed' && say?.state !== 'failed') return;
    this.discard(id);
    this.add(say.text, say.at);
  }

  discard(id: string): void {
    this.#messages = this.#messages.filter((say) => say.id !== id);
  }

  /** Empties it; returns what the log does not show, as far as is known. */
  takeAll(): readonly OutgoingMessage[] {
    const unheard = this.#messages.filter(({ state, seq }) => state !== 'heard' && seq === undefined);
    this.#messages = [];
    return unheard;
  }

  #sendWaiting(): void {
    if (this.#limits === undefined) return;
    const { openSays, textBytes } = this.#limits;
    let open = this.#messages.filter((say) => say.state === 'sending').length;
    for (const say of this.#messages) {
      if (open >= openSays) return;
      if (say.state !== 'waiting') continue;
      if (utf8Bytes(say.text) > textBytes) {
        this.#replace(say.id, () => ({ ...say, state: 'failed', reason: 'too-long' }));
        continue;
      }
      open++;
      this.#replace(say.id, () => ({ ...say, state: 'sending', asked: true }));
      this.#effects.send(say.id, say.text);
    }
  }

  #markUnconfirmed(isInDoubt: (say: OutgoingMessage) => boolean): void {
    this.#messages = this.#messages.filter((say) => !say.isWhole || say.state === 'heard');
    this.#replaceEach((say) =>
      isPending(say) && isInDoubt(say)
        ? { ...say, asked: false, state: 'unconfirmed' }
        : { ...say, asked: false },
    );
  }

  #replace(id: string, change: (say: OutgoingMessage) => OutgoingMessage): void {
    this.#messages = this.#messages.map((say) => (say.id === id ? change(say) : say));
  }

  #replaceEach(change: (say: OutgoingMessage) => OutgoingMessage): void {
    this.#messages = this.#messages.map(change);
  }
}

function toWaiting(say: OutgoingMessage): OutgoingMessage {
  return say.state === 'sending' ? { ...say, state: 'waiting' } : say;
}

function isPending({ state }: OutgoingMessage): boolean {
  return state === 'waiting' || state === 'sending';
}
