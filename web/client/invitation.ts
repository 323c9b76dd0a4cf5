import { isCount, isObject, isText } from '../../common/guards.ts';
import type { Invitation } from '../../gateway/protocol.ts';
import type { Effects } from './effects.ts';

/** Loopback addresses lead nobody else here. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const LOOPBACK_NAME = /[ /'](localhost|127(\.\d+){3}|\[?::1\]?)[ :'/]/;

export async function fetchInvitation(fetchJson: Effects['fetchJson']): Promise<Invitation> {
  const answer = await fetchJson('/api/invite');
  if (!isInvitation(answer)) throw new Error('fetch the invitation: the answer is not an invitation');
  return answer;
}

/** Returns the page's address. Below a path it ends in a slash, because not every proxy adds it. */
export function addressOf(page: URL): string {
  const { origin, pathname } = new URL('.', page);
  return pathname === '/' ? origin : origin + pathname;
}

/** Returns whether an address leads to this computer only. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

/** Lists the addresses at which others can open the page, the best first. `page`: its address on this device. */
export function addressesFor({ publicUrl, lanUrls }: Invitation, page: URL): string[] {
  if (publicUrl !== null) return [publicUrl];
  if (LOOPBACK.test(page.hostname)) return lanUrls;
  const here = addressOf(page);
  return lanUrls.includes(here) ? [here, ...lanUrls.filter((url) => url !== here)] : [here];
}

export interface TerminalLine {
  program: string;
  line: string;
}

/** Lists commands that join the room from a terminal, for a person who would open the page at `url`. Leaves out lines that lead only here. */
export function terminalLines(url: string, { room }: Invitation): TerminalLine[] {
  const { hostname } = new URL(url);
  const ws = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`;
  const name = room.host ?? hostname.replace(/^\[(.*)\]$/, '$1');
  return [
    { program: 'nc', line: `nc ${name} ${room.port}` },
    { program: 'ncat', line: `ncat ${name} ${room.port}` },
    { program: 'telnet', line: `telnet ${name} ${room.port}` },
    { program: 'PowerShell', line: powerShell(name, room.port) },
    { program: 'Python', line: python(name, room.port) },
    { program: 'websocat', line: `websocat ${ws}` },
    { program: 'wscat', line: `npx wscat -c ${ws}` },
  ].filter(({ line }) => !LOOPBACK_NAME.test(line));
}

/**
 * A thread prints and the main thread reads the keyboard, because Windows can't wait for both. At the end of the input
 * it half-closes and prints the rest. The code stands in double quotes, so it holds no double quote, `$` or `!`.
 */
function python(host: string, port: number): string {
  const read = "[print(l,end='',flush=True) for l in s.makefile(encoding='utf-8',errors='replace')]";
  const code = [
    'import socket,sys,threading',
    `s=socket.create_connection(('${host}',${port}))`,
    `t=threading.Thread(target=lambda:${read},daemon=True)`,
    't.start()',
    '[s.sendall(l.encode()) for l in sys.stdin]',
    's.shutdown(1)',
    't.join()',
  ];
  return `python3 -c "${code.join(';')}"`;
}

/** One loop polls the socket and the keyboard until the room closes. It needs no jobs, so it runs in PowerShell 5. */
function powerShell(host: string, port: number): string {
  return [
    `$c=[Net.Sockets.TcpClient]::new('${host}',${port})`,
    '$s=$c.GetStream()',
    '$u=[Text.UTF8Encoding]::new($false)',
    '[Console]::OutputEncoding=$u',
    '$d=$u.GetDecoder()',
    '$b=[byte[]]::new(4096)',
    '$t=[char[]]::new(4096)',
    'while(!($c.Client.Poll(50000,0) -and !$c.Available)){' +
      'if($c.Available){$n=$s.Read($b,0,4096);$k=$d.GetChars($b,0,$n,$t,0);[Console]::Write($t,0,$k)}' +
      'if([Console]::KeyAvailable){$l=$u.GetBytes([Console]::ReadLine()+"`n");$s.Write($l,0,$l.Length)}}',
    '$c.Close()',
  ].join(';');
}

function isInvitation(value: unknown): value is Invitation {
  return (
    isObject(value) &&
    (value.publicUrl === null || isText(value.publicUrl)) &&
    Array.isArray(value.lanUrls) &&
    value.lanUrls.every(isText) &&
    isObject(value.room) &&
    (value.room.host === null || isText(value.room.host)) &&
    isCount(value.room.port) &&
    typeof value.asksForCode === 'boolean'
  );
}
