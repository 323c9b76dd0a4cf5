/**
 * Reports that the terminal or the parent of the program is gone.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

const STDOUT = 1;
const STDIO = [0, STDOUT, 2] as const;

/**
 * The meaning of a SIGHUP.
 *
 *     terminal closed    the terminal in which the program was started is gone
 *     detached           the terminal is gone, and the program runs under nohup to survive that
 *     sent               a person or a supervisor sent the signal
 */
export type HangUp = 'terminal closed' | 'detached' | 'sent';

/** Node resets the signals that nohup ignores, so the output shows whether nohup runs the program. */
export function onHangUp(listener: (hangUp: HangUp) => void): void {
  const terminals = STDIO.filter((fd) => isatty(fd));
  const isDetached = terminals.length === 0 && isFile(STDOUT);
  process.on('SIGHUP', () => {
    const closed = terminals.filter((fd) => !isatty(fd));
    for (const fd of closed) replaceByNull(fd);
    if (process.platform === 'win32' || closed.length > 0) listener('terminal closed');
    else listener(isDetached ? 'detached' : 'sent');
  });
}

/** Node restores its terminals when it exits, and aborts if a terminal is gone. */
function replaceByNull(fd: number): void {
  closeSync(fd);
  // The system gives the lowest free number, which is the one just closed.
  openSync(devNull, 'r+');
}

/** `npm start` opens a channel to each program. The channel closes when `npm start` ends, in whatever way. */
export function onParentGone(listener: () => void): void {
  process.once('disconnect', listener);
  // The channel alone must not keep the program running.
  process.channel?.unref();
}

/** Goes on without output if the terminal or the reader (`npm start | head`) is gone. */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** A standard stream may be closed from the start. */
function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
