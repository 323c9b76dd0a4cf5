/**
 * How a program learns that its terminal or its parent is gone.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

const STDOUT = 1;
const STDIO = [0, STDOUT, 2] as const;

/**
 * What SIGHUP means.
 *
 *     terminal closed    the terminal in which the program was started is gone
 *     detached           the program runs under nohup: the terminal is gone, and the program was to go on
 *     sent               a person or a supervisor sent it
 */
export type HangUp = 'terminal closed' | 'detached' | 'sent';

/** Node resets the signals that nohup ignores, so where the output goes has to tell. */
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

/** Node restores its terminals when it ends, and aborts where one is gone. */
function replaceByNull(fd: number): void {
  closeSync(fd);
  // The system gives the lowest number that is free.
  openSync(devNull, 'r+');
}

/** `npm start` opens a channel to each program: it closes with the process, however that ends. */
export function onParentGone(listener: () => void): void {
  process.once('disconnect', listener);
  // The channel alone keeps no program running.
  process.channel?.unref();
}

/** A closed terminal, or a reader that left (`npm start | head`), takes the output away, not the program. */
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
