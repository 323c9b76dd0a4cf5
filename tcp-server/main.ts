/**
 * The room server as a process: configuration, listen, close on a signal.
 */
import { itemsOf, readEnv } from '../env.ts';
import { OWN_PREFIXES, settings } from './config.ts';
import { networksIn } from './networks.ts';
import { Room } from './server.ts';
import { formatAddress } from './wire.ts';

const config = readEnv(settings, OWN_PREFIXES);

const room = new Room(
  {
    mode: config.TCP_MODE,
    maxClients: config.TCP_MAX_CLIENTS,
    maxClientsPerAddress: config.TCP_MAX_CLIENTS_PER_ADDRESS,
    maxMessage: config.TCP_MAX_MESSAGE,
    maxBacklog: config.TCP_MAX_BACKLOG,
    maxRate: config.TCP_MAX_RATE,
    keepAlive: config.TCP_KEEP_ALIVE,
    closeTimeout: config.TCP_CLOSE_TIMEOUT,
    trustedProxies: networksIn(itemsOf(config.TCP_TRUSTED_PROXIES)),
    proxyTimeout: config.TCP_PROXY_TIMEOUT,
  },
  console.log,
);

// Whoever read our log may leave (`npm start | head`): the room goes on.
process.stdout.on('error', () => {});

try {
  const { address, port } = await room.listen(config.TCP_HOST, config.TCP_PORT);
  console.log(`Servidor escuchando en ${formatAddress(address, port)}`);
} catch (error) {
  console.error(`No se pudo iniciar el servidor: ${(error as Error).message}`);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

async function stop(): Promise<void> {
  console.log('\nServidor detenido.');
  await room.close();
}
