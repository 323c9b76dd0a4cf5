/**
 * The room as a student runs it: a Python server with all of the tutorial's traps. The servers of other tutorials are in
 * test/servers/stand-in.ts.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mode } from '../../tcp-server/relay.ts';
import type { Cleanup } from './eventually.ts';
import { type Program, start, without } from './process.ts';
import { freePort, logsClients } from './tcp.ts';

const STAND_IN = fileURLToPath(new URL('../python/room.py', import.meta.url));

const STAND_IN_CLIENT = fileURLToPath(new URL('../python/client.py', import.meta.url));

const TUTORIAL_SCRIPTS = { broadcast: 'server.py', echo: 'server_echo.py', ack: 'server_ack.py' };

export const withoutPython = without('python3');

export interface PythonRoom {
  port: number;
  program: Program;
}

/** Starts our stand-in, or with TUTORIAL_DIR the tutorial's own script. */
export async function pythonRoom(t: Cleanup, mode: Mode = 'broadcast'): Promise<PythonRoom> {
  const port = await freePort();
  const program = await start(t, 'python3', ['-u', ...script(mode), `${port}`], {
    PYTHONIOENCODING: 'utf-8',
  });
  await program.prints(`Servidor escuchando en 0.0.0.0:${port}`);
  logsClients(port, program);
  return { port, program };
}

function script(mode: Mode): string[] {
  const { TUTORIAL_DIR } = process.env;
  return TUTORIAL_DIR ? [join(TUTORIAL_DIR, 'run.py'), TUTORIAL_SCRIPTS[mode]] : [STAND_IN, mode];
}

/** Starts a terminal client like the tutorial's, or with TUTORIAL_DIR the tutorial's own. */
export async function pythonClient(t: Cleanup, port: number): Promise<Program> {
  const { TUTORIAL_DIR } = process.env;
  const args = TUTORIAL_DIR ? [join(TUTORIAL_DIR, 'run.py'), 'client.py'] : [STAND_IN_CLIENT];
  const program = await start(t, 'python3', ['-u', ...args, `${port}`, '127.0.0.1'], {
    PYTHONIOENCODING: 'utf-8',
  });
  await program.prints('Conectado al servidor.');
  return program;
}

const COURSE = fileURLToPath(new URL('../python/course.py', import.meta.url));

/** Starts a server of another course. See course.py. */
export async function courseServer(t: Cleanup, kind: string): Promise<PythonRoom> {
  const port = await freePort();
  const program = await start(t, 'python3', ['-u', COURSE, kind, `${port}`], { PYTHONIOENCODING: 'utf-8' });
  await program.prints(`Servidor escuchando en 127.0.0.1:${port}`);
  return { port, program };
}
