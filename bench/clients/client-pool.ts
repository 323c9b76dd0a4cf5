/**
 * Many members behind a bridge, in a process of their own: here is what they are told, and what they tell.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Cleanup, eventually } from '../../test/helpers/eventually.ts';
import type { Program } from '../../test/helpers/process.ts';
import type { Endpoint } from '../bridges/bridges.ts';
import type { PoolCommand, PoolResult } from './client-pool-commands.ts';

const PROGRAM = fileURLToPath(new URL('client-pool-process.ts', import.meta.url));

/** A room whose log tells whom it has taken in: Python's and ours. */
export interface AcceptingRoom {
  port: number;
  program: Program;
  /** It does not. */
  isSilent?: boolean;
}

/** As many as `listen(5)` lets wait. Who finds the queue full believes to be in the room, and is not. */
const ROOM_QUEUE = 4;
const ACCEPTED_WITHIN_MS = 30_000;

export class ClientPool {
  readonly #child: ChildProcess;
  #entered = false;

  constructor(t: Cleanup) {
    this.#child = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
    t.after(() => this.#child.kill('SIGKILL'));
  }

  /** Comes back when all are truly in the room, which lets so many wait at its door. */
  async join(door: Endpoint, members: number, room: AcceptingRoom, queue = ROOM_QUEUE): Promise<void> {
    if (!this.#entered) await this.#tell({ do: 'enter', roomPort: room.port });
    this.#entered = true;
    for (let left = members; left > 0; left -= queue) {
      const accepted = acceptedBy(room);
      const count = Math.min(queue, left);
      await this.#tell({ do: 'join', door, members: count });
      if (room.isSilent) continue;
      await eventually(
        () => acceptedBy(room) >= accepted + count,
        () => `the room took in ${acceptedBy(room) - accepted} of ${count}`,
        ACCEPTED_WITHIN_MS,
      );
    }
    await this.#tell({ do: 'settle' });
  }

  /** So many more at once: how long until all hear the room, and how many do not. */
  async rush(door: Endpoint, members: number, room: AcceptingRoom, withinMs: number): Promise<PoolResult> {
    await this.#tell({ do: 'enter', roomPort: room.port });
    return (await this.#tell({ do: 'rush', door, members, withinMs })) as PoolResult;
  }

  async vanish(): Promise<void> {
    await this.#tell({ do: 'vanish' });
  }

  async reconnect(door: Endpoint, after: number): Promise<void> {
    await this.#tell({ do: 'return', door, after });
  }

  async reset(): Promise<void> {
    await this.#tell({ do: 'begin' });
  }

  async receive(messages: number, withinMs: number): Promise<PoolResult> {
    return (await this.#tell({ do: 'hear', messages, withinMs })) as PoolResult;
  }

  async lockStep(forMs: number): Promise<PoolResult> {
    return (await this.#tell({ do: 'lock-step', forMs })) as PoolResult;
  }

  async #tell(order: PoolCommand): Promise<PoolResult | undefined> {
    this.#child.send(order);
    const [answer] = (await once(this.#child, 'message')) as [{ heard?: PoolResult; error?: string }];
    if (answer.error) throw new Error(`${order.do}: ${answer.error}`);
    return answer.heard;
  }
}

function acceptedBy({ program }: AcceptingRoom): number {
  return program.output.split('Conexión establecida').length - 1;
}
