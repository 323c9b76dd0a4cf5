/**
 * Runs checks against a server, one after another. A server of the command's own that has died, or that a risky check
 * may have hurt, is replaced before the next check.
 */
import { Budget, RUN_MS } from './budget.ts';
import type { Check } from './check.ts';
import { type ClientManner, UNKNOWN_MANNER } from './client-manner.ts';
import { CheckFailure, failed, impossible, type Outcome, type Result, skipped } from './outcome.ts';
import type { RoomFormat } from './room-format.ts';
import { Scene } from './scene.ts';
import type { CheckedServer } from './server-process.ts';

/** Longest time from the last connection of a dying process to its end, ms. */
const END_KNOWN_WITHIN_MS = 200;

/** Looks at a server elsewhere before it counts as dead. */
const PROBES = 2;

export interface RunOptions {
  /** Runs risky checks on a server that the command did not start. */
  isDestructive: boolean;
  weights: ReadonlyMap<string, number>;
  manner?: ClientManner;
  onResult?: (result: Result) => void;
}

/** Reports a check that can't be run for the server, or undefined. */
export function reasonToSkip(check: Check, isOwn: boolean, isDestructive: boolean): Outcome | undefined {
  if (isOwn) return undefined;
  if (check.risk === 'own') return skipped((t) => t.needsOwnServer);
  if (check.risk === 'risky' && !isDestructive) return skipped((t) => t.needsPermission);
  return undefined;
}

/** Runs the checks in their order. The first one is the start. */
export async function runChecks(
  checks: readonly Check[],
  server: CheckedServer,
  options: RunOptions,
): Promise<Result[]> {
  const run = new CheckRun(server, options);
  const results: Result[] = [];
  try {
    for (const check of checks) {
      const result = await run.result(check);
      options.onResult?.(result);
      results.push(result);
    }
  } finally {
    await server.kill();
  }
  return results;
}

class CheckRun {
  readonly #server: CheckedServer;
  readonly #options: RunOptions;
  readonly #budget = new Budget();
  /** Distinguishes the texts of this run from those of another one in the same room. */
  readonly #prefix = process.pid.toString(36);
  #tokens = 0;
  #isUp = false;
  #format: RoomFormat | undefined;

  constructor(server: CheckedServer, options: RunOptions) {
    this.#server = server;
    this.#options = options;
  }

  async result(check: Check): Promise<Result> {
    const began = performance.now();
    const outcome = await this.#outcome(check);
    const weight = this.#options.weights.get(check.id) ?? check.weight;
    const ms = Math.round(performance.now() - began);
    return { id: check.id, weight, ms, ...outcome };
  }

  async #outcome(check: Check): Promise<Outcome & { printed: string[] }> {
    const reason = reasonToSkip(check, this.#server.isOwn, this.#options.isDestructive);
    if (reason) return unprinted(reason);
    if (this.#budget.isOver) return unprinted(impossible((t) => t.noTimeLeft(RUN_MS / 1000)));
    if (!this.#isUp) {
      const started = await this.#start(check);
      if (check.id === 'start' || started.status === 'failed') {
        return { ...started, printed: this.#server.takePrinted() };
      }
    }
    if (check.needs === 'room' && this.#format?.kind !== 'room')
      return unprinted(impossible((t) => t.needsRoom));
    if (check.needs === 'many' && !this.#format?.servesMany) return unprinted(impossible((t) => t.needsMany));
    const scene = this.#scene();
    this.#server.takePrinted();
    const outcome = await this.#attempt(() => check.run(scene));
    const printed = outcome.status === 'failed' ? this.#server.takePrinted() : [];
    await this.#recover(scene, outcome.status === 'failed' || check.risk !== 'safe');
    return { ...outcome, printed };
  }

  /** Starts the server, and finds out how it talks at the first start. */
  async #start(check: Check): Promise<Outcome> {
    // A server that was not started here and has stopped to answer gets no second chance.
    if (!this.#server.isOwn && check.id !== 'start') return impossible((t) => t.needsServer);
    const outcome = await this.#server.start(this.#budget);
    this.#isUp = outcome.status === 'passed';
    if (!this.#isUp) {
      await this.#server.kill();
      return check.id === 'start' ? outcome : impossible((t) => t.needsServer);
    }
    if (check.id === 'start') {
      const scene = this.#scene();
      await this.#attempt(async () => {
        this.#format = await scene.recognise();
        return outcome;
      });
      await this.#recover(scene, false);
    }
    return outcome;
  }

  /** Ends a scene, and leaves a server behind that answers, or none. */
  async #recover(scene: Scene, mayBeHurt: boolean): Promise<void> {
    if (this.#server.isOwn && mayBeHurt) scene.reset();
    else if (await this.#isIntact(scene)) return;
    await this.#server.kill();
    this.#isUp = false;
  }

  async #isIntact(scene: Scene): Promise<boolean> {
    const isLeft = await scene.leave();
    if (this.#server.isOwn && !isLeft) return false;
    if (this.#format?.kind === 'silent') return true;
    for (let attempt = 0; attempt < PROBES; attempt++) {
      const probe = this.#scene();
      const isAlive = await probe.isAlive();
      const isProbeLeft = await probe.leave();
      if (isAlive && (isProbeLeft || !this.#server.isOwn)) return true;
      // A new server is surer than a second look.
      if (this.#server.isOwn) return false;
    }
    return false;
  }

  async #attempt(act: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      // The connections of a process that dies are closed before its end is known.
      const end = await this.#server.ends(END_KNOWN_WITHIN_MS);
      return end ? failed((t) => t.serverEnded(end)) : error.outcome;
    }
  }

  #scene(): Scene {
    return new Scene(this.#server, this.#budget, this.#options.manner ?? UNKNOWN_MANNER, this.#format, () => {
      this.#tokens++;
      return `hola-${this.#prefix}-${`${this.#tokens}`.padStart(4, '0')}`;
    });
  }
}

function unprinted(outcome: Outcome): Outcome & { printed: string[] } {
  return { ...outcome, printed: [] };
}
