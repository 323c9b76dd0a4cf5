/**
 * Where the terminal client connects to, as people write it.
 */
import { DEFAULT_PORT } from './wire.ts';

export interface Target {
  host: string;
  port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const MAX_PORT = 65535;

/** `host`, `host:port`, `:port`, `::1`, `[::1]:port`; undefined for what is none of them. */
export function parseTarget(text: string): Target | undefined {
  const colons = text.split(':').length - 1;
  if (colons > 1 && !text.startsWith('[')) return { host: text, port: DEFAULT_PORT };

  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined) return undefined;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > MAX_PORT) return undefined;
  return { host: bracketed || plain || DEFAULT_HOST, port };
}
