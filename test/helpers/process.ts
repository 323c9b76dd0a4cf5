/**
 * A program under test: started, listened to, stopped by its id.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type Cleanup, eventually } from './eventually.ts';

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
    child.stdin.on('error', () => {}); // it may end before we have typed all
  }

  /** Waits for a line of its output; what the pattern's groups matched comes back. */
  async prints(line: RegExp | string, within?: number): Promise<string[]> {
    const match = (): string[] | null => {
      if (typeof line === 'string') return this.output.includes(line) ? [line] : null;
      return line.exec(this.output);
    };
    return await eventually(match, () => `no ${line} in: ${this.output}${this.errors}`, within);
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** The end of what is typed: Ctrl-D, the end of a pipe. */
  endInput(): void {
    this.child.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async exits(within?: number): Promise<Exit> {
    const missing = () => `did not exit; it said: ${this.output}${this.errors}`;
    return await eventually(() => this.#exit, missing, within);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.child.pid !== undefined && !this.#exit) this.signal(signal);
    return await this.exits();
  }
}

export async function start(
  t: Cleanup,
  command: string,
  args: string[],
  /** Added to this process's; undefined takes a variable away. */
  env: Record<string, string | undefined> = {},
  /** A file that takes its standard output instead. */
  stdout: number | 'pipe' = 'pipe',
): Promise<Program> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', stdout, 'pipe'],
  }) as ChildProcessWithoutNullStreams;
  t.after(() => child.kill('SIGKILL'));
  const program = new Program(child);
  await once(child, 'spawn');
  return program;
}

/** A reason to skip a test, where one of the commands is not installed. */
export function without(...commands: string[]): string | false {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  return missing.length > 0 && `not installed here: ${missing.join(', ')}`;
}
