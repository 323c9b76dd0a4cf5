/**
 * A person at a terminal: a program in a pseudo-terminal of tmux.
 */
import { execFileSync } from 'node:child_process';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { without } from '../../helpers/process.ts';

export const withoutTmux = without('tmux');

/** After the program its exit code is shown, and the screen stays. */
const AND_THEN = '; echo "exit code $?"; exec sleep 600';

let terminals = 0;

export class Terminal {
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

  /** A key by tmux's name: Enter, C-c, Left. */
  presses(...keys: string[]): void {
    this.tmux('send-keys', ...keys);
  }

  /** What a person sees now, without the empty rows below. */
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

export async function openTerminal(t: Cleanup, command: string, columns = 60, rows = 20): Promise<Terminal> {
  const terminal = new Terminal(`tertulia-${process.pid}-${terminals++}`);
  terminal.tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, `${command}${AND_THEN}`);
  t.after(() => terminal.tmux('kill-server'));
  return terminal;
}
