/**
 * A program under test: started, observed, and stopped by its id.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Cleanup, eventually } from './eventually.ts';

/** Options of V8 that programs under test get from the tests. scripts/test.ts explains them. */
const V8_OPTIONS = /^--(no-opt|single-threaded|min-semi-space-size=\d+)$/;
const NODE_ARGS = process.execArgv.filter((arg) => V8_OPTIONS.test(arg));

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  output = '';
  errors = '';
  #exit: Exit | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    child.on('close', (code, signal) => {
      this.#exit = { code, signal };
    });
    child.stdin.on('error', () => {}); // The program may end before its input is written.
  }

  /** Waits for a line of the output, and returns the groups of the pattern. */
  async prints(line: RegExp | string, withinMs?: number): Promise<string[]> {
    const match = (): string[] | null => {
      if (typeof line === 'string') return this.output.includes(line) ? [line] : null;
      return line.exec(this.output);
    };
    return await eventually(match, () => `no ${line} in: ${this.output}${this.errors}`, withinMs);
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Ends the input, as Ctrl-D or the end of a pipe does. */
  endInput(): void {
    this.child.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Stops the program, as a machine that sleeps. On a busy machine its threads run on for some ms after the signal. */
  async freeze(): Promise<void> {
    this.signal('SIGSTOP');
    await eventually(
      () => areStopped(this.child.pid),
      () => `${this.child.spawnfile} was not stopped`,
    );
  }

  wake(): void {
    this.signal('SIGCONT');
  }

  async exits(withinMs?: number): Promise<Exit> {
    const missing = () => `did not exit; its output: ${this.output}${this.errors}`;
    return await eventually(() => this.#exit, missing, withinMs);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.child.pid !== undefined && !this.#exit) this.signal(signal);
    return await this.exits();
  }
}

function areStopped(pid = 0): boolean {
  const tasks = `/proc/${pid}/task`;
  if (existsSync(tasks)) {
    return readdirSync(tasks).every((task) =>
      / T \d+ [^)]*$/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')),
    );
  }
  return spawnSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' }).stdout.startsWith('T');
}

export async function start(
  t: Cleanup,
  command: string,
  args: string[],
  /** Added to the environment of this process. `undefined` removes a variable. */
  env: Record<string, string | undefined> = {},
  /** A file that receives the standard output. */
  stdout: number | 'pipe' = 'pipe',
  /** The folder in which it runs, if not that of this process. */
  cwd?: string,
): Promise<Program> {
  const child = spawn(command, command === process.execPath ? [...NODE_ARGS, ...args] : args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', stdout, 'pipe'],
  }) as ChildProcessWithoutNullStreams;
  t.after(() => child.kill('SIGKILL'));
  const program = new Program(child);
  await once(child, 'spawn');
  return program;
}

/** Returns the reason to skip a test where one of the commands is not installed. */
export function without(...commands: string[]): string | false {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  return missing.length > 0 && `not installed here: ${missing.join(', ')}`;
}
