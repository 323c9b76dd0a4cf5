import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../client/effects.ts';
import { type HistoryApi, type HistoryPage, UnauthorizedError } from '../timeline/history-api.ts';
import { LogSegment } from '../timeline/log-segment.ts';
import { buildRows, type Row } from '../timeline/rows.ts';

/** How often the log is looked at, ms: who reads from the back of a room does not notice. */
export const REFRESH_MS = 1_000;
/** How often the room is asked after, in looks. */
export const ROOM_CHECK_EVERY_REFRESHES = 10;
/** What is shown, and most that is read at once, messages: more than a screen holds. */
export const MAX_SHOWN_MESSAGES = 100;

/** How the projector stands to what it shows; locked: the room asks for a passphrase. */
export type ProjectorStatus = 'opening' | 'live' | 'roomless' | 'offline' | 'locked';

export interface ProjectorEffects {
  historyApi: HistoryApi;
  /** Does the gateway hear the room? Rejects when it is not known. */
  hearsRoom(): Promise<boolean>;
  startTimer(ms: number, then: () => void): Cancel;
  changed(): void;
}

/**
 * The newest of the room's log, for a wall. It is nobody in the room: without a WebSocket it has no voice, and reads
 * what the gateway keeps, again and again.
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

  constructor(effects: ProjectorEffects) {
    this.#effects = effects;
  }

  get status(): ProjectorStatus {
    return this.#status;
  }

  /** The same array until something changes. */
  get rows(): readonly Row[] {
    return this.#rows;
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
    const { historyApi, hearsRoom } = this.#effects;
    const newer =
      this.#epoch === undefined
        ? undefined
        : await historyApi.read({ after: this.#log.last, limit: MAX_SHOWN_MESSAGES });
    if (newer?.epoch === this.#epoch && newer?.more === false) this.#show(newer.messages);
    else this.#restart(await historyApi.read({ limit: MAX_SHOWN_MESSAGES }));
    if (this.#status === 'offline' || this.#status === 'locked') this.#refreshCount = 0;
    if (this.#refreshCount++ % ROOM_CHECK_EVERY_REFRESHES === 0) this.#isRoomOpen = await hearsRoom();
    return this.#isRoomOpen ? 'live' : 'roomless';
  }

  /** Another log, or so much of it at once that nobody would read it all. */
  #restart({ epoch, messages }: HistoryPage): void {
    this.#epoch = epoch;
    this.#log.restart();
    this.#rows = [];
    this.#show(messages);
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
