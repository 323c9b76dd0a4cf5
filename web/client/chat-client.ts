import { CLOSE, type ClientMessage, type Limits, type ServerMessage } from '../../gateway/protocol.ts';
import {
  type Cancel,
  Connection,
  type ConnectionEffects,
  type ConnectionListener,
} from '../connection/connection.ts';
import { Outbox } from '../connection/outbox.ts';
import {
  EMPTY_STATE,
  loadTabState,
  type Store,
  saveTabState,
  type TabState,
} from '../connection/tab-storage.ts';
import { withMention } from '../timeline/mentions.ts';
import { Timeline, type TimelineEffects } from '../timeline/timeline.ts';
import { type ConnectionStatus, type JoinRefusal, StatusTracker } from './connection-status.ts';
import { Draft } from './draft.ts';
import { Login, type LoginEffects } from './login.ts';
import { PeopleList } from './people-list.ts';

/** How long words on their way may hold up a leave, ms. */
export const LEAVE_FLUSH_MS = 3_000;

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

const JOIN_REFUSALS: Record<number, JoinRefusal> = {
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
  readonly #draft: Draft;
  readonly #status: StatusTracker;
  /** Ends the wait for the last words. */
  #cancelLeaveTimer: Cancel = () => {};
  #session: string | undefined;
  /** Since it was loaded. */
  #hasJoined = false;
  #disk: Disk = 'working';

  constructor(effects: ChatClientEffects) {
    const memory = loadTabState(effects.store);
    const send = (id: string, text: string) => this.#connection.send({ type: 'say', id, text });
    this.#effects = effects;
    this.#session = memory.session;
    this.#connection = new Connection(effects, this);
    this.#outbox = new Outbox({ send, newId: effects.newId }, memory.says);
    this.#draft = new Draft(this.#outbox, effects.wallClockMs, memory);
    this.timeline = new Timeline({ ...effects, changed: () => this.#changed() }, this.#outbox, memory);
    this.people = new PeopleList(effects);
    this.login = new Login({
      postCode: effects.postCode,
      onEntered: () => this.join(),
      changed: () => this.#changed(),
    });
    this.#status = new StatusTracker((happening) => this.timeline.addEvent(happening));
    this.#updateMentions();
  }

  get status(): ConnectionStatus {
    return this.#status.status;
  }

  /** Known once the gateway has told. */
  get limits(): Limits | undefined {
    return this.#draft.limits;
  }

  get nickname(): string {
    return this.#draft.nickname;
  }

  get draft(): string {
    return this.#draft.draft;
  }

  join(): void {
    if (this.#status.hasLeft) this.#endSession();
    this.#status.enter();
    this.#connection.open();
    this.#changed();
  }

  leave(): void {
    if (this.#status.hasLeft) return;
    const mayFinish = this.status.name === 'here' && !this.#outbox.isEmpty;
    this.#status.leave();
    if (mayFinish)
      this.#cancelLeaveTimer = this.#effects.startTimer(LEAVE_FLUSH_MS, () => this.#finishLeaving());
    else this.#finishLeaving();
    this.#changed();
  }

  resume(): void {
    // The room may no longer ask for the code.
    if (this.status.name === 'locked') this.#connection.open();
    this.#connection.resume();
  }

  /** Another tab was given the code. */
  onTokenChanged(): void {
    if (this.status.name === 'locked' && this.#effects.hasToken()) this.join();
  }

  /** The page is being hidden or closed, perhaps for ever. */
  suspend(): void {
    this.#save();
    this.#connection.suspend();
  }

  /** Returns the lines for which there was no place. */
  send(text: string): string {
    this.timeline.clearUnreadMark();
    const refused = this.#draft.send(text);
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
    this.#draft.setNickname(name);
    this.#updateMentions();
    this.#sendName();
    this.#changedAndSave();
  }

  setDraft(draft: string): void {
    this.#draft.setDraft(draft);
    this.#save();
  }

  /** Adds somebody's name to what is being written. */
  mention(name: string): void {
    this.setDraft(withMention(this.draft, name));
    this.#changed();
  }

  /** The tab is seen, or no longer is. */
  setVisible(visible: boolean): void {
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
        this.timeline.append(message.messages);
        this.#onLogAppended();
        break;
      case 'receipt':
        this.#outbox.onReceipt(message);
        if (this.#status.hasLeft && this.#outbox.isEmpty) this.#finishLeaving();
        break;
      case 'room':
        this.#setAddress(message.state === 'open' ? message.you : null);
        this.#status.setTrouble(message.trouble);
        break;
      case 'notice':
        this.timeline.onNotice(message);
        break;
      case 'notices-dropped':
        this.timeline.onNoticesDropped(message.bytes);
        break;
      case 'people':
        this.people.onCount(message.count);
        break;
      case 'flood':
        this.timeline.addEvent({ name: 'flood', from: message.from });
        break;
      case 'disk':
        this.#onDisk(message.state);
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
    this.#cancelLeaveTimer();
    this.#outbox.close();
    if (this.#status.hasLeft || code === CLOSE.left) this.#endSession();
    else if (code === CLOSE.replaced) this.#giveUpSession();
    else if (code === CLOSE.locked) this.#lock();
    else this.#onConnectionLost(code, hadOpened);
    this.#changedAndSave();
  }

  #finishLeaving(): void {
    this.#cancelLeaveTimer();
    this.#connection.leave();
  }

  #onWelcome(welcome: Welcome): void {
    this.login.onAdmitted();
    this.#hasJoined = true;
    this.timeline.welcome(welcome);
    this.#onDisk(welcome.disk ?? 'working');
    this.#session = welcome.session;
    this.#draft.limits = welcome.limits;
    if (welcome.resumed) this.#outbox.resume();
    else this.#outbox.onNewSession();
    this.#sendName();
    this.#setAddress(welcome.you);
    this.#onLogAppended();
  }

  #onDisk(state: Disk): void {
    if (state === this.#disk) return;
    this.#disk = state;
    this.timeline.addEvent({ name: state === 'working' ? 'saved' : 'unsaved' });
  }

  /** People who have not spoken yet are here by name too. */
  #sendName(): void {
    this.#connection.send({ type: 'name', name: this.nickname });
  }

  #updateMentions(): void {
    const { status, nickname } = this;
    this.timeline.mentions.setNames(nickname, status.name === 'here' ? status.you : '');
  }

  /** Takes the place in the room that the gateway gave us, if it has one. */
  #setAddress(you: string | null): void {
    const { limits } = this.#draft;
    if (this.#status.hasLeft || limits === undefined) return;
    if (you === null) {
      this.#outbox.close();
      this.#status.loseRoom();
    } else if (this.#status.arrive(you)) {
      this.#updateMentions();
      this.#onLogAppended();
      this.#outbox.open(limits);
    }
  }

  /** Once the log has caught up the page is where it wanted to be. */
  #onLogAppended(): void {
    if (this.timeline.isCatchingUp) return;
    this.timeline.restorePlace();
    this.#status.announceArrival();
  }

  /** Whatever became of the last words: there is nothing to come back for. */
  #endSession(): void {
    if (this.#connection.state !== 'away') this.#connection.leave();
    this.#status.leave();
    this.#session = undefined;
    this.#cancelLeaveTimer();
    this.#outbox.close();
    this.#outbox.onNewSession();
  }

  #onConnectionLost(code: number, hadOpened: boolean): void {
    const why = JOIN_REFUSALS[code];
    const isUnreached = !hadOpened && why === undefined;
    this.#status.lose('lost', isUnreached && this.#isBlocked ? 'blocked' : why);
    if (isUnreached) void this.#findOfflineReason();
  }

  get #isBlocked(): boolean {
    return this.status.name === 'offline' && this.status.why === 'blocked';
  }

  async #findOfflineReason(): Promise<void> {
    const isBlocked = await this.#effects.isBlocked().catch(() => false);
    // Meanwhile another attempt may have been let in, or told why not.
    const isAnswered = this.status.name !== 'offline' || (this.status.why ?? 'blocked') !== 'blocked';
    if (isAnswered || isBlocked === this.#isBlocked) return;
    this.#status.lose('lost', isBlocked ? 'blocked' : undefined);
    this.#changed();
  }

  /**
   * The code is another than when this tab was in, or it never was. What was read under the old code is forgotten, and
   * so is who read it: the next person at this device may be somebody else. Only what was being written stays, and only
   * in the page where it was written, for whoever sat there as the code changed; nothing of it is stored.
   */
  #lock(): void {
    this.#session = undefined;
    this.#status.lock();
    // First: the log still tells which words have reached the room.
    this.#draft.restoreUnsent();
    this.timeline.reset();
    this.people.clear();
    if (!this.#hasJoined) this.#draft.clear();
    this.#updateMentions();
    this.login.requireCode();
    // Another tab has been given the new code.
    if (this.#effects.hasToken()) this.join();
  }

  #giveUpSession(): void {
    this.#session = undefined;
    this.#outbox.onSessionTaken();
    this.#status.lose('replaced');
  }

  #changed(): void {
    this.timeline.invalidate();
    this.#effects.changed();
  }

  #changedAndSave(): void {
    this.#changed();
    this.#save();
  }

  get #tabState(): TabState {
    return {
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.timeline.snapshot,
      ...this.#draft.snapshot,
    };
  }

  #save(): void {
    saveTabState(this.#effects.store, this.status.name === 'locked' ? EMPTY_STATE : this.#tabState);
  }
}
