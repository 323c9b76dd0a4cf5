/**
 * A bridge in front of Python's room, with members behind it and a terminal that talks.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { Crowd } from '../clients/client-pool.ts';
import { Terminal } from '../clients/terminal.ts';
import { Processes } from '../lib/usage.ts';
import type { Bridge, bridgesFor } from './bridges.ts';

export interface Subject {
  bridge: Bridge;
  bridgeUse: Processes;
  roomPort: number;
  roomUse: Processes;
  crowd: Crowd;
  terminal: Terminal;
}

export async function setUp(
  t: Cleanup,
  kind: ReturnType<typeof bridgesFor>[number],
  members: number,
): Promise<Subject> {
  const room = await pythonRoom(t);
  const { program, door } = await kind.start(t, room.port);
  const crowd = new Crowd(t);
  await crowd.join(door, members, room);
  const pid = program.child.pid ?? 0;
  return {
    bridge: { name: kind.name, pid, door },
    bridgeUse: new Processes(pid),
    roomPort: room.port,
    roomUse: new Processes(room.program.child.pid ?? 0),
    crowd,
    terminal: await Terminal.in(t, room.port),
  };
}
