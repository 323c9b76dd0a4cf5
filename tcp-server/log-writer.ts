/**
 * Writes the log, and drops lines while its reader does not keep up, because waiting lines would fill the memory.
 */
import type { Writable } from 'node:stream';

/** The most bytes that wait for the reader of the log: some seconds of a busy room. */
export const LOG_BACKLOG_MAX_BYTES = 1024 * 1024;

/** Returns a function that takes lines joined by line ends, without a line end after the last. */
export function createLogWriter(output: Writable): (lines: string) => void {
  let dropped = 0;
  return (lines) => {
    if (output.writableLength > LOG_BACKLOG_MAX_BYTES) {
      dropped += lines.split('\n').length;
      return;
    }
    if (dropped > 0) output.write(`Registro incompleto: faltan ${dropped} líneas, porque no se leía.\n`);
    dropped = 0;
    output.write(`${lines}\n`);
  };
}
