/**
 * The bridges that are compared: this gateway, a naive pipe, and those that are installed here. Each has a room of
 * its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { startGateway } from '../../test/helpers/gateway.ts';
import { type Program, start, without } from '../../test/helpers/process.ts';
import { freePort } from '../../test/helpers/tcp.ts';
import { isOpen } from '../lib/wait.ts';

/** An address to connect to: a WebSocket, or bare TCP as terminals use it. */
export interface Endpoint {
  port: number;
  isRoom?: boolean;
  /** Whether it refuses text frames. */
  binary?: boolean;
  /** A subprotocol of the page, with which clients send a hello first. */
  protocol?: string;
}

export interface Bridge {
  name: string;
  pid: number;
  door: Endpoint;
}

export interface Kind {
  name: string;
  /** Above this number the bridge can not be measured. */
  maxMembers: number;
  missing: string | false;
  /** The room server of this project, where voices receive no broadcasts. Without it, Python's server. */
  hasOwnRoom?: true;
  start(t: Cleanup, roomPort: number): Promise<{ program: Program; door: Endpoint }>;
}

const PAGE_LIMIT = 10_000;

export const OURS = 'tertulia';
export const OURS_WITH_ROOM = 'tertulia, own room';
export const NAIVE = 'naive pipe';
export const LIGHTTPD = 'lighttpd';

export const BRIDGES: readonly Kind[] = [
  { name: OURS, maxMembers: PAGE_LIMIT, missing: false, start: ours },
  { name: NAIVE, maxMembers: PAGE_LIMIT, missing: false, start: naive },
  // lighttpd stops accepting when nine tenths of its files are in use.
  { name: LIGHTTPD, maxMembers: 8000, missing: without('lighttpd'), start: lighttpd },
  // websockify starts a process for each connection.
  { name: 'websockify', maxMembers: 200, missing: without('websockify'), start: websockify },
];

/** The gateway in front of the room server of this project. */
export const WITH_OWN_ROOM: Kind = {
  name: OURS_WITH_ROOM,
  maxMembers: PAGE_LIMIT,
  missing: false,
  hasOwnRoom: true,
  start: oursWithRoom,
};

/** The installed bridges that can hold that many members. */
export function bridgesFor(members: number): Kind[] {
  return BRIDGES.filter(({ missing, maxMembers }) => !missing && members <= maxMembers);
}

/** One line for each bridge that is missing here. */
export function skipped(): string[] {
  return BRIDGES.flatMap(({ name, missing }) => (missing ? [`Skipped: ${name} (${missing}).`] : []));
}

export async function ours(
  t: Cleanup,
  roomPort: number,
  env: Record<string, string> = {},
): Promise<{ program: Program; door: Endpoint }> {
  const { program, port } = await startGateway(t, roomPort, {
    LOG_LEVEL: 'info',
    // All members of the pool have one address.
    MAX_SESSIONS: `${PAGE_LIMIT}`,
    MAX_SESSIONS_PER_ADDRESS: `${PAGE_LIMIT}`,
    MAX_SOCKETS: `${2 * PAGE_LIMIT}`,
    MAX_SOCKETS_PER_ADDRESS: `${2 * PAGE_LIMIT}`,
    MAX_PENDING: '1000',
    JOIN_RATE: '10000',
    JOIN_RATE_PER_ADDRESS: '10000',
    MESSAGE_RATE: '1000',
    ...env,
  });
  return { program, door: { port, protocol: SUBPROTOCOL } };
}

/** `roomPort` is the room's port for gateways. */
async function oursWithRoom(t: Cleanup, roomPort: number): Promise<{ program: Program; door: Endpoint }> {
  return await ours(t, roomPort, { ROOM_PROXY_PROTOCOL: 'v2' });
}

async function naive(t: Cleanup, roomPort: number): Promise<{ program: Program; door: Endpoint }> {
  const program = await start(t, process.execPath, [
    '--import',
    'tsx',
    inProject('bench', 'bridges', 'pipe.ts'),
    `${roomPort}`,
  ]);
  const [, port] = await program.prints(/listening on (\d+)/);
  return { program, door: { port: Number(port) } };
}

async function lighttpd(t: Cleanup, roomPort: number): Promise<{ program: Program; door: Endpoint }> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(dir, 'lighttpd.conf');
  writeFileSync(
    file,
    `server.modules = ("mod_wstunnel")
server.document-root = "${dir}"
server.bind = "127.0.0.1"
server.port = ${port}
server.max-fds = ${2 * PAGE_LIMIT}
server.max-connections = ${PAGE_LIMIT}
server.max-read-idle = 3600
server.max-write-idle = 3600
wstunnel.frame-type = "text"
wstunnel.server = ("/" => (("host" => "127.0.0.1", "port" => ${roomPort})))
`,
  );
  const program = await start(t, 'lighttpd', ['-D', '-f', file]);
  await isOpen(port);
  return { program, door: { port } };
}

async function websockify(t: Cleanup, roomPort: number): Promise<{ program: Program; door: Endpoint }> {
  const port = await freePort();
  const program = await start(t, 'websockify', [`127.0.0.1:${port}`, `127.0.0.1:${roomPort}`]);
  // A probe of its port would be a connection to the bridge.
  await eventually(
    () => `${program.output}${program.errors}`.includes('proxying from'),
    () => `websockify says ${program.errors}`,
  );
  return { program, door: { port, binary: true } };
}
