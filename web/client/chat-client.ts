import { CLOSE, type ClientMessage, type Limits, type ServerMessage } from '../../gateway/protocol.ts';
import {
  type Cancel,
  Connection,
  type ConnectionEffects,
  type ConnectionListener,
} from '../connection/connection.ts';
import { Outbox } from '../connection/outbox.ts';
import { loadTabState, NOTHING, type Store, saveTabState, type TabState } from '../connection/tab-storage.ts';
import { withMention } from '../timeline/mentions.ts';
import { Timeline, type TimelineEffects } from '../timeline/timeline.ts';
import { type ConnectionStatus, type JoinRefusal, StatusTracker } from './connection-status.ts';
import { Draft } from './draft.ts';
import { Login, type LoginEffects } from './login.ts';
import { PeopleList } from './people-list.ts';

/** How long words on their way may hold up a leave, ms. */
export const LAST_WORDS = 3_000;

export interface ChatClientEffects extends ConnectionEffects, TimelineEffects {
  newId(): string;
  postCode: LoginEffects['postCode'];
  /** There is a proof of entry that the gateway has not refused. */
  hasToken(): boolean;
  /** Does the gateway answer over HTTP where its WebSocket does not open? Rejects when it does not. */
  isBlocked(): Promise<boolean>;
  store: Store;
  warn(text: string): void;
}

const REFUSALS: Record<number, JoinRefusal> = {
  [CLOSE.full]: 'full',
  [CLOSE.crowded]: 'crowded',
  [CLOSE.foreign]: 'foreign',
};

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Disk = Extract<ServerMessage, { type: 'disk' }>['state'];

/** One page's visit to the room: over one connection it stands somewhere, reads, and writes. */
export class ChatClient implements ConnectionListener {
  readonly timeline: Timeline;
  readonly login: Login;
  readonly people: PeopleList;
  readonly #effects: ChatClientEffects;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #draftBox: Draft;
  readonly #statusTracker: StatusTracker;
  /** Ends the wait for the last words. */
  #stopWaiting: Cancel = () => {};
  #session: string | undefined;
  /** Since it was loaded. */
  #hasBeenIn = false;
  #disk: Disk = 'working';

  constructor(effects: ChatClientEffects) {
    const memory = loadTabState(effects.store);
    const send = (id: string, text: string) => this.#connection.send({ type: 'say', id, text });
    this.#effects = effects;
    this.#session = memory.session;
    this.#connection = new Connection(effects, this);
    this.#outbox = new Outbox({ send, newId: effects.newId }, memory.says);
    this.#draftBox = new Draft(this.#outbox, effects.today, memory);
    this.timeline = new Timeline({ ...effects, changed: () => this.#changed() }, this.#outbox, memory);
    this.people = new PeopleList(effects);
    this.login = new Login({
      postCode: effects.postCode,
      entered: () => this.join(),
      changed: () => this.#changed(),
    });
    this.#statusTracker = new StatusTracker((happening) => this.timeline.tell(happening));
    this.#nameMentions();
  }

  get status(): ConnectionStatus {
    return this.#statusTracker.status;
  }

  /** Known once the gateway has told. */
  get limits(): Limits | undefined {
    return this.#draftBox.limits;
  }

  get nickname(): string {
    return this.#draftBox.nickname;
  }

  get draft(): string {
    return this.#draftBox.draft;
  }

  join(): void {
    if (this.#statusTracker.hasLeft) this.#endSession();
    this.#statusTracker.enter();
    this.#connection.open();
    this.#changed();
  }

  leave(): void {
    if (this.#statusTracker.hasLeft) return;
    const mayFinish = this.status.name === 'here' && !this.#outbox.isEmpty;
    this.#statusTracker.leave();
    if (mayFinish) this.#stopWaiting = this.#effects.startTimer(LAST_WORDS, () => this.#goOut());
    else this.#goOut();
    this.#changed();
  }

  resume(): void {
    // The room may no longer ask for the code.
    if (this.status.name === 'locked') this.#connection.open();
    this.#connection.wake();
  }

  /** Another tab was given the code. */
  tokenChanged(): void {
    if (this.status.name === 'locked' && this.#effects.hasToken()) this.join();
  }

  /** The page is being hidden or closed, perhaps for ever. */
  suspend(): void {
    this.#save();
    this.#connection.suspend();
  }

  /** Returns the lines for which there was no place. */
  send(text: string): string {
    this.timeline.forgetUnreadLine();
    const refused = this.#draftBox.send(text);
    this.#changedAndSave();
    return refused;
  }

  sendAgain(id: string): void {
    this.#outbox.sendAgain(id);
    this.#changedAndSave();
  }

  discard(id: string): void {
    this.#outbox.discard(id);
    this.#changedAndSave();
  }

  setNickname(name: string): void {
    this.#draftBox.setNickname(name);
    this.#nameMentions();
    this.#sendName();
    this.#changedAndSave();
  }

  setDraft(draft: string): void {
    this.#draftBox.setDraft(draft);
    this.#save();
  }

  /** Adds somebody's name to what is being written. */
  mention(name: string): void {
    this.setDraft(withMention(this.draft, name));
    this.#changed();
  }

  /** The tab is seen, or no longer is. */
  show(visible: boolean): void {
    if (!visible) this.#save();
    this.timeline.setVisibility({ visible });
  }

  hello(): ClientMessage {
    return {
      type: 'hello',
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.timeline.cursor,
    };
  }

  onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#onWelcome(message);
        break;
      case 'messages':
        this.timeline.hear(message.messages);
        this.#arrive();
        break;
      case 'receipt':
        this.#outbox.settle(message);
        if (this.#statusTracker.hasLeft && this.#outbox.isEmpty) this.#goOut();
        break;
      case 'room':
        this.#stand(message.state === 'open' ? message.you : null);
        this.#statusTracker.findTrouble(message.trouble);
        break;
      case 'notice':
        this.timeline.hearNotice(message);
        break;
      case 'notices-dropped':
        this.timeline.hearDroppedNotices(message.bytes);
        break;
      case 'people':
        this.people.onCount(message.count);
        break;
      case 'flood':
        this.timeline.tell({ name: 'flood', from: message.from });
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
    this.#outbox.forgetLogged(this.timeline.history.last);
    // Not worth a write: what comes often is kept when the page is hidden.
    if (message.type === 'notice') this.#changed();
    else if (message.type !== 'messages') this.#changedAndSave();
    else if (!this.timeline.isFarBehind) this.#changed();
  }

  onLost(code: number, hadOpened: boolean): void {
    this.#stopWaiting();
    this.#outbox.close();
    if (this.#statusTracker.hasLeft || code === CLOSE.left) this.#endSession();
    else if (code === CLOSE.replaced) this.#yieldSession();
    else if (code === CLOSE.locked) this.#lock();
    else this.#lose(code, hadOpened);
    this.#changedAndSave();
  }

  #goOut(): void {
    this.#stopWaiting();
    this.#connection.leave();
  }

  #onWelcome(welcome: Welcome): void {
    this.login.settle();
    this.#hasBeenIn = true;
    this.timeline.welcome(welcome);
    this.#hearDisk(welcome.disk ?? 'working');
    this.#session = welcome.session;
    this.#draftBox.limits = welcome.limits;
    if (welcome.resumed) this.#outbox.resume();
    else this.#outbox.onNewSession();
    this.#sendName();
    this.#stand(welcome.you);
    this.#arrive();
  }

  #hearDisk(state: Disk): void {
    if (state === this.#disk) return;
    this.#disk = state;
    this.timeline.tell({ name: state === 'working' ? 'saved' : 'unsaved' });
  }

  /** People who have not spoken yet are here by name too. */
  #sendName(): void {
    this.#connection.send({ type: 'name', name: this.nickname });
  }

  #nameMentions(): void {
    const { status, nickname } = this;
    this.timeline.mentions.setNames(nickname, status.name === 'here' ? status.you : '');
  }

  /** Takes the place in the room that the gateway gave us, if it has one. */
  #stand(you: string | null): void {
    const { limits } = this.#draftBox;
    if (this.#statusTracker.hasLeft || limits === undefined) return;
    if (you === null) {
      this.#outbox.close();
      this.#statusTracker.loseRoom();
    } else if (this.#statusTracker.arrive(you)) {
      this.#nameMentions();
      this.#arrive();
      this.#outbox.open(limits);
    }
  }

  /** Once the log has caught up the page is where it wanted to be. */
  #arrive(): void {
    if (this.timeline.isCatchingUp) return;
    this.timeline.returnToPlace();
    this.#statusTracker.tellArrival();
  }

  /** Whatever became of the last words: there is nothing to come back for. */
  #endSession(): void {
    if (this.#connection.state !== 'away') this.#connection.leave();
    this.#statusTracker.leave();
    this.#session = undefined;
    this.#stopWaiting();
    this.#outbox.close();
    this.#outbox.onNewSession();
  }

  #lose(code: number, hadOpened: boolean): void {
    const why = REFUSALS[code];
    const isUnreached = !hadOpened && why === undefined;
    this.#statusTracker.lose('lost', isUnreached && this.#isBlocked ? 'blocked' : why);
    if (isUnreached) void this.#findOutWhy();
  }

  get #isBlocked(): boolean {
    return this.status.name === 'offline' && this.status.why === 'blocked';
  }

  async #findOutWhy(): Promise<void> {
    const isBlocked = await this.#effects.isBlocked().catch(() => false);
    // Meanwhile another attempt may have been let in, or told why not.
    const isAnswered = this.status.name !== 'offline' || (this.status.why ?? 'blocked') !== 'blocked';
    if (isAnswered || isBlocked === this.#isBlocked) return;
    this.#statusTracker.lose('lost', isBlocked ? 'blocked' : undefined);
    this.#changed();
  }

  /**
   * The code is another than when this tab was in, or it never was. What was read under the old code is forgotten, and
   * so is who read it: the next person at this device may be somebody else. Only what was being written stays, and only
   * in the page where it was written, for whoever sat there as the code changed; nothing of it is stored.
   */
  #lock(): void {
    this.#session = undefined;
    this.#statusTracker.lock();
    // First: the log still tells which words have reached the room.
    this.#draftBox.takeBack();
    this.timeline.forget();
    this.people.forget();
    if (!this.#hasBeenIn) this.#draftBox.forget();
    this.#nameMentions();
    this.login.requireCode();
    // Another tab has been given the new code.
    if (this.#effects.hasToken()) this.join();
  }

  #yieldSession(): void {
    this.#session = undefined;
    this.#outbox.giveUpSession();
    this.#statusTracker.lose('replaced');
  }

  #changed(): void {
    this.timeline.invalidate();
    this.#effects.changed();
  }

  #changedAndSave(): void {
    this.#changed();
    this.#save();
  }

  get #memory(): TabState {
    return {
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.timeline.snapshot,
      ...this.#draftBox.snapshot,
    };
  }

  #save(): void {
    saveTabState(this.#effects.store, this.status.name === 'locked' ? NOTHING : this.#memory);
  }
}
