/**
 * The built room server, as `npm run start:tcp-server` runs it.
 */
import type { Mode } from '../../tcp-server/relay.ts';
import type { Cleanup } from './eventually.ts';
import { type Program, start } from './process.ts';
import { freePort, logsClients } from './tcp.ts';

/** Its port stays free while it is stopped, so that it can return to it. */
export async function builtRoom(
  t: Cleanup,
  mode: Mode = 'broadcast',
  env: Record<string, string> = {},
): Promise<{ port: number; program: Program }> {
  const program = await start(t, process.execPath, ['dist/tcp-server/main.js'], {
    TCP_HOST: '127.0.0.1',
    TCP_PORT: env.TCP_PORT ?? `${await freePort()}`,
    TCP_MODE: mode,
    ...env,
  });
  const [, port] = await program.prints(/Servidor escuchando en .*:(\d+)/);
  // Behind a proxy a client is logged when its PROXY header has come.
  if (env.TCP_TRUSTED_PROXIES === undefined) logsClients(Number(port), program);
  return { port: Number(port), program };
}
