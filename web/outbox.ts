import type { FailReason, Limits, ServerMessage } from '../gateway/protocol.ts';
import { readable, utf8Bytes } from './readable.ts';

/** More words than this do not wait: whoever pastes a book keeps the rest in the composer. */
export const OUTBOX_MAX = 500;

/** A server that answers nobody but us puts nothing into the log: what it heard is shown from here, so much. */
export const HEARD_MAX = 200;

/** A piece of a long say is known by its beginning; shorter ones only by being the same, in characters. */
const PIECE_MIN = 200;

interface Words {
  id: string;
  text: string;
  /** When it was written, ms since 1970. */
  at: number;
  /** The newest number in the log then: these words can only be found after it. */
  after: number;
  /** This session's gateway may have got it: by its id it can be asked again. */
  asked: boolean;
  /** It is already in the log under this number, though the receipt may still be on its way. */
  seq?: number;
}

/**
 *     waiting --> sending --> heard        in the room
 *        ^           |   +--> unconfirmed  perhaps in the room; heard may still follow
 *        +- away ----+   +--> failed       not said, and will not be
 */
export type Say = Words &
  ({ state: 'waiting' | 'sending' | 'heard' | 'unconfirmed' } | { state: 'failed'; reason: FailReason });

type Receipt = Extract<ServerMessage, { type: 'receipt' }>;

export interface OutboxEffects {
  send(id: string, text: string): void;
  newId(): string;
}

/** This page's words from when they are written until the room is known to have heard them. */
export class Outbox {
  readonly #effects: OutboxEffects;
  #says: readonly Say[];
  /** Known while the room can be spoken to. */
  #limits: Limits | undefined;

  constructor(effects: OutboxEffects, kept: readonly Say[] = []) {
    this.#effects = effects;
    this.#says = kept.map(waitAgain);
  }

  get says(): readonly Say[] {
    return this.#says;
  }

  get isEmpty(): boolean {
    return !this.#says.some(isOpen);
  }

  /** False when it can take no more. */
  add(text: string, at: number, after: number): boolean {
    if (this.#says.length >= OUTBOX_MAX) return false;
    const id = this.#effects.newId();
    this.#says = [...this.#says, { id, text, at, after, asked: false, state: 'waiting' }];
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
    this.#replaceEach(waitAgain);
  }

  /** The same session goes on: what has no final receipt is sent again, which says it at most once. */
  resume(): void {
    this.#replaceEach((say) =>
      say.asked && say.state === 'unconfirmed' ? { ...say, state: 'waiting' } : say,
    );
  }

  /** Another session: nobody can tell any more whether what was sent has been said. */
  startAnew(): void {
    this.#forgetSession((say) => say.asked);
  }

  /** Another log begins, in which words are counted from the beginning. */
  restartLog(): void {
    this.#replaceEach((say) => ({ ...say, after: 0 }));
  }

  /** Another page took the session over, with a copy of these words: either may have said them. */
  giveUpSession(): void {
    this.#forgetSession((say) => isOpen(say));
  }

  settle({ id, state, seq, reason }: Receipt): void {
    this.#replace(id, (say) => {
      if (state === 'heard') return { ...say, state, ...(seq !== undefined && { seq }) };
      if (state === 'unconfirmed') return { ...say, state };
      if (reason === 'closing') return { ...say, id: this.#effects.newId(), asked: false, state: 'waiting' };
      return { ...say, asked: false, state, reason: reason ?? 'left' };
    });
    this.#sendWaiting();
  }

  /** Words of this page are in the log: often the news comes before the receipt, or instead of it. */
  overhear(text: string, seq: number): void {
    const heard = readable(text);
    const say = this.#says.find(
      (say) =>
        say.after < seq && say.seq === undefined && mayBeInRoom(say) && isSame(readable(say.text), heard),
    );
    if (say?.state === 'unconfirmed') this.discard(say.id);
    else if (say !== undefined) this.#replace(say.id, () => ({ ...say, seq }));
  }

  /** What the log shows up to `last` needs no second place. */
  forgetLogged(last: number): void {
    let excess = this.#says.filter(({ state }) => state === 'heard').length - HEARD_MAX;
    this.#says = this.#says.filter(
      ({ state, seq }) => state !== 'heard' || (excess-- <= 0 && (seq === undefined || seq > last)),
    );
  }

  /** Under a new id: it is another say, even should the first have been said. */
  sendAgain(id: string, after: number): void {
    const say = this.#says.find((say) => say.id === id);
    if (say?.state !== 'unconfirmed' && say?.state !== 'failed') return;
    this.discard(id);
    this.add(say.text, say.at, after);
  }

  discard(id: string): void {
    this.#says = this.#says.filter((say) => say.id !== id);
  }

  #sendWaiting(): void {
    if (this.#limits === undefined) return;
    const { openSays, textBytes } = this.#limits;
    let open = this.#says.filter((say) => say.state === 'sending').length;
    for (const say of this.#says) {
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

  #forgetSession(isInDoubt: (say: Say) => boolean): void {
    this.#says = this.#says.filter((say) => say.seq === undefined || say.state === 'heard');
    this.#replaceEach((say) =>
      isOpen(say) && isInDoubt(say)
        ? { ...say, asked: false, state: 'unconfirmed' }
        : { ...say, asked: false },
    );
  }

  #replace(id: string, change: (say: Say) => Say): void {
    this.#says = this.#says.map((say) => (say.id === id ? change(say) : say));
  }

  #replaceEach(change: (say: Say) => Say): void {
    this.#says = this.#says.map(change);
  }
}

function waitAgain(say: Say): Say {
  return say.state === 'sending' ? { ...say, state: 'waiting' } : say;
}

function isOpen({ state }: Say): boolean {
  return state === 'waiting' || state === 'sending';
}

function mayBeInRoom(say: Say): boolean {
  return say.state === 'unconfirmed' || (isOpen(say) && say.asked);
}

function isSame(said: string, heard: string): boolean {
  return said === heard || (heard.length >= PIECE_MIN && said.startsWith(heard));
}
