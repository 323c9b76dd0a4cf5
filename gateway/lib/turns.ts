/**
 * Lets few of many tasks work at a time, each for a number of time slices. A task keeps objects between its slices. If it
 * waits long, V8 moves them to its old generation, where garbage costs more.
 *
 *     waiting --- a turn is free ---> working --- its slices are used up, or it asks for no more ---> waiting
 */
import type { Slices } from './time-slices.ts';

export interface TurnOptions {
  /** Tasks that work at a time. */
  tasks: number;
  /** Slices of a turn. */
  slices: number;
}

export class Turns {
  readonly #slices: Slices;
  readonly #slicesOfTurn: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(slices: Slices, options: TurnOptions) {
    this.#slices = slices;
    this.#slicesOfTurn = options.slices;
    this.#free = options.tasks;
  }

  /** Returns the slices of one task. A task that does not ask for the next slice within the last one ends its turn. */
  task(): Slices {
    let left = 0;
    let end: NodeJS.Immediate | undefined;
    const next = async (): Promise<void> => {
      clearImmediate(end);
      if (end && left === 0) this.#end();
      end = undefined;
      if (left === 0) {
        await this.#begin();
        left = this.#slicesOfTurn;
      }
      await this.#slices.next();
      left--;
      end = setImmediate(() => {
        end = undefined;
        left = 0;
        this.#end();
      });
    };
    return { next };
  }

  async #begin(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
