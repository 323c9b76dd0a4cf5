/**
 * The output of the command: a block and short lines for people, or JSON lines for programs.
 *
 *     text   block of addresses; browsers that join and leave; warnings
 *     json   each line of the room and of the gateway, as JSON
 *     raw    block of addresses; the lines of the programs as they are
 */
import type { Texts } from './texts.ts';

export type LogFormat = 'text' | 'json' | 'raw';

/** The levels of the gateway's log. */
const INFO = 30;
const WARN = 40;

/** A longer line is cut, so that a program without line ends can not fill the memory. */
const LINE_MAX_CHARS = 1024 * 1024;

/** Returns the listener for the output of the room. The command always needs it, because it names the port. */
export function roomOutput(format: LogFormat): (text: string) => void {
  if (format === 'raw') return write;
  if (format === 'text') return () => {};
  return lineByLine((line) => {
    if (line.trim() !== '') writeJson({ name: 'room', msg: line });
  });
}

/** Returns the listener for the output of the gateway, or undefined if the gateway can write it itself. */
export function gatewayOutput(format: LogFormat, texts: Texts): ((text: string) => void) | undefined {
  if (format !== 'text') return undefined;
  return lineByLine((line) => {
    const text = readableLine(line, texts);
    if (text !== undefined) write(`${text}\n`);
  });
}

export function writeJson(entry: Record<string, unknown>): void {
  write(`${JSON.stringify({ level: INFO, time: Date.now(), ...entry })}\n`);
}

/** Returns a line of the gateway's log for people, or undefined if only an operator needs it. */
export function readableLine(line: string, texts: Texts): string | undefined {
  const entry = parseEntry(line);
  if (entry === undefined) return line;
  const { level = INFO, msg = '', peer, address } = entry;
  const at = new Date(entry.time ?? Date.now()).toTimeString().slice(0, 5);
  if (msg === 'joined') return `${at}  ${peer ?? address} ${texts.joined}`;
  if (msg === 'left') return `${at}  ${peer ?? address} ${texts.left}`;
  return level >= WARN ? `${at}  ${msg}` : undefined;
}

interface Entry {
  level?: number;
  time?: number;
  msg?: string;
  peer?: string;
  address?: string;
}

function parseEntry(line: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? entry : undefined;
  } catch {
    return undefined;
  }
}

function lineByLine(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS);
    for (const line of lines) onLine(line);
  };
}

function write(text: string): void {
  process.stdout.write(text);
}
