import { Connection, type ConnectionListener } from '../../connection/connection.ts';
import { Outbox } from '../../connection/outbox.ts';
import type { Cancel } from '../../connection/socket.ts';
import {
  CLOSE,
  type ClientMessage,
  type Limits,
  type Moderation,
  type ServerMessage,
} from '../../gateway/protocol.ts';
import { EMPTY_STATE, loadTabState, saveTabState, type TabState } from '../connection/tab-storage.ts';
import { withMention } from '../timeline/mentions.ts';
import { Timeline, type TimelineEffects } from '../timeline/timeline.ts';
import { type ConnectionStatus, type JoinRefusal, StatusTracker } from './connection-status.ts';
import { Draft } from './draft.ts';
import type { Effects, Store } from './effects.ts';
import { Identity } from './identity.ts';
import { Login } from './login.ts';
import { PeopleList } from './people-list.ts';

/** Longest time for which pending messages delay a leave. */
export const LEAVE_FLUSH_MS = 3_000;

export type ChatClientEffects = Effects &
  TimelineEffects & {
    /** Shared by all tabs of the browser. */
    personStore: Store;
  };

const JOIN_REFUSALS: Record<number, JoinRefusal> = {
  [CLOSE.full]: 'full',
  [CLOSE.crowded]: 'crowded',
  [CLOSE.foreign]: 'foreign',
};

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Disk = Extract<ServerMessage, { type: 'disk' }>['state'];

/** The root of the page's state: joins the room over one connection, reads the log and sends messages. */
export class ChatClient implements ConnectionListener {
  readonly timeline: Timeline;
  readonly login: Login;
  readonly people: PeopleList;
  readonly #effects: ChatClientEffects;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #draft: Draft;
  readonly #identity: Identity;
  readonly #status: StatusTracker;
  /** Cancels the wait for the last messages. */
  #cancelLeaveTimer: Cancel = () => {};
  #session: string | undefined;
  /** True once the page has joined since it was loaded. */
  #hasJoined = false;
  #disk: Disk = 'working';
  #moderation: Moderation | undefined;
  /** True for a host. Undefined in a room without hosts. */
  #isHost: boolean | undefined;
  #hasLab: boolean | undefined;
  /** Cancels the end of the silence; undefined while the page may send. */
  #silence: Cancel | undefined;

  constructor(effects: ChatClientEffects) {
    const identity = new Identity(effects);
    const saved = loadTabState(effects.store);
    const state = saved === EMPTY_STATE ? { ...saved, nickname: identity.nickname } : saved;
    const send = (id: string, text: string) => this.#connection.send({ type: 'say', id, text });
    this.#effects = effects;
    this.#identity = identity;
    this.#session = state.session;
    this.#connection = new Connection(effects, this);
    this.#outbox = new Outbox({ send, newId: effects.newId }, state.says);
    this.#draft = new Draft(this.#outbox, effects.wallClockMs, state);
    this.timeline = new Timeline({ ...effects, changed: () => this.#changed() }, this.#outbox, state);
    this.people = new PeopleList(effects);
    this.login = new Login({
      postCode: effects.postCode,
      onEntered: () => this.join(),
      changed: () => this.#changed(),
    });
    this.#status = new StatusTracker((event) => this.timeline.addEvent(event));
    this.#updateMentions();
  }

  get status(): ConnectionStatus {
    return this.#status.status;
  }

  /** The gateway's limits; undefined before its first greeting. */
  get limits(): Limits | undefined {
    return this.#draft.limits;
  }

  /** Id of the session; undefined before the gateway's greeting, and after leaving. */
  get session(): string | undefined {
    return this.#session;
  }

  get nickname(): string {
    return this.#draft.nickname;
  }

  get draft(): string {
    return this.#draft.draft;
  }

  /** State of the room that hosts set; undefined before the first greeting. */
  get moderation(): Moderation | undefined {
    return this.#moderation;
  }

  get isHost(): boolean | undefined {
    return this.#isHost;
  }

  /** The gateway offers this host the lab. */
  get hasLab(): boolean | undefined {
    return this.#hasLab;
  }

  /** Why the gateway would refuse a message now. The draft is kept. */
  get muted(): 'paused' | 'silenced' | undefined {
    if (this.#isHost || this.#status.hasLeft) return undefined;
    if (this.#silence) return 'silenced';
    return this.#moderation?.paused ? 'paused' : undefined;
  }

  /** Sends an act of a host. */
  act(message: ClientMessage): void {
    this.#connection.send(message);
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
    // The gateway may no longer require the passphrase.
    if (this.status.name === 'locked') this.#connection.open();
    this.#connection.resume();
  }

  /** Another tab has entered the passphrase. */
  onTokenChanged(): void {
    if (this.status.name === 'locked' && this.#effects.hasToken()) this.join();
  }

  /** Saves the state of a page that is hidden or closed, and disconnects. */
  suspend(): void {
    this.#save();
    this.#connection.suspend();
  }

  /** Returns the lines that did not fit into the outbox. */
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
    this.#identity.setNickname(this.nickname);
    this.#updateMentions();
    this.#sendName();
    this.#changedAndSave();
  }

  setDraft(draft: string): void {
    this.#draft.setDraft(draft);
    this.#save();
  }

  /** Appends a mention to the draft. */
  mention(name: string): void {
    this.setDraft(withMention(this.draft, name));
    this.#changed();
  }

  /** Puts a quoted line above the draft, because each line is a message. */
  quote(line: string): void {
    this.setDraft(`${line}\n${this.draft}`);
    this.#changed();
  }

  setVisible(visible: boolean): void {
    if (!visible) this.#save();
    this.timeline.setVisibility({ visible });
  }

  hello(): ClientMessage {
    return {
      type: 'hello',
      ...(this.#session !== undefined && { session: this.#session }),
      ...this.timeline.cursor,
      person: this.#identity.secret,
      ...(this.#moderation && { revision: this.#moderation.revision }),
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
        this.#status.setTrouble(message);
        this.#onRoomName(message.name);
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
      case 'moderation':
        this.#moderation = message;
        break;
      case 'hidden':
        this.timeline.hide(message.seqs);
        break;
      case 'shown':
        this.timeline.show(message.messages);
        break;
      case 'silenced':
        this.#onSilenced(message.seconds);
        break;
      case 'error':
        this.#effects.warn(`The gateway refused a message: ${message.code}: ${message.message}`);
        break;
      case 'seen':
      case 'pong':
        return;
      default:
        message satisfies never;
    }
    this.#outbox.dropLogged(this.timeline.history.last);
    // Frequent messages are not worth a write: a hidden page saves its state.
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
    this.#isHost = welcome.host;
    this.#hasLab = welcome.lab;
    this.#onSilenced(0);
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

  /** The room knows this person by another name, because the chosen one is taken there. */
  #onRoomName(name: string | undefined): void {
    if (name === undefined || name === this.nickname) return;
    this.#draft.setNickname(name);
    this.#updateMentions();
    this.timeline.addEvent({ name: 'renamed', you: name });
  }

  #onSilenced(seconds: number): void {
    this.#silence?.();
    this.#silence =
      seconds > 0 ? this.#effects.startTimer(1000 * seconds, () => this.#onSilenced(0)) : undefined;
    this.#changed();
  }

  #onDisk(state: Disk): void {
    if (state === this.#disk) return;
    this.#disk = state;
    this.timeline.addEvent({ name: state === 'working' ? 'saved' : 'unsaved' });
  }

  /** Sends the nickname on its own, so that the list of people shows it before the first message. */
  #sendName(): void {
    this.#connection.send({ type: 'name', name: this.nickname });
  }

  #updateMentions(): void {
    const { status, nickname } = this;
    this.timeline.mentions.setNames(nickname, status.name === 'here' ? status.you : '');
  }

  /** Takes the page's address in the room; null while the gateway has no connection to the room. */
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

  /** Restores the reading position once the log has caught up. */
  #onLogAppended(): void {
    if (this.timeline.isCatchingUp) return;
    this.timeline.restorePlace();
    this.#status.announceArrival();
  }

  /** Ends the session for good, whatever became of the last messages. */
  #endSession(): void {
    if (this.#connection.state !== 'away') this.#connection.leave();
    this.#status.leave();
    this.#session = undefined;
    this.#cancelLeaveTimer();
    this.#outbox.close();
    this.#outbox.onNewSession();
  }

  #onConnectionLost(code: number, hadOpened: boolean): void {
    if (code === CLOSE.corrected) this.timeline.onCorrected();
    const reason = JOIN_REFUSALS[code];
    const isUnreached = !hadOpened && reason === undefined;
    this.#status.lose('lost', isUnreached && this.#isBlocked ? 'blocked' : reason);
    if (isUnreached) void this.#findOfflineReason();
  }

  get #isBlocked(): boolean {
    return this.status.name === 'offline' && this.status.why === 'blocked';
  }

  async #findOfflineReason(): Promise<void> {
    const isBlocked = await this.#effects.isBlocked().catch(() => false);
    // Meanwhile another attempt may have succeeded or received a reason.
    const isAnswered = this.status.name !== 'offline' || (this.status.why ?? 'blocked') !== 'blocked';
    if (isAnswered || isBlocked === this.#isBlocked) return;
    this.#status.lose('lost', isBlocked ? 'blocked' : undefined);
    this.#changed();
  }

  /**
   * The gateway refused the token: the passphrase has changed, or was never entered. The log and the person's identity
   * are cleared, because the next person at this device may be another one. The draft stays in the page where it was
   * written, and is not stored.
   */
  #lock(): void {
    this.#session = undefined;
    this.#status.lock();
    // Before the log is cleared, because it shows which messages have reached the room.
    this.#draft.restoreUnsent();
    this.timeline.reset();
    this.people.clear();
    if (!this.#hasJoined) this.#draft.clear();
    this.#updateMentions();
    this.login.requireCode();
    // Another tab has entered the new passphrase.
    if (this.#effects.hasToken()) this.join();
    else this.#identity.clear();
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
