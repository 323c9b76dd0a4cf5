import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import { type Archive, type Excerpt, NotLetIn } from '../timeline/history-api.ts';
import { Log } from '../timeline/log-segment.ts';
import { composeLines, type Line } from '../timeline/rows.ts';

/** How often the log is looked at, ms: who reads from the back of a room does not notice. */
export const LOOK_EVERY = 1_000;
/** How often the room is asked after, in looks. */
export const ROOM_EVERY = 10;
/** What is shown, and most that is read at once, messages: more than a screen holds. */
export const SHOWN = 100;

/** How the projector stands to what it shows; locked: the room asks for a passphrase. */
export type Sight = 'opening' | 'live' | 'roomless' | 'offline' | 'locked';

export interface ProjectionEffects {
  archive: Archive;
  /** Does the gateway hear the room? Rejects when it is not known. */
  hearsRoom(): Promise<boolean>;
  wait(ms: number, then: () => void): Cancel;
  changed(): void;
}

/**
 * The newest of the room's log, for a wall. It is nobody in the room: without a WebSocket it has no voice, and reads
 * what the gateway keeps, again and again.
 */
export class Projection {
  readonly #effects: ProjectionEffects;
  readonly #log = new Log(() => false);
  #epoch: string | undefined;
  #sight: Sight = 'opening';
  #looks = 0;
  #isRoomOpen = false;
  #cancel: Cancel = () => {};
  #isOn = false;
  #lines: readonly Line[] = [];

  constructor(effects: ProjectionEffects) {
    this.#effects = effects;
  }

  get sight(): Sight {
    return this.#sight;
  }

  /** The same array until something changes. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  start(): void {
    this.#isOn = true;
    void this.#look();
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const sight = await this.#read().catch(sightAfter);
    if (!this.#isOn) return;
    if (sight !== this.#sight) {
      this.#sight = sight;
      this.#effects.changed();
    }
    this.#cancel = this.#effects.wait(LOOK_EVERY, () => void this.#look());
  }

  async #read(): Promise<Sight> {
    const { archive, hearsRoom } = this.#effects;
    const news =
      this.#epoch === undefined ? undefined : await archive.read({ after: this.#log.last, limit: SHOWN });
    if (news?.epoch === this.#epoch && news?.more === false) this.#show(news.messages);
    else this.#showAnew(await archive.read({ limit: SHOWN }));
    if (this.#sight === 'offline' || this.#sight === 'locked') this.#looks = 0;
    if (this.#looks++ % ROOM_EVERY === 0) this.#isRoomOpen = await hearsRoom();
    return this.#isRoomOpen ? 'live' : 'roomless';
  }

  /** Another log, or so much of it at once that nobody would read it all. */
  #showAnew({ epoch, messages }: Excerpt): void {
    this.#epoch = epoch;
    this.#log.restart();
    this.#lines = [];
    this.#show(messages);
  }

  #show(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) this.#log.hear(entry);
    this.#log.dropOldest(SHOWN);
    this.#lines = composeLines(this.#log.items, []);
    this.#effects.changed();
  }
}

function sightAfter(error: unknown): Sight {
  return error instanceof NotLetIn ? 'locked' : 'offline';
}
