import type { Outbox, OutgoingMessage } from '../../connection/outbox.ts';
import { OwnIds } from '../../connection/own-ids.ts';
import type { Entry, ServerMessage } from '../../gateway/protocol.ts';
import type { Effects } from '../client/effects.ts';
import type { ReadingPlace, TabState } from '../connection/tab-storage.ts';
import { History, LIVE_MAX_MESSAGES } from './history.ts';
import { HistoryApi } from './history-api.ts';
import { LocalItems, type PrivateNotice, type StatusEvent } from './local-items.ts';
import { Mentions } from './mentions.ts';
import { buildRows, type Row } from './rows.ts';
import { Search } from './search.ts';
import { Unread } from './unread.ts';

/** How many seen messages a reloaded page requests again. */
export const RESUME_MESSAGES = 300;

export interface TimelineEffects
  extends Pick<Effects, 'fetchJson' | 'startTimer' | 'wallClockMs' | 'changed'> {
  /** Reports a new message of another person. Entries from the history are not reported. */
  onArrival(entry: Entry, isMention: boolean): void;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** The content of the log view: a part of the room's log, merged with local items, and the reading position. */
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
  /** First entries of messages that hosts have hidden since the page was loaded. */
  readonly #hidden = new Set<number>();
  #epoch: string | undefined;
  /** Cursor until the first entry arrives. It is 0 in a room without messages. */
  #resumeFrom: number | undefined;
  /** Newest number at the gateway's last greeting. The log is catching up until that number. */
  #head: number | undefined;
  /** The gateway sends entries after this number. */
  #liveAfter = 0;
  /** Reading position, unless the reader is at the newest. */
  #place: ReadingPlace | undefined;
  /** Reading position to restore after a reload, once the log has caught up. */
  #placeToRestore: ReadingPlace | undefined;
  #rows: readonly Row[] | undefined;

  constructor(effects: TimelineEffects, outbox: Outbox, state: TabState) {
    const { startTimer, changed } = effects;
    const historyApi = new HistoryApi(effects);
    historyApi.revise = this.#revise;
    this.#historyApi = historyApi;
    this.#effects = effects;
    this.#outbox = outbox;
    this.#epoch = state.epoch;
    this.#localItems = new LocalItems(state.asides);
    this.#unread = new Unread(state.after ?? 0, state.unread, state.firstUnread);
    this.#ownIds = new OwnIds(state.names);
    this.history = new History({
      historyApi,
      changed,
      isOwn: (entry) => this.#ownIds.owns(entry),
      onFound: (entries) => {
        for (const entry of entries) this.#confirmOwn(entry);
      },
    });
    this.search = new Search({ historyApi, changed, startTimer });
    if (state.after !== undefined) this.#resumeAfter(state.after);
    this.#place = this.#placeToRestore = state.place;
    if (state.place !== undefined) this.#unread.update({ atNewest: false });
  }

  /** True while a request waits for the gateway's rate limit. */
  get isRateLimited(): boolean {
    return this.#historyApi.isRateLimited;
  }

  /** All rows in order. Returns the same array until something changes. */
  get rows(): readonly Row[] {
    this.#rows ??= buildRows(
      this.history.items,
      this.#localItems.within(this.history.range, this.#visibleMessages),
      this.#unread.first,
    );
    return this.#rows;
  }

  get unread(): number {
    return this.#unread.count;
  }

  /** Id of this page's session in the log. */
  get ownId(): string {
    return this.#ownIds.newest;
  }

  get isCatchingUp(): boolean {
    return this.#head === undefined || Math.max(this.history.last, this.#liveAfter) < this.#head;
  }

  /** Entries of a long catch-up are evicted at once, so they are not worth rendering. */
  get isFarBehind(): boolean {
    return (
      this.#unread.isAtNewest &&
      this.#head !== undefined &&
      this.#head - this.history.last > LIVE_MAX_MESSAGES
    );
  }

  /** Position from which the gateway resumes. It is empty before the first greeting. */
  get cursor(): { epoch?: string; after?: number } {
    const after = this.history.last || this.#resumeFrom;
    return this.#epoch === undefined ? {} : { epoch: this.#epoch, ...(after !== undefined && { after }) };
  }

  /** The part of the tab state that a reload restores. */
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

  welcome({ epoch, me, head, tail, after, host }: Welcome): void {
    this.#historyApi.isHost = host === true;
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

  /** Hosts have hidden the messages that begin with these entries. */
  hide(roots: readonly number[]): void {
    for (const root of roots) this.#hidden.add(root);
    this.history.revise(this.#revise);
    if (!this.#historyApi.isHost) this.search.drop((entry) => this.#isHidden(entry));
  }

  /** Hosts show these entries again. */
  show(entries: readonly Entry[]): void {
    const shown = new Map(entries.map((entry) => [entry.seq, entry]));
    for (const seq of shown.keys()) this.#hidden.delete(seq);
    this.history.revise((entry) => shown.get(entry.seq) ?? entry);
  }

  onNotice(notice: PrivateNotice): void {
    this.#localItems.addNotice(notice, this.#effects.wallClockMs(), this.history.last);
  }

  onNoticesDropped(bytes: number): void {
    this.#localItems.addDropped(bytes, this.#effects.wallClockMs(), this.history.last);
  }

  addEvent(event: StatusEvent): void {
    this.#localItems.addEvent(event, this.#effects.wallClockMs(), this.history.last);
  }

  /** Counts messages as unread while the newest is not visible. */
  setVisibility(visibility: { atNewest?: boolean; visible?: boolean }): void {
    if (this.#unread.update(visibility)) this.#effects.changed();
  }

  /** A person who writes has read everything before. */
  clearUnreadMark(): void {
    this.#unread.forgetFirst();
  }

  /** Takes the reading position; undefined at the newest. */
  setPlace(place: ReadingPlace | undefined): void {
    // Before the old position is restored, the page is at the newest only by accident.
    if (this.#placeToRestore === undefined) this.#place = place;
  }

  async restorePlace(): Promise<void> {
    const place = this.#placeToRestore;
    this.#placeToRestore = undefined;
    if (place === undefined || (await this.history.goTo({ ...place, isFound: false }))) return;
    this.setVisibility({ atNewest: true });
  }

  /** Marks the rows as stale. The next read rebuilds them. */
  invalidate(): void {
    if (!this.isCatchingUp) this.#localItems.settle(this.#outbox.messages, this.history.last);
    this.#rows = undefined;
  }

  /** The gateway has shown entries that the log does not have. The list stays until the log is read again. */
  onCorrected(): void {
    this.#epoch = undefined;
  }

  /** Forgets everything, as if the tab had never joined. */
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
    this.#hidden.clear();
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
    this.#confirmOwn(entry);
  }

  readonly #revise = (entry: Entry): Entry => {
    if (!this.#isHidden(entry) || entry.hidden) return entry;
    return { ...entry, hidden: true, ...(!this.#historyApi.isHost && { text: '' }) };
  };

  #isHidden({ seq, continues = seq }: Entry): boolean {
    return this.#hidden.has(seq) || this.#hidden.has(continues);
  }

  #onForeignEntry(entry: Entry): void {
    if (entry.note || entry.hidden) return;
    const isLate = entry.seq <= (this.#head ?? 0);
    this.#unread.append(entry, isLate);
    if (!isLate && !entry.gap) this.#effects.onArrival(entry, this.mentions.matches(entry.text));
  }

  /** An own message in the log needs no receipt. */
  #confirmOwn(entry: Entry): void {
    if (!this.#ownIds.owns(entry)) return;
    this.#outbox.confirmFromLog(entry);
    if (entry.said !== undefined) this.#localItems.onLogged(entry.said.id, entry.continues ?? entry.seq);
  }

  /** Outgoing messages are shown at the newest until the log contains them. */
  get #visibleMessages() {
    const { isLive, last } = this.history;
    const isInLog = ({ seq, state }: OutgoingMessage) =>
      seq !== undefined && seq <= last && state !== 'unconfirmed';
    return isLive ? this.#outbox.messages.filter((message) => !isInLog(message)) : [];
  }
}
