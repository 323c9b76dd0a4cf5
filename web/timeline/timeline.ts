import type { Entry, ServerMessage } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import type { Outbox, OutgoingMessage } from '../connection/outbox.ts';
import { OwnIds } from '../connection/own-ids.ts';
import type { ReadingPlace, TabState } from '../connection/tab-storage.ts';
import { History, LIVE_MAX_MESSAGES } from './history.ts';
import { type FetchJson, HistoryApi } from './history-api.ts';
import { LocalItems } from './local-items.ts';
import { Mentions } from './mentions.ts';
import { buildRows, type Row } from './rows.ts';
import { Search } from './search.ts';
import type { PrivateNotice, StatusEvent } from './status-notes.ts';
import { Unread } from './unread.ts';

/** How much of what it had already seen a reloaded page asks for again, messages. */
export const RESUME_MESSAGES = 300;

export interface TimelineEffects {
  fetchJson: FetchJson;
  startTimer(ms: number, then: () => void): Cancel;
  /** Milliseconds since 1970, for what is shown with a time. */
  wallClockMs(): number;
  changed(): void;
  /** Somebody else said this just now; what is read from the past is no news. */
  onArrival(entry: Entry, isMention: boolean): void;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** What the person reads: a part of the room's log, with what is told beside it, from where it was left. */
export class Timeline {
  readonly history: History;
  readonly search: Search;
  readonly mentions = new Mentions();
  readonly #effects: TimelineEffects;
  readonly #historyApi: HistoryApi;
  readonly #outbox: Outbox;
  readonly #localItems: LocalItems;
  readonly #unread: Unread;
  readonly #ownIds: OwnIds;
  #epoch: string | undefined;
  /** Where the page reads on from until it has heard something: also from 0, in a room that was silent. */
  #resumeFrom: number | undefined;
  /** Newest number when the gateway last greeted us: up to there the log is catching up. */
  #head: number | undefined;
  /** What the gateway sends begins after this number. */
  #liveAfter = 0;
  /** What is being read, when it is not the newest. */
  #place: ReadingPlace | undefined;
  /** A reloaded page is led back there once the log has caught up. */
  #placeToRestore: ReadingPlace | undefined;
  #lines: readonly Row[] | undefined;

  constructor(effects: TimelineEffects, outbox: Outbox, memory: TabState) {
    const { startTimer, changed } = effects;
    const historyApi = new HistoryApi(effects);
    this.#historyApi = historyApi;
    this.#effects = effects;
    this.#outbox = outbox;
    this.#epoch = memory.epoch;
    this.#localItems = new LocalItems(memory.asides);
    this.#unread = new Unread(memory.after ?? 0, memory.unread, memory.firstUnread);
    this.#ownIds = new OwnIds(memory.names);
    this.history = new History({
      historyApi,
      changed,
      isOwn: (entry) => this.#ownIds.owns(entry),
      onFound: (entries) => {
        for (const entry of entries) this.#onOwnEntry(entry);
      },
    });
    this.search = new Search({ historyApi, changed, startTimer });
    if (memory.after !== undefined) this.#resumeAfter(memory.after);
    this.#place = this.#placeToRestore = memory.place;
    if (memory.place !== undefined) this.#unread.update({ atNewest: false });
  }

  /** The gateway wants to be asked less. */
  get isRateLimited(): boolean {
    return this.#historyApi.isRateLimited;
  }

  /** All there is to show, in order. The same array until something changes. */
  get rows(): readonly Row[] {
    this.#lines ??= buildRows(
      this.history.items,
      this.#localItems.within(this.history.range, this.#visibleMessages),
      this.#unread.first,
    );
    return this.#lines;
  }

  get unread(): number {
    return this.#unread.count;
  }

  /** This page's own name in the log. */
  get ownId(): string {
    return this.#ownIds.newest;
  }

  get isCatchingUp(): boolean {
    return this.#head === undefined || Math.max(this.history.last, this.#liveAfter) < this.#head;
  }

  /** What comes in now will not stay: it is not worth drawing. */
  get isFarBehind(): boolean {
    return (
      this.#unread.isAtNewest &&
      this.#head !== undefined &&
      this.#head - this.history.last > LIVE_MAX_MESSAGES
    );
  }

  /** Where the gateway is to go on, once there is a log to go on in. */
  get cursor(): { epoch?: string; after?: number } {
    const after = this.history.last || this.#resumeFrom;
    return this.#epoch === undefined ? {} : { epoch: this.#epoch, ...(after !== undefined && { after }) };
  }

  /** What a reload should find again. */
  get snapshot(): Pick<
    TabState,
    'epoch' | 'after' | 'unread' | 'firstUnread' | 'place' | 'names' | 'asides'
  > {
    return {
      ...(this.#epoch !== undefined && { epoch: this.#epoch }),
      after: Math.max(this.history.last, this.#unread.newsAfter),
      unread: this.#unread.count,
      ...(this.#unread.first !== undefined && { firstUnread: this.#unread.first }),
      ...(this.#place !== undefined && { place: this.#place }),
      names: this.#ownIds.all,
      asides: this.#localItems.snapshot,
    };
  }

  welcome({ epoch, me, head, tail, after }: Welcome): void {
    if (epoch !== this.#epoch) this.#startLog(head);
    this.#epoch = epoch;
    this.#head = head;
    this.#liveAfter = after;
    this.history.welcome(epoch, tail);
    if (after === head) this.history.startAfter(head);
    this.#ownIds.add(me);
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) this.#appendEntry(entry);
    this.history.trim(this.#unread.isAtNewest);
  }

  onNotice(words: PrivateNotice): void {
    this.#localItems.addNotice(words, this.#effects.wallClockMs(), this.history.last);
  }

  onNoticesDropped(bytes: number): void {
    this.#localItems.addDropped(bytes, this.#effects.wallClockMs(), this.history.last);
  }

  addEvent(happening: StatusEvent): void {
    this.#localItems.addEvent(happening, this.#effects.wallClockMs(), this.history.last);
  }

  /** What the person can see: words that arrive unseen are counted. */
  setVisibility(sight: { atNewest?: boolean; visible?: boolean }): void {
    if (this.#unread.update(sight)) this.#effects.changed();
  }

  /** Who writes has read what there was. */
  clearUnreadMark(): void {
    this.#unread.forgetFirst();
  }

  /** Undefined at the newest. */
  setPlace(place: ReadingPlace | undefined): void {
    // Before it was led back, the page stands at the newest only for want of what was read.
    if (this.#placeToRestore === undefined) this.#place = place;
  }

  async restorePlace(): Promise<void> {
    const place = this.#placeToRestore;
    this.#placeToRestore = undefined;
    if (place === undefined || (await this.history.goTo({ ...place, isFound: false }))) return;
    this.setVisibility({ atNewest: true });
  }

  /** Something changed: the lines are composed anew when they are next asked for. */
  invalidate(): void {
    if (!this.isCatchingUp) this.#localItems.settle(this.#outbox.messages, this.history.last);
    this.#lines = undefined;
  }

  /** As if it had never been in. */
  reset(): void {
    this.#epoch = this.#head = this.#place = undefined;
    this.#startLog(0);
    this.#ownIds.clear();
    this.#resumeFrom = undefined;
    this.#unread.update({ atNewest: true });
  }

  #startLog(head: number): void {
    this.history.restart();
    this.search.clear();
    this.#localItems.clear();
    this.#outbox.onNewLog();
    this.#resumeAfter(head);
    this.#placeToRestore = undefined;
    this.#unread.restart(head);
    if (this.#epoch !== undefined) this.addEvent({ name: 'restarted' });
  }

  #resumeAfter(seen: number): void {
    this.#resumeFrom = Math.max(0, seen - RESUME_MESSAGES);
    this.history.setSeen(seen);
  }

  #appendEntry(entry: Entry): void {
    if (!this.history.append(entry)) return;
    if (!this.#ownIds.owns(entry)) this.#onForeignEntry(entry);
    this.#onOwnEntry(entry);
  }

  #onForeignEntry(entry: Entry): void {
    const isLate = entry.seq <= (this.#head ?? 0);
    this.#unread.append(entry, isLate);
    if (!isLate && !entry.gap) this.#effects.onArrival(entry, this.mentions.matches(entry.text));
  }

  /** Words of ours that the log holds need no other proof. */
  #onOwnEntry(entry: Entry): void {
    if (!this.#ownIds.owns(entry)) return;
    this.#outbox.confirmFromLog(entry);
    if (entry.said !== undefined) this.#localItems.onLogged(entry.said.id, entry.continues ?? entry.seq);
  }

  /** Words on their way are shown where the newest is, until the log shows them itself. */
  get #visibleMessages() {
    const { isLive, last } = this.history;
    const isInLog = ({ seq, state }: OutgoingMessage) =>
      seq !== undefined && seq <= last && state !== 'unconfirmed';
    return isLive ? this.#outbox.messages.filter((say) => !isInLog(say)) : [];
  }
}
