import type { RoomTrouble } from '../../gateway/protocol.ts';
import type { StatusEvent } from '../timeline/status-notes.ts';

/** Why the gateway does not let us in for now; blocked: its WebSocket is not reached, the rest of it is. */
export type JoinRefusal = 'full' | 'crowded' | 'foreign' | 'blocked';

/** How this page stands to the room. */
export type ConnectionStatus =
  | { name: 'entering' }
  /** `trouble`: the gateway can't follow the room, so others are not heard. */
  | { name: 'here'; you: string; trouble?: RoomTrouble }
  /** The gateway answers; the room behind it does not. */
  | { name: 'roomless' }
  /** `why`: what the gateway said when it let us not in; without it, it was not reached. */
  | { name: 'offline'; why?: JoinRefusal }
  /** The gateway wants the room's passphrase. */
  | { name: 'locked' }
  | { name: 'left' };

/**
 * The page's presence, and what of it is told in the log: what begins and ends a stay, not every attempt.
 *
 *     entering --arrive--> here --loseRoom--> roomless
 *        ^  |               | ^------arrive------+
 *        |  +----lose-------+--> offline --arrive--> here
 *        +----enter---- left <--leave-- (any)
 */
export class StatusTracker {
  readonly #emit: (happening: StatusEvent) => void;
  #status: ConnectionStatus = { name: 'entering' };
  #hasJoined = false;
  /** Told once the log has caught up. */
  #arrival: StatusEvent | undefined;

  constructor(tell: (happening: StatusEvent) => void) {
    this.#emit = tell;
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

  /** False when it stands there already. */
  arrive(you: string): boolean {
    if (this.#status.name === 'here' && this.#status.you === you) return false;
    this.#arrival = { name: this.#hasJoined ? 'back' : 'joined', you };
    this.#hasJoined = true;
    this.#status = { name: 'here', you };
    return true;
  }

  setTrouble(trouble: RoomTrouble | undefined): void {
    if (this.#status.name !== 'here') return;
    this.#status = { name: 'here', you: this.#status.you, ...(trouble && { trouble }) };
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

  #leaveHere(presence: ConnectionStatus, how: 'lost' | 'replaced' | 'roomless'): void {
    if (this.#status.name === 'here') this.#emit({ name: how });
    this.#status = presence;
  }
}
