import { CLOSE, type ClientMessage, type Limits, type ServerMessage } from '../../gateway/protocol.ts';
import {
  type Cancel,
  Connection,
  type ConnectionEffects,
  type ConnectionOwner,
} from '../connection/connection.ts';
import { Outbox } from '../connection/outbox.ts';
import { keep, type Memory, NOTHING, recall, type Store } from '../connection/tab-storage.ts';
import { withMention } from '../timeline/mentions.ts';
import { Reading, type ReadingEffects } from '../timeline/timeline.ts';
import { type Presence, type Refusal, Standing } from './connection-status.ts';
import { Writing } from './draft.ts';
import { Access, type AccessEffects } from './login.ts';
import { People } from './people-list.ts';

/** How long words on their way may hold up a leave, ms. */
export const LAST_WORDS = 3_000;

export interface VisitEffects extends ConnectionEffects, ReadingEffects {
  newId(): string;
  giveCode: AccessEffects['giveCode'];
  /** There is a proof of entry that the gateway has not refused. */
  hasToken(): boolean;
  /** Does the gateway answer over HTTP where its WebSocket does not open? Rejects when it does not. */
  isBlocked(): Promise<boolean>;
  store: Store;
  warn(text: string): void;
}

const REFUSALS: Record<number, Refusal> = {
  [CLOSE.full]: 'full',
  [CLOSE.crowded]: 'crowded',
  [CLOSE.foreign]: 'foreign',
};

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Disk = Extract<ServerMessage, { type: 'disk' }>['state'];

/** One page's visit to the room: over one connection it stands somewhere, reads, and writes. */
export class Visit implements ConnectionOwner {
  readonly reading: Reading;
  readonly access: Access;
  readonly people: People;
  readonly #effects: VisitEffects;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #writing: Writing;
  readonly #standing: Standing;
  /** Ends the wait for the last words. */
  #stopWaiting: Cancel = () => {};
  #session: string | undefined;
  /** Since it was loaded. */
  #hasBeenIn = false;
  #disk: Disk = 'working';

  constructor(effects: VisitEffects) {
    const memory = recall(effects.store);
    const send = (id: string, text: string) => this.#connection.send({ type: 'say', id, text });
    this.#effects = effects;
    this.#session = memory.session;
    this.#connection = new Connection(effects, this);
    this.#outbox = new Outbox({ send, newId: effects.newId }, memory.says);
    this.#writing = new Writing(this.#outbox, effects.today, memory);
    this.reading = new Reading({ ...effects, changed: () => this.#changed() }, this.#outbox, memory);
    this.people = new People(effects);
    this.access = new Access({
      giveCode: effects.giveCode,
      entered: () => this.enter(),
      changed: () => this.#changed(),
    });
    this.#standing = new Standing((happening) => this.reading.tell(happening));
    this.#nameMentions();
  }

  get presence(): Presence {
    return this.#standing.presence;
  }

  /** Known once the gateway has told. */
  get limits(): Limits | undefined {
    return this.#writing.limits;
  }

  get nickname(): string {
    return this.#writing.nickname;
  }

  get draft(): string {
    return this.#writing.draft;
  }

  enter(): void {
    if (this.#standing.hasLeft) this.#endSession();
    this.#standing.enter();
    this.#connection.enter();
    this.#changed();
  }

  leave(): void {
    if (this.#standing.hasLeft) return;
    const mayFinish = this.presence.name === 'here' && !this.#outbox.isEmpty;
    this.#standing.leave();
    if (mayFinish) this.#stopWaiting = this.#effects.wait(LAST_WORDS, () => this.#goOut());
    else this.#goOut();
    this.#changed();
  }

  wake(): void {
    // The room may no longer ask for the code.
    if (this.presence.name === 'locked') this.#connection.enter();
    this.#connection.wake();
  }

  /** Another tab was given the code. */
  tokenChanged(): void {
    if (this.presence.name === 'locked' && this.#effects.hasToken()) this.enter();
  }

  /** The page is being hidden or closed, perhaps for ever. */
  sleep(): void {
    this.#keep();
    this.#connection.sleep();
  }

  /** Returns the lines for which there was no place. */
  say(text: string): string {
    this.reading.forgetUnreadLine();
    const refused = this.#writing.say(text);
    this.#changedForKeeps();
    return refused;
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
    this.#writing.setNickname(name);
    this.#nameMentions();
    this.#tellName();
    this.#changedForKeeps();
  }

  setDraft(draft: string): void {
    this.#writing.setDraft(draft);
    this.#keep();
  }

  /** Adds somebody's name to what is being written. */
  mention(name: string): void {
    this.setDraft(withMention(this.draft, name));
    this.#changed();
  }

  /** The tab is seen, or no longer is. */
  show(visible: boolean): void {
    if (!visible) this.#keep();
    this.reading.look({ visible });
  }

  hello(): ClientMessage {
    return {
      type: 'hello',
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.reading.cursor,
    };
  }

  connectionHeard(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'messages':
        this.reading.hear(message.messages);
        this.#arrive();
        break;
      case 'receipt':
        this.#outbox.settle(message);
        if (this.#standing.hasLeft && this.#outbox.isEmpty) this.#goOut();
        break;
      case 'room':
        this.#stand(message.state === 'open' ? message.you : null);
        this.#standing.findTrouble(message.trouble);
        break;
      case 'notice':
        this.reading.hearNotice(message);
        break;
      case 'notices-dropped':
        this.reading.hearDroppedNotices(message.bytes);
        break;
      case 'people':
        this.people.hearCount(message.count);
        break;
      case 'flood':
        this.reading.tell({ name: 'flood', from: message.from });
        break;
      case 'disk':
        this.#hearDisk(message.state);
        break;
      case 'error':
        this.#effects.warn(`The gateway refused a message: ${message.code}: ${message.message}`);
        break;
      case 'pong':
        return;
      default:
        message satisfies never;
    }
    this.#outbox.forgetLogged(this.reading.history.last);
    // Not worth a write: what comes often is kept when the page is hidden.
    if (message.type === 'notice') this.#changed();
    else if (message.type !== 'messages') this.#changedForKeeps();
    else if (!this.reading.isFarBehind) this.#changed();
  }

  connectionLost(code: number, hadOpened: boolean): void {
    this.#stopWaiting();
    this.#outbox.close();
    if (this.#standing.hasLeft || code === CLOSE.left) this.#endSession();
    else if (code === CLOSE.replaced) this.#yieldSession();
    else if (code === CLOSE.locked) this.#lock();
    else this.#lose(code, hadOpened);
    this.#changedForKeeps();
  }

  #goOut(): void {
    this.#stopWaiting();
    this.#connection.leave();
  }

  #onWelcome(welcome: Welcome): void {
    this.access.settle();
    this.#hasBeenIn = true;
    this.reading.welcome(welcome);
    this.#hearDisk(welcome.disk ?? 'working');
    this.#session = welcome.session;
    this.#writing.limits = welcome.limits;
    if (welcome.resumed) this.#outbox.resume();
    else this.#outbox.startAnew();
    this.#tellName();
    this.#stand(welcome.you);
    this.#arrive();
  }

  #hearDisk(state: Disk): void {
    if (state === this.#disk) return;
    this.#disk = state;
    this.reading.tell({ name: state === 'working' ? 'saved' : 'unsaved' });
  }

  /** People who have not spoken yet are here by name too. */
  #tellName(): void {
    this.#connection.send({ type: 'name', name: this.nickname });
  }

  #nameMentions(): void {
    const { presence, nickname } = this;
    this.reading.mentions.setNames(nickname, presence.name === 'here' ? presence.you : '');
  }

  /** Takes the place in the room that the gateway gave us, if it has one. */
  #stand(you: string | null): void {
    const { limits } = this.#writing;
    if (this.#standing.hasLeft || limits === undefined) return;
    if (you === null) {
      this.#outbox.close();
      this.#standing.loseRoom();
    } else if (this.#standing.arrive(you)) {
      this.#nameMentions();
      this.#arrive();
      this.#outbox.open(limits);
    }
  }

  /** Once the log has caught up the page is where it wanted to be. */
  #arrive(): void {
    if (this.reading.isCatchingUp) return;
    this.reading.returnToPlace();
    this.#standing.tellArrival();
  }

  /** Whatever became of the last words: there is nothing to come back for. */
  #endSession(): void {
    if (this.#connection.state !== 'away') this.#connection.leave();
    this.#standing.leave();
    this.#session = undefined;
    this.#stopWaiting();
    this.#outbox.close();
    this.#outbox.startAnew();
  }

  #lose(code: number, hadOpened: boolean): void {
    const why = REFUSALS[code];
    const isUnreached = !hadOpened && why === undefined;
    this.#standing.lose('lost', isUnreached && this.#isBlocked ? 'blocked' : why);
    if (isUnreached) void this.#findOutWhy();
  }

  get #isBlocked(): boolean {
    return this.presence.name === 'offline' && this.presence.why === 'blocked';
  }

  async #findOutWhy(): Promise<void> {
    const isBlocked = await this.#effects.isBlocked().catch(() => false);
    // Meanwhile another attempt may have been let in, or told why not.
    const isAnswered = this.presence.name !== 'offline' || (this.presence.why ?? 'blocked') !== 'blocked';
    if (isAnswered || isBlocked === this.#isBlocked) return;
    this.#standing.lose('lost', isBlocked ? 'blocked' : undefined);
    this.#changed();
  }

  /**
   * The code is another than when this tab was in, or it never was. What was read under the old code is forgotten, and
   * so is who read it: the next person at this device may be somebody else. Only what was being written stays, and only
   * in the page where it was written, for whoever sat there as the code changed; nothing of it is stored.
   */
  #lock(): void {
    this.#session = undefined;
    this.#standing.lock();
    // First: the log still tells which words have reached the room.
    this.#writing.takeBack();
    this.reading.forget();
    this.people.forget();
    if (!this.#hasBeenIn) this.#writing.forget();
    this.#nameMentions();
    this.access.lock();
    // Another tab has been given the new code.
    if (this.#effects.hasToken()) this.enter();
  }

  #yieldSession(): void {
    this.#session = undefined;
    this.#outbox.giveUpSession();
    this.#standing.lose('replaced');
  }

  #changed(): void {
    this.reading.refresh();
    this.#effects.changed();
  }

  #changedForKeeps(): void {
    this.#changed();
    this.#keep();
  }

  get #memory(): Memory {
    return {
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.reading.kept,
      ...this.#writing.kept,
    };
  }

  #keep(): void {
    keep(this.#effects.store, this.presence.name === 'locked' ? NOTHING : this.#memory);
  }
}
