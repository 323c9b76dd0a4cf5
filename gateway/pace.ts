/**
 * Reads a WebSocket no faster than its pace. What comes faster waits in the network and is lost nowhere: its sender
 * is slowed down by TCP, and neither warned nor shut out. What one read has brought is taken all the same, and paid for
 * by a longer wait.
 */
import type { RawData, WebSocket } from 'ws';
import { WIRE_MAX_BYTES } from '../tcp-server/wire.ts';
import { Allowance, type Pace } from './allowance.ts';
import type { Browser } from './browser.ts';

/** Each frame is a sign of life, too. Gives what ends it. */
export function keepPace(socket: WebSocket, browser: Browser, pace: Pace): () => void {
  const allowance = new Allowance(pace);
  let timer: NodeJS.Timeout | undefined;

  const goOn = (): void => {
    const wait = allowance.wait();
    timer = wait > 0 ? setTimeout(goOn, wait) : undefined;
    if (!timer) browser.resume('pace');
  };
  const count = (data: RawData): void => {
    browser.moved();
    // A long frame costs the room as much as many short ones.
    allowance.spend(Math.ceil((sizeOf(data) + 1) / WIRE_MAX_BYTES));
    if (timer || allowance.wait() === 0) return;
    browser.pause('pace');
    goOn();
  };

  for (const event of ['message', 'ping', 'pong']) socket.on(event, count);
  return () => clearTimeout(timer);
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
