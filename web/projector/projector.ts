import type { Cancel } from '../../connection/socket.ts';
import type { Entry, Moderation } from '../../gateway/protocol.ts';
import { type HistoryApi, UnauthorizedError } from '../timeline/history-api.ts';
import { LogSegment } from '../timeline/log-segment.ts';
import { buildRows, type Row } from '../timeline/rows.ts';

/** Interval between two reads of the log. Readers at the back of a room do not notice the delay. */
export const REFRESH_MS = 1_000;
/** Refreshes between two checks of the room. */
export const REFRESHES_PER_ROOM_CHECK = 10;
/** Limit of shown messages and of one request. It is more than a screen holds. */
export const MAX_SHOWN_MESSAGES = 100;

/** State of the projector. `locked` means that the room requires a passphrase. */
export type ProjectorStatus = 'opening' | 'live' | 'roomless' | 'offline' | 'locked';

export interface ProjectorEffects {
  historyApi: HistoryApi;
  /** Resolves to whether the gateway is connected to the room. Rejects when that is unknown. */
  hearsRoom(): Promise<boolean>;
  /** Resolves to the number of people in the room. */
  countPeople(): Promise<number>;
  /** Resolves to the state that hosts set. */
  readModeration(): Promise<Moderation>;
  startTimer(ms: number, then: () => void): Cancel;
  changed(): void;
}

/**
 * Polls the newest messages for a large screen. It opens no WebSocket, so it has no voice in the room.
 *
 *     live <--toggleFreeze--> frozen: the rows stay, and new messages are counted
 */
export class Projector {
  readonly #effects: ProjectorEffects;
  readonly #log = new LogSegment(() => false);
  #epoch: string | undefined;
  #status: ProjectorStatus = 'opening';
  #refreshCount = 0;
  #isRoomOpen = false;
  #cancel: Cancel = () => {};
  #isOn = false;
  #rows: readonly Row[] = [];
  #people: number | undefined;
  /** Rows of a frozen screen, and the newest message of that moment. */
  #frozen: { rows: readonly Row[]; last: number } | undefined;
  #moderation: Moderation | undefined;

  constructor(effects: ProjectorEffects) {
    this.#effects = effects;
  }

  get status(): ProjectorStatus {
    return this.#status;
  }

  /** The array is the same object until it changes. */
  get rows(): readonly Row[] {
    return this.#frozen?.rows ?? this.#rows;
  }

  /** Number of people in the room, if known. */
  get people(): number | undefined {
    return this.#people;
  }

  get isFrozen(): boolean {
    return this.#frozen !== undefined;
  }

  /** Messages that came since the screen was frozen. */
  get newMessages(): number {
    const { last } = this.#frozen ?? { last: Number.POSITIVE_INFINITY };
    return this.#log.items.filter(({ kind, seq }) => kind === 'message' && seq > last).length;
  }

  toggleFreeze(): void {
    this.#frozen = this.#frozen === undefined ? { rows: this.#rows, last: this.#log.last } : undefined;
    this.#effects.changed();
  }

  /** State of the room that hosts set; undefined before the first answer. */
  get moderation(): Moderation | undefined {
    return this.#moderation;
  }

  start(): void {
    this.#isOn = true;
    void this.#refresh();
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel();
  }

  async #refresh(): Promise<void> {
    const status = await this.#read().catch(statusAfter);
    if (!this.#isOn) return;
    if (status !== this.#status) {
      this.#status = status;
      this.#effects.changed();
    }
    this.#cancel = this.#effects.startTimer(REFRESH_MS, () => void this.#refresh());
  }

  async #read(): Promise<ProjectorStatus> {
    const { historyApi } = this.#effects;
    const newer =
      this.#epoch === undefined
        ? undefined
        : await historyApi.read({ after: this.#log.last, limit: MAX_SHOWN_MESSAGES });
    // After an act of a host, a shown message may be hidden, or a hidden one shown again.
    const isSame = newer?.epoch === this.#epoch && newer?.revision === this.#moderation?.revision;
    if (isSame && newer?.more === false) this.#show(newer.messages);
    else await this.#restart();
    if (this.#status === 'offline' || this.#status === 'locked') this.#refreshCount = 0;
    if (this.#refreshCount++ % REFRESHES_PER_ROOM_CHECK === 0) await this.#checkRoom();
    return this.#isRoomOpen ? 'live' : 'roomless';
  }

  async #checkRoom(): Promise<void> {
    const { hearsRoom, countPeople, changed } = this.#effects;
    this.#isRoomOpen = await hearsRoom();
    this.#people = await countPeople();
    changed();
  }

  /** Replaces the messages: the log is another one, or the projector fell too far behind. */
  async #restart(): Promise<void> {
    const { historyApi, readModeration } = this.#effects;
    // Read first, so that an act in between shows in the next comparison.
    this.#moderation = await readModeration();
    const { epoch, messages } = await historyApi.read({ limit: MAX_SHOWN_MESSAGES });
    const frozen = epoch === this.#epoch ? await this.#readFrozen() : undefined;
    this.#epoch = epoch;
    this.#log.restart();
    this.#rows = [];
    this.#frozen &&= frozen;
    this.#show(messages);
    this.#effects.changed();
  }

  /** Reads a frozen screen again, because a message that a host has hidden disappears from it too. */
  async #readFrozen(): Promise<{ rows: readonly Row[]; last: number } | undefined> {
    if (this.#frozen === undefined) return undefined;
    const { last } = this.#frozen;
    const range = { before: last + 1, limit: MAX_SHOWN_MESSAGES };
    const log = new LogSegment(() => false);
    for (const entry of (await this.#effects.historyApi.read(range)).messages) log.append(entry);
    return { last, rows: buildRows(log.items, []) };
  }

  #show(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) this.#log.append(entry);
    this.#log.dropOldest(MAX_SHOWN_MESSAGES);
    this.#rows = buildRows(this.#log.items, []);
    this.#effects.changed();
  }
}

function statusAfter(error: unknown): ProjectorStatus {
  return error instanceof UnauthorizedError ? 'locked' : 'offline';
}
