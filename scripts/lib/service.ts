/**
 * A server as a child process. It runs until it is stopped, or ends by itself.
 *
 * Ctrl-C reaches every process of a terminal's group at once, but the gateway must leave the room before the room
 * closes. So each service has a group of its own, which only this process signals. Windows has no groups: there
 * Ctrl-C has already reached the child, and killing it would only interrupt it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { inProject } from './project.ts';

const HAS_GROUPS = process.platform !== 'win32';

/** Longest line that is searched for a pattern, characters. */
const LINE_MAX_CHARS = 4_096;

export interface Ending {
  /** A text for people, after the name of the service. */
  words: string;
  /** The exit code as a shell reports it. */
  exitCode: number;
}

export interface ServiceOptions {
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** Passes its output through this process, which can search it. */
  echoes?: boolean;
  /** Longest shutdown, ms. Then the service is killed. */
  graceMs: number;
}

export class Service {
  readonly name: string;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #graceMs: number;

  /** Starts Node with those arguments in the project's root. */
  constructor(name: string, args: string[], { env = {}, echoes = false, graceMs }: ServiceOptions) {
    this.name = name;
    this.#graceMs = graceMs;
    this.#child = spawn(process.execPath, args, {
      cwd: inProject(),
      env: { ...process.env, ...env },
      // The channel closes when this process ends in any way. Then the service stops by itself.
      stdio: ['ignore', echoes ? 'pipe' : 'inherit', 'inherit', 'ipc'],
      detached: HAS_GROUPS,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => process.stdout.write(text));
    this.ended = howItEnds(this.#child);
  }

  /** Returns the match once the output contains the pattern. */
  output(sign: RegExp): Promise<RegExpExecArray> {
    let tail = '';
    return new Promise((resolve) => {
      const search = (text: string) => {
        tail = (tail + text).slice(-LINE_MAX_CHARS);
        const match = sign.exec(tail);
        if (!match) return;
        this.#child.stdout?.off('data', search);
        resolve(match);
      };
      this.#child.stdout?.on('data', search);
    });
  }

  /** Requests a shutdown and waits for the end. Safe at any time, also after the end. */
  async stop(): Promise<Ending> {
    if (HAS_GROUPS) this.#child.kill('SIGTERM');
    const deadline = setTimeout(() => this.#kill(), this.#graceMs);
    const ending = await this.ended;
    clearTimeout(deadline);
    return ending;
  }

  #kill(): void {
    console.error(`${this.name} did not end within ${this.#graceMs / 1000} s: killed.`);
    this.#child.kill('SIGKILL');
  }
}

function howItEnds(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) =>
      resolve({ words: `could not be started: ${message}`, exitCode: 127 }),
    );
    child.once('exit', (code, signal) => resolve(signal ? endedBy(signal) : endedWith(code ?? 1)));
  });
}

function endedBy(signal: NodeJS.Signals): Ending {
  return { words: `was ended by ${signal}`, exitCode: 128 + constants.signals[signal] };
}

function endedWith(exitCode: number): Ending {
  return { words: `ended with exit code ${exitCode}`, exitCode };
}
