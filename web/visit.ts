import {
  CLOSE,
  type ClientMessage,
  type Entry,
  type Limits,
  type ServerMessage,
} from '../gateway/protocol.ts';
import { Archive, type Ask } from './archive.ts';
import { Asides } from './asides.ts';
import { type Cancel, Connection, type ConnectionEffects, type ConnectionOwner } from './connection.ts';
import { History, KEPT } from './history.ts';
import { composeLines, type Line } from './lines.ts';
import { isNickname, withNickname } from './nickname.ts';
import type { Happening } from './notes.ts';
import { Outbox, type Say } from './outbox.ts';
import { OwnNames } from './own-names.ts';
import { Search } from './search.ts';
import { keep, type ReadingPlace, recall, type Store } from './tab-memory.ts';
import { Unread } from './unread.ts';

/** How much of what it had already seen a reloaded page asks for again, messages. */
export const HISTORY = 300;
/** How long words on their way may hold up a leave, ms. */
export const LAST_WORDS = 3_000;
/** The word that leaves the room, as in the terminal client. */
const LEAVE_WORD = /^\s*salir\s*$/i;

/** How this page stands to the room. */
export type Presence =
  | { name: 'entering' }
  | { name: 'here'; you: string }
  /** The gateway answers; the room behind it does not. */
  | { name: 'roomless' }
  | { name: 'offline' }
  | { name: 'left' };

export interface VisitEffects extends ConnectionEffects {
  ask: Ask;
  newId(): string;
  /** Milliseconds since 1970, for what is shown with a time. */
  today(): number;
  store: Store;
  changed(): void;
  warn(text: string): void;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** One page's visit to the room: the connection, what was heard over it, and the words that go out. */
export class Visit implements ConnectionOwner {
  readonly #effects: VisitEffects;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly history: History;
  readonly search: Search;
  readonly #asides = new Asides();
  readonly #unread: Unread;
  readonly #own: OwnNames;
  #presence: Presence = { name: 'entering' };
  #cameIn = false;
  /** Ends the wait for the last words. */
  #stopWaiting: Cancel = () => {};
  #limits: Limits | undefined;
  #nickname: string;
  #draft: string;

  #session: string | undefined;
  #epoch: string | undefined;
  /** Where the page reads on from until it has heard something: also from 0, in a room that was silent. */
  #after: number | undefined;

  /** Newest number when the gateway last greeted us: up to there the log is catching up. */
  #head = 0;
  /** What is told once the log has caught up. */
  #arrival: Happening | undefined;

  /** What is being read, when it is not the newest. */
  #reading: ReadingPlace | undefined;
  /** A reloaded page is led back there once the log has caught up. */
  #returnsTo: ReadingPlace | undefined;
  #lines: readonly Line[] | undefined;

  constructor(effects: VisitEffects) {
    const memory = recall(effects.store);
    this.#effects = effects;
    this.#session = memory.session;
    this.#epoch = memory.epoch;
    this.#unread = new Unread(memory.after ?? 0, memory.unread);
    this.#own = new OwnNames(memory.names);
    const archive = new Archive(effects.ask);
    const changed = () => this.#changed();
    this.history = new History({
      archive,
      changed,
      isMine: (entry) => this.#own.said(entry),
      found: (entries) => {
        for (const entry of entries) this.#overhear(entry);
      },
    });
    if (memory.after !== undefined) this.#readOnFrom(memory.after);
    this.search = new Search({ archive, changed, wait: effects.wait });
    this.#reading = this.#returnsTo = memory.place;
    if (memory.place !== undefined) this.#unread.look({ atNewest: false });
    this.#nickname = memory.nickname;
    this.#draft = memory.draft;
    this.#connection = new Connection(effects, this);
    const send = (id: string, text: string) => this.#connection.send({ type: 'say', id, text });
    this.#outbox = new Outbox({ send, newId: effects.newId }, memory.says);
  }

  get presence(): Presence {
    return this.#presence;
  }

  /** Known once the gateway has told. */
  get limits(): Limits | undefined {
    return this.#limits;
  }

  get nickname(): string {
    return this.#nickname;
  }

  get draft(): string {
    return this.#draft;
  }

  get unread(): number {
    return this.#unread.count;
  }

  get isCatchingUp(): boolean {
    return this.#limits === undefined || this.history.last < this.#head;
  }

  /** All there is to show, in order. The same array until something changes. */
  get lines(): readonly Line[] {
    this.#lines ??= composeLines(
      this.history.items,
      this.#asides.within(this.history.reach, this.#saysShown),
    );
    return this.#lines;
  }

  enter(): void {
    if (this.#presence.name === 'left') this.#endSession();
    this.#presence = { name: 'entering' };
    this.#connection.enter();
    this.#changed();
  }

  leave(): void {
    if (this.#presence.name === 'left') return;
    const mayFinish = this.#presence.name === 'here' && !this.#outbox.isEmpty;
    this.#presence = { name: 'left' };
    this.#cameIn = false;
    this.#tell({ name: 'left' });
    if (mayFinish) this.#stopWaiting = this.#effects.wait(LAST_WORDS, () => this.#goOut());
    else this.#goOut();
    this.#changed();
  }

  wake(): void {
    this.#connection.wake();
  }

  /** The page is being hidden or closed, perhaps for ever. */
  sleep(): void {
    this.#keep();
    this.#connection.sleep();
  }

  /** Each line is a message. Returns the lines for which there was no place. */
  say(text: string): string {
    if (LEAVE_WORD.test(text)) {
      this.leave();
      return '';
    }
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const refused = lines.findIndex((line) => !this.#sayLine(line));
    this.#changedForKeeps();
    return refused < 0 ? '' : lines.slice(refused).join('\n');
  }

  sayAgain(id: string): void {
    this.#outbox.sendAgain(id);
    this.#changedForKeeps();
  }

  discard(id: string): void {
    this.#outbox.discard(id);
    this.#changedForKeeps();
  }

  setNickname(name: string): void {
    if (name !== '' && !isNickname(name)) return;
    this.#nickname = name;
    this.#changedForKeeps();
  }

  setDraft(draft: string): void {
    this.#draft = draft;
    this.#keep();
  }

  /** What the person can see: words that arrive unseen are counted. */
  look(sight: { atNewest?: boolean; visible?: boolean }): void {
    if (sight.visible === false) this.#keep();
    if (this.#unread.look(sight)) this.#changed();
  }

  /** Undefined at the newest. */
  readAt(place: ReadingPlace | undefined): void {
    // Before it was led back, the page stands at the newest only for want of what was read.
    if (this.#returnsTo === undefined) this.#reading = place;
  }

  hello(): ClientMessage {
    const after = this.history.last || this.#after;
    return {
      type: 'hello',
      ...(this.#session !== undefined && { session: this.#session }),
      ...(this.#epoch !== undefined && { epoch: this.#epoch, ...(after !== undefined && { after }) }),
    };
  }

  connectionHeard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'messages':
        this.#onMessages(message.messages);
        break;
      case 'receipt':
        this.#outbox.settle(message);
        if (this.#presence.name === 'left' && this.#outbox.isEmpty) this.#goOut();
        break;
      case 'room':
        this.#stand(message.state === 'open' ? message.you : null);
        break;
      case 'notice':
        this.#asides.hearNotice(message.text, this.#effects.today(), this.history.last);
        break;
      case 'error':
        this.#effects.warn(`The gateway refused a message: ${message.code}: ${message.message}`);
        break;
      case 'pong':
        return;
      default:
        message satisfies never;
    }
    this.#outbox.forgetLogged(this.history.last);
    // A message heard is not worth a write: `after` is kept when the page is hidden.
    if (message.type !== 'messages') this.#changedForKeeps();
    else if (!this.#isFarBehind) this.#changed();
  }

  connectionLost(code: number): void {
    this.#stopWaiting();
    this.#arrival = undefined;
    this.#outbox.close();
    if (this.#presence.name === 'left' || code === CLOSE.left) this.#endSession();
    else if (code === CLOSE.replaced) this.#yieldSession();
    else this.#turnTo({ name: 'offline' }, { name: 'lost' });
    this.#changedForKeeps();
  }

  #goOut(): void {
    this.#stopWaiting();
    this.#connection.leave();
  }

  #onWelcome({ session, epoch, me, you, head, tail, resumed, limits }: Welcome): void {
    if (epoch !== this.#epoch) this.#beginLog(head);
    this.history.welcome(epoch, tail);
    this.#own.add(me);
    this.#session = session;
    this.#epoch = epoch;
    this.#limits = limits;
    this.#head = head;
    if (resumed) this.#outbox.resume();
    else this.#outbox.startAnew();
    this.#stand(you);
    this.#tellArrival();
  }

  #beginLog(head: number): void {
    const isAnother = this.#epoch !== undefined;
    this.history.restart();
    this.search.clear();
    this.#asides.clear();
    this.#outbox.restartLog();
    this.#readOnFrom(head);
    this.#returnsTo = undefined;
    this.#unread.restart(head);
    if (isAnother) this.#tell({ name: 'anew' });
  }

  #readOnFrom(seen: number): void {
    this.#after = Math.max(0, seen - HISTORY);
    this.history.remember(seen);
  }

  /** What comes in now will not stay: it is not worth drawing. */
  get #isFarBehind(): boolean {
    return this.#unread.isAtNewest && this.#head - this.history.last > KEPT;
  }

  #onMessages(entries: readonly Entry[]): void {
    for (const entry of entries) this.#hear(entry);
    this.history.trim(this.#unread.isAtNewest);
    this.#tellArrival();
  }

  #hear(entry: Entry): void {
    if (!this.history.hear(entry)) return;
    if (!this.#own.said(entry)) this.#unread.hear(entry);
    this.#overhear(entry);
  }

  /** Words of ours that the log holds need no other proof. */
  #overhear(entry: Entry): void {
    if (this.#own.said(entry)) this.#outbox.overhear(entry);
  }

  /** Takes the place in the room that the gateway gave us, if it has one. */
  #stand(you: string | null): void {
    if (this.#presence.name === 'left' || this.#limits === undefined) return;
    if (you === null) {
      this.#outbox.close();
      this.#turnTo({ name: 'roomless' }, { name: 'roomless' });
      return;
    }
    if (this.#presence.name === 'here' && this.#presence.you === you) return;
    this.#arrival = { name: this.#cameIn ? 'back' : 'joined', you };
    this.#cameIn = true;
    this.#presence = { name: 'here', you };
    this.#tellArrival();
    this.#outbox.open(this.#limits);
  }

  #tellArrival(): void {
    if (this.history.last < this.#head) return;
    this.#returnToReading();
    if (this.#arrival === undefined) return;
    this.#tell(this.#arrival);
    this.#arrival = undefined;
  }

  async #returnToReading(): Promise<void> {
    const place = this.#returnsTo;
    this.#returnsTo = undefined;
    if (place === undefined || (await this.history.goTo({ ...place, isFound: false }))) return;
    this.look({ atNewest: true });
  }

  #tell(happening: Happening): void {
    this.#asides.tell(happening, this.#effects.today(), this.history.last);
  }

  /** Words on their way are shown where the newest is, until the log shows them itself. */
  get #saysShown() {
    const { isLive, last } = this.history;
    const isInLog = ({ seq, state }: Say) => seq !== undefined && seq <= last && state !== 'unconfirmed';
    return isLive ? this.#outbox.says.filter((say) => !isInLog(say)) : [];
  }

  /** Tells only what ends a stay in the room: not every attempt to come back to it. */
  #turnTo(presence: Presence, happening: Happening): void {
    if (this.#presence.name === 'here') this.#tell(happening);
    this.#presence = presence;
  }

  /** Whatever became of the last words: there is nothing to come back for. */
  #endSession(): void {
    if (this.#connection.state !== 'away') this.#connection.leave();
    if (this.#presence.name !== 'left') this.#tell({ name: 'left' });
    this.#presence = { name: 'left' };
    this.#session = undefined;
    this.#stopWaiting();
    this.#outbox.close();
    this.#outbox.startAnew();
  }

  #yieldSession(): void {
    this.#session = undefined;
    this.#outbox.giveUpSession();
    this.#turnTo({ name: 'offline' }, { name: 'replaced' });
  }

  #sayLine(line: string): boolean {
    return this.#outbox.add(withNickname(this.#nickname, line.trimEnd()), this.#effects.today());
  }

  #changed(): void {
    if (!this.isCatchingUp) this.#asides.settle(this.#outbox.says, this.history.last);
    this.#lines = undefined;
    this.#effects.changed();
  }

  #changedForKeeps(): void {
    this.#changed();
    this.#keep();
  }

  #keep(): void {
    keep(this.#effects.store, {
      ...(this.#session !== undefined && { session: this.#session }),
      ...(this.#epoch !== undefined && { epoch: this.#epoch }),
      after: Math.max(this.history.last, this.#unread.newsAfter),
      unread: this.#unread.count,
      ...(this.#reading !== undefined && { place: this.#reading }),
      names: this.#own.all,
      nickname: this.#nickname,
      draft: this.#draft,
      says: this.#outbox.says.filter(({ state }) => state !== 'heard'),
    });
  }
}
