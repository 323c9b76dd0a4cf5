/**
 * The commands that the page offers for terminals, typed into a real shell.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { terminalLines } from '../../web/client/invitation.ts';
import { type Program, start, without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

/** The fixture of all tests. */
const room = await builtRoom({ after });

const COMMANDS = { nc: 'nc', ncat: 'ncat', telnet: 'telnet', Python: 'python3' };

/** An address of a network. The page offers no commands that lead to its own computer only. */
const NETWORK = '192.0.2.7';

/** Runs that command on the machine of the room. */
async function run(t: TestContext, program: string, port: number): Promise<Program> {
  const lines = terminalLines(`http://${NETWORK}:8080`, {
    publicUrl: null,
    lanUrls: [],
    room: { host: null, port },
    asksForCode: false,
  });
  const line = lines.find((one) => one.program === program)?.line.replace(NETWORK, '127.0.0.1') ?? '';
  return await start(t, 'sh', ['-c', `exec ${line}`]);
}

for (const [program, command] of Object.entries(COMMANDS)) {
  test(`command for ${program} sends and receives`, { skip: without('sh', command) }, async (t) => {
    const other = await enter(t, room.port);
    const terminal = await run(t, program, room.port);
    terminal.type('¿me oís, niños? 👋\n');
    await other.receives('dice: ¿me oís, niños? 👋');
    other.send('sí\n');
    await terminal.prints(`${other.address} dice: sí`);
  });
}

test('command for Python receives everything before it leaves', {
  skip: without('sh', 'python3'),
}, async (t) => {
  const terminal = await run(t, 'Python', room.port);
  terminal.type('adiós\n');
  terminal.endInput();
  await room.program.prints(/Recibido de .*: adiós\nConexión cerrada por/);
  assert.equal((await terminal.exits()).code, 0);
});
