/**
 * The checked server: a process that the command starts, stops and kills, or a server elsewhere.
 *
 *     away -- start --> running -- it ends, or is killed --> away
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Budget } from './budget.ts';
import { failed, type Outcome, passed } from './outcome.ts';
import { printedReason } from './printed-reason.ts';
import { CONNECTS_WITHIN_MS, type Dialled, dial } from './room-client.ts';
import type { ProcessEnd } from './texts/check-texts.ts';

/** Longest start, ms. A virtual machine or a compiler takes some seconds. */
const STARTS_WITHIN_MS = 10_000;
const POLL_INTERVAL_MS = 25;
/** Longest wait for the last lines of a process that has ended. A child of it may keep the output open. */
const ERRORS_KNOWN_WITHIN_MS = 200;
/** Most characters of the output that are kept. */
const MAX_OUTPUT_CHARS = 8_192;
/** Programs print one of these if the system does not give them the port. Nothing answered on it just before. */
const PORT_KEPT = /address already in use|EADDRINUSE/i;

const HAS_GROUPS = process.platform !== 'win32';

export interface CheckedServer {
  readonly host: string;
  readonly port: number;
  /** The command started it, so that it may be killed. */
  readonly isOwn: boolean;
  /** The end of the process, if it has ended by itself. */
  readonly end: ProcessEnd | undefined;
  start(budget: Budget): Promise<Outcome>;
  /** The connection that found the open port. It is the first client, because some servers never forget one. */
  takeConnection(): Dialled | undefined;
  signal(name: NodeJS.Signals): void;
  /** Resolves with undefined if the process still runs after this time. */
  ends(withinMs: number): Promise<ProcessEnd | undefined>;
  kill(): Promise<void>;
  /** The lines of the error output since the last call that lead to the fault. */
  takePrinted(): string[];
}

/** A server that the command did not start, and never stops. */
export class ForeignServer implements CheckedServer {
  readonly isOwn = false;
  readonly end = undefined;
  readonly host: string;
  readonly port: number;
  #first: Dialled | undefined;

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }

  async start(budget: Budget): Promise<Outcome> {
    const { host, port } = this;
    this.#first = await connection(host, port, budget.shorten(CONNECTS_WITHIN_MS));
    return this.#first ? passed((t) => t.listens(port)) : failed((t) => t.unreachable(`${host}:${port}`));
  }

  takeConnection(): Dialled | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }

  signal(): void {}

  async ends(): Promise<undefined> {
    return undefined;
  }

  async kill(): Promise<void> {}

  takePrinted(): string[] {
    return [];
  }
}

export class ServerProcess implements CheckedServer {
  readonly isOwn = true;
  readonly host = '127.0.0.1';
  port: number;
  end: ProcessEnd | undefined;
  readonly #command: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #spares: readonly number[];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #errors = '';
  #errorsEnd: Promise<unknown> = Promise.resolve();
  #first: Dialled | undefined;

  /**
   * @param command `{port}` in it becomes the port
   * @param spares ports for the first start, if connections of an earlier server keep the port
   */
  constructor(
    command: readonly string[],
    port: number,
    env: NodeJS.ProcessEnv,
    spares: readonly number[] = [],
  ) {
    this.#command = command;
    this.port = port;
    this.#spares = spares;
    // Python would keep its last lines in a buffer when it is killed.
    this.#env = { ...env, PYTHONUNBUFFERED: '1' };
  }

  async start(budget: Budget): Promise<Outcome> {
    let outcome = await this.#startHere(budget);
    for (const spare of this.#spares) {
      if (outcome.status === 'passed' || !PORT_KEPT.test(this.#errors)) break;
      this.port = spare;
      this.#errors = '';
      outcome = await this.#startHere(budget);
    }
    this.#spares = [];
    return outcome;
  }

  async #startHere(budget: Budget): Promise<Outcome> {
    const { host, port } = this;
    const other = await connection(host, port, CONNECTS_WITHIN_MS);
    if (other) {
      other.socket.resume().end();
      return failed((t) => t.portInUse(port));
    }
    const problem = await this.#spawn();
    if (problem) return problem;
    const until = performance.now() + budget.shorten(STARTS_WITHIN_MS);
    while (performance.now() < until) {
      this.#first = await connection(host, port, CONNECTS_WITHIN_MS);
      if (this.#first) return passed((t) => t.listens(port));
      const { end } = this;
      if (end) {
        // The end of a process may be known before its last lines.
        await Promise.race([this.#errorsEnd, delay(ERRORS_KNOWN_WITHIN_MS, undefined, { ref: false })]);
        const isPortKept = PORT_KEPT.test(this.#errors);
        return failed((t) => `${t.endedAtStart(end)}${isPortKept ? ` ${t.portKept(port)}` : ''}`);
      }
      await delay(POLL_INTERVAL_MS);
    }
    return failed((t) => t.notListening(port, STARTS_WITHIN_MS / 1000));
  }

  takeConnection(): Dialled | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }

  /** Signals the whole group, as a terminal does. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined || this.end) return;
    try {
      process.kill(HAS_GROUPS ? -pid : pid, name);
    } catch {
      // The group has just ended.
    }
  }

  async ends(withinMs: number): Promise<ProcessEnd | undefined> {
    await Promise.race([this.#ended, delay(withinMs, undefined, { ref: false })]);
    return this.end;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  takePrinted(): string[] {
    const reason = printedReason(this.#errors);
    this.#errors = '';
    return reason;
  }

  async #spawn(): Promise<Outcome | undefined> {
    const [program = '', ...args] = this.#command.map((word) => word.replaceAll('{port}', `${this.port}`));
    this.end = undefined;
    // The input stays open: a server that reads it would take its end for a request to stop.
    const child = spawn(program, args, {
      env: this.#env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: HAS_GROUPS,
    });
    child.stdin.on('error', () => {});
    // A full pipe would stop the server.
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-MAX_OUTPUT_CHARS);
    });
    try {
      await once(child, 'spawn');
    } catch {
      return failed((t) => t.noSuchCommand(program));
    }
    this.#child = child;
    this.#errorsEnd = finished(child.stderr).catch(() => {});
    this.#ended = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        this.end = { code, signal };
        resolve();
      });
    });
    return undefined;
  }
}

/** An open connection, or undefined if nothing listens. */
async function connection(host: string, port: number, withinMs: number): Promise<Dialled | undefined> {
  const dialled = dial(host, port, withinMs);
  dialled.socket.on('error', () => {});
  if (await dialled.opened) return dialled;
  dialled.socket.destroy();
  return undefined;
}
