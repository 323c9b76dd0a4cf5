/**
 * Many members behind a bridge, in a process of their own. This side sends commands and receives results.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Cleanup, eventually } from '../../test/helpers/eventually.ts';
import type { Program } from '../../test/helpers/process.ts';
import type { Endpoint } from '../bridges/bridges.ts';
import type { PoolCommand, PoolResult } from './client-pool-commands.ts';

const PROGRAM = fileURLToPath(new URL('client-pool-process.ts', import.meta.url));

/** A room whose log names each accepted connection: Python's and ours. */
export interface AcceptingRoom {
  port: number;
  program: Program;
  /** Whether its log does not. */
  isSilent?: boolean;
}

/** Length of the accept queue of `listen(5)`. A client that finds it full believes to be connected, and is not. */
const ROOM_QUEUE = 4;
const ACCEPTED_WITHIN_MS = 30_000;

export class ClientPool {
  readonly #child: ChildProcess;
  #entered = false;

  constructor(t: Cleanup) {
    this.#child = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
    t.after(() => this.#child.kill('SIGKILL'));
  }

  /** Connects members, no more at once than the accept queue holds, and waits until the room has accepted all. */
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

  /** Connects members at once. Measures the time until all receive messages, and counts those that do not. */
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
