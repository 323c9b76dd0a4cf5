/**
 * Sends a typed line in chunks that a Python server reads one by one.
 */
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitUtf8 } from '../../common/utf8.ts';
import { WIRE_MAX_BYTES } from '../wire.ts';

/**
 * The pause after a write. Python's server reads up to 1024 bytes at once, and crashes if they end inside a character.
 * The client can't see when the server has read a chunk, so it waits 100 ms per 1024 bytes, enough on a busy machine.
 */
const WRITE_PAUSE_MS = 20;
const WRITE_PAUSE_MS_PER_BYTE = 0.1;

/** An empty line is not sent, as in client.py. */
export async function sendLine(
  socket: Pick<Writable, 'writable' | 'write'>,
  line: string,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
  if (line === '') return;
  for (const chunk of splitUtf8(`${line}\n`, WIRE_MAX_BYTES)) {
    if (!socket.writable) return;
    socket.write(chunk);
    await pause(Math.max(WRITE_PAUSE_MS, Buffer.byteLength(chunk) * WRITE_PAUSE_MS_PER_BYTE));
  }
}
