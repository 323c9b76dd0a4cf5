import type { RoomTrouble } from '../../gateway/protocol.ts';
import type { StatusEvent } from '../timeline/local-items.ts';

/** Reason of a refused connection. `blocked`: HTTP works and WebSocket upgrades do not. */
export type JoinRefusal = 'full' | 'crowded' | 'foreign' | 'blocked';

/** Why the gateway can't read the room, and the setting that would probably help. */
export interface Trouble {
  trouble?: RoomTrouble;
  setting?: string;
}

/** The page's connection to the room. */
export type ConnectionStatus =
  | { name: 'entering' }
  /** `trouble`: the gateway can't read the room, so messages of others do not arrive. */
  | ({ name: 'here'; you: string } & Trouble)
  /** The gateway answers, but the room does not. */
  | ({ name: 'roomless' } & Trouble)
  /** `why`: the gateway's reason. Without it, the gateway was not reached. */
  | { name: 'offline'; why?: JoinRefusal }
  /** The gateway requires the room's passphrase. */
  | { name: 'locked' }
  | { name: 'left' };

/**
 * Tracks the connection status and adds its changes to the log: joining and losing the room, not every attempt.
 *
 *     entering --arrive--> here --loseRoom--> roomless
 *        ^  |               | ^------arrive------+
 *        |  +----lose-------+--> offline --arrive--> here
 *        +----enter---- left <--leave-- (any)
 */
export class StatusTracker {
  readonly #emit: (event: StatusEvent) => void;
  #status: ConnectionStatus = { name: 'entering' };
  #hasJoined = false;
  /** An event that waits until the log has caught up. */
  #arrival: StatusEvent | undefined;

  constructor(emit: (event: StatusEvent) => void) {
    this.#emit = emit;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get hasLeft(): boolean {
    return this.#status.name === 'left';
  }

  enter(): void {
    this.#status = { name: 'entering' };
  }

  /** Returns false if the address is unchanged. */
  arrive(you: string): boolean {
    if (this.#status.name === 'here' && this.#status.you === you) return false;
    this.#arrival = { name: this.#hasJoined ? 'back' : 'joined', you };
    this.#hasJoined = true;
    this.#status = { name: 'here', you };
    return true;
  }

  setTrouble({ trouble, setting }: Trouble): void {
    const status = this.#status;
    const why = { ...(trouble && { trouble }), ...(setting && { setting }) };
    if (status.name === 'here') this.#status = { name: 'here', you: status.you, ...why };
    else if (status.name === 'roomless') this.#status = { name: 'roomless', ...why };
  }

  announceArrival(): void {
    if (this.#arrival === undefined) return;
    this.#emit(this.#arrival);
    this.#arrival = undefined;
  }

  loseRoom(): void {
    this.#leaveHere({ name: 'roomless' }, 'roomless');
  }

  lose(how: 'lost' | 'replaced', why?: JoinRefusal): void {
    this.#arrival = undefined;
    this.#leaveHere({ name: 'offline', ...(why && { why }) }, how);
  }

  lock(): void {
    this.#arrival = undefined;
    this.#leaveHere({ name: 'locked' }, 'lost');
  }

  leave(): void {
    this.#arrival = undefined;
    this.#hasJoined = false;
    if (!this.hasLeft) this.#emit({ name: 'left' });
    this.#status = { name: 'left' };
  }

  #leaveHere(status: ConnectionStatus, how: 'lost' | 'replaced' | 'roomless'): void {
    if (this.#status.name === 'here') this.#emit({ name: how });
    this.#status = status;
  }
}
