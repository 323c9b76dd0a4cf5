/**
 * A server as a child process. It runs until it is stopped, or ends by itself.
 *
 * Ctrl-C reaches every process of a terminal's group at once, but the gateway must leave the room before the room
 * closes. So each service has a group of its own, which only this process signals. Windows has no groups: there
 * Ctrl-C has already reached the child, and killing it would only interrupt it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Ending, TEXTS, type Texts } from './texts.ts';

const HAS_GROUPS = process.platform !== 'win32';

/** Longest line that is searched for a pattern, characters. */
const LINE_MAX_CHARS = 4_096;

export interface ServiceOptions {
  /** Its environment, if not that of this process. */
  env?: NodeJS.ProcessEnv;
  /** The folder in which it runs, if not that of this process. */
  cwd?: string;
  texts?: Texts;
  /** Takes its output instead of the standard output. */
  onOutput?: (text: string) => void;
  /** Longest shutdown, ms. Then the service is killed. */
  graceMs: number;
}

export class Service {
  readonly name: string;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #texts: Texts;

  /** Starts Node with these arguments. */
  constructor(name: string, args: string[], options: ServiceOptions) {
    const { env, cwd, texts = TEXTS.en, onOutput, graceMs } = options;
    this.name = name;
    this.#graceMs = graceMs;
    this.#texts = texts;
    this.#child = spawn(process.execPath, args, {
      cwd,
      env,
      // The channel closes when this process ends in any way. Then the service stops by itself.
      stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit', 'ipc'],
      detached: HAS_GROUPS,
    });
    if (onOutput) this.#child.stdout?.setEncoding('utf8').on('data', onOutput);
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
    console.error(this.#texts.killed(this.name, this.#graceMs / 1000));
    this.#child.kill('SIGKILL');
  }
}

function howItEnds(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: 127, error: message }));
    child.once('exit', (code, signal) =>
      resolve(signal ? { exitCode: 128 + constants.signals[signal], signal } : { exitCode: code ?? 1 }),
    );
  });
}
