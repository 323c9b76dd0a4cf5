/**
 * A bridge in front of a room, with members behind it and a terminal that sends.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { type AcceptingRoom, ClientPool } from '../clients/client-pool.ts';
import { TerminalSender } from '../clients/terminal.ts';
import { Processes } from '../lib/usage.ts';
import type { Bridge, Kind } from './bridges.ts';

export interface Subject {
  bridge: Bridge;
  bridgeUse: Processes;
  roomPort: number;
  roomUse: Processes;
  pool: ClientPool;
  terminal: TerminalSender;
}

/** Limits that would be the result, if they were the default ones of a terminal. */
export const UNBOUND = {
  TCP_MAX_RATE_BYTES: `${1024 * 1024 * 1024}`,
  TCP_MAX_BACKLOG_BYTES: `${256 * 1024 * 1024}`,
};

export async function setUp(t: Cleanup, kind: Kind, members: number): Promise<Subject> {
  const { room, bridgePort } = kind.hasOwnRoom ? await ownRoom(t) : await tutorialRoom(t);
  const { program, door } = await kind.start(t, bridgePort);
  const pool = new ClientPool(t);
  await pool.join(door, members, room);
  const pid = program.child.pid ?? 0;
  return {
    bridge: { name: kind.name, pid, door },
    bridgeUse: new Processes(pid),
    roomPort: room.port,
    roomUse: new Processes(room.program.child.pid ?? 0),
    pool,
    terminal: await TerminalSender.connect(t, room.port),
  };
}

/** `bridgePort` is where the bridge connects. */
interface Room {
  room: AcceptingRoom;
  bridgePort: number;
}

async function tutorialRoom(t: Cleanup): Promise<Room> {
  const room = await pythonRoom(t);
  return { room, bridgePort: room.port };
}

async function ownRoom(t: Cleanup): Promise<Room> {
  const room = await builtRoom(t, 'broadcast', { ...UNBOUND, TCP_GATEWAY_PORT: '0' });
  const [, port] = await room.program.prints(/Pasarelas: escuchando en .*:(\d+)/);
  return { room, bridgePort: Number(port) };
}
