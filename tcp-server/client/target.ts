/**
 * Parses the address that the terminal client connects to.
 */
import { isIPv6 } from 'node:net';
import { DEFAULT_PORT } from '../wire.ts';

export interface Target {
  host: string;
  port: number;
}

const DEFAULT_HOST = '127.0.0.1';
const MAX_PORT = 65535;

/**
 * Parses one argument, `host`, `host:port`, `:port`, `::1` or `[::1]:port`, or two, `host port`, as `nc` takes them.
 * Returns undefined for other arguments.
 */
export function parseTarget(args: string[]): Target | undefined {
  const [host = '', port, ...rest] = args;
  if (rest.length > 0) return undefined;
  return port === undefined ? parseAddress(host) : parseAddress(`${bracketed(host)}:${port}`);
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function parseAddress(text: string): Target | undefined {
  if (isIPv6(text)) return { host: text, port: DEFAULT_PORT };

  const [, ipv6, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(text) ?? [];
  if (ipv6 === undefined && plain === undefined) return undefined;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > MAX_PORT) return undefined;
  return { host: ipv6 || plain || DEFAULT_HOST, port };
}
