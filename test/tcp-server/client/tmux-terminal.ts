/**
 * Runs a program in a pseudo-terminal of tmux, where a test types and reads.
 */
import { execFileSync } from 'node:child_process';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { without } from '../../helpers/process.ts';

export const withoutTmux = without('tmux');

/** Shows the exit code after the program, and keeps the screen. */
const AFTER_EXIT = '; echo "exit code $?"; exec sleep 600';

let terminals = 0;

export class TmuxTerminal {
  readonly #server: string;

  constructor(server: string) {
    this.#server = server;
  }

  tmux(...args: string[]): string {
    return execFileSync('tmux', ['-f', '/dev/null', '-L', this.#server, ...args], { encoding: 'utf8' });
  }

  types(text: string): void {
    this.tmux('send-keys', '-l', text);
  }

  /** Presses keys by tmux's names: Enter, C-c, Left. */
  presses(...keys: string[]): void {
    this.tmux('send-keys', ...keys);
  }

  /** The visible text, without the empty rows below. */
  get screen(): string {
    return this.tmux('capture-pane', '-p').trimEnd();
  }

  /** Column and row of the cursor, from 0. */
  get cursor(): string {
    return this.tmux('display-message', '-p', '#{cursor_x},#{cursor_y}').trim();
  }

  async shows(text: string | RegExp): Promise<void> {
    const seen = () => (typeof text === 'string' ? this.screen.includes(text) : text.test(this.screen));
    await eventually(seen, () => `no ${text} on the screen:\n${this.screen}\n`);
  }
}

export async function openTerminal(
  t: Cleanup,
  command: string,
  columns = 60,
  rows = 20,
): Promise<TmuxTerminal> {
  const terminal = new TmuxTerminal(`tertulia-${process.pid}-${terminals++}`);
  terminal.tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, `${command}${AFTER_EXIT}`);
  t.after(() => terminal.tmux('kill-server'));
  return terminal;
}
