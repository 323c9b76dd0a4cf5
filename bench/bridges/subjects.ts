/**
 * A bridge in front of Python's room, with members behind it and a terminal that sends.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { ClientPool } from '../clients/client-pool.ts';
import { TerminalSender } from '../clients/terminal.ts';
import { Processes } from '../lib/usage.ts';
import type { Bridge, bridgesFor } from './bridges.ts';

export interface Subject {
  bridge: Bridge;
  bridgeUse: Processes;
  roomPort: number;
  roomUse: Processes;
  pool: ClientPool;
  terminal: TerminalSender;
}

export async function setUp(
  t: Cleanup,
  kind: ReturnType<typeof bridgesFor>[number],
  members: number,
): Promise<Subject> {
  const room = await pythonRoom(t);
  const { program, door } = await kind.start(t, room.port);
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
