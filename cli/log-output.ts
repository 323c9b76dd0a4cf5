/**
 * The output of the command: a block and short lines for people, or JSON lines for programs.
 *
 *     text   block of addresses; browsers and terminals that join and leave; warnings
 *     json   each line of the room and of the gateway, as JSON
 */
import { formatAddress } from '../common/ip.ts';
import type { LOG_FORMATS } from './arguments.ts';
import type { Texts } from './texts.ts';

export type LogFormat = (typeof LOG_FORMATS)[number];

/** The levels of the gateway's log. */
const INFO = 30;
const WARN = 40;

/** A longer line is cut, so that a program without line ends can not fill the memory. */
const LINE_MAX_CHARS = 1024 * 1024;

/** The lines in which the room reports a client. Connections of a gateway are marked, because the gateway reports them too. */
const ROOM_CLIENT =
  /^Conexión (?<event>establecida|cerrada) (?:con|por) \('(?<ip>[^']+)', (?<port>\d+)[^)]*\)(?<isGateway> por una pasarela)?/;

/**
 * Returns the listener for the output of the room. The command always needs it, because it names the port.
 * `marksGateways`: the gateway uses its own port of the room.
 */
export function roomOutput(format: LogFormat, texts: Texts, marksGateways: boolean): (text: string) => void {
  if (format === 'text') return marksGateways ? terminalOutput(texts, write) : () => {};
  return lineByLine((line) => {
    if (line.trim() !== '') writeJson({ name: 'room', msg: line });
  });
}

/** Returns a listener for the output of the room that writes a line for each terminal that joins or leaves. */
export function terminalOutput(texts: Texts, write: (text: string) => void): (text: string) => void {
  const terminals = new Set<string>();
  return lineByLine((line) => {
    const { event, ip, port, isGateway } = ROOM_CLIENT.exec(line)?.groups ?? {};
    if (ip === undefined) return;
    const address = formatAddress(ip, Number(port));
    if (event === 'establecida' && isGateway === undefined) {
      terminals.add(address);
      write(`${clock()}  ${address} ${texts.joinedFromTerminal}\n`);
    }
    if (event === 'cerrada' && terminals.delete(address)) write(`${clock()}  ${address} ${texts.left}\n`);
  });
}

/** Returns the listener for the output of the gateway, or undefined if the gateway can write it itself. */
export function gatewayOutput(format: LogFormat, texts: Texts): ((text: string) => void) | undefined {
  if (format === 'json') return undefined;
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
  const at = clock(entry.time);
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

/** Formats a time as `09:05`, in the zone of this machine. */
function clock(time = Date.now()): string {
  return new Date(time).toTimeString().slice(0, 5);
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
