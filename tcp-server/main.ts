/**
 * Runs the room server as a process: reads the configuration, listens, and closes on a signal.
 */
import type { AddressInfo } from 'node:net';
import { itemsOf, readEnv } from '../common/env.ts';
import { formatAddress, networkMatcher } from '../common/ip.ts';
import { optimizeEarly } from '../common/optimize-early.ts';
import { onHangUp, onParentGone, surviveLostOutput } from '../common/process-signals.ts';
import { ChatServer } from './chat-server.ts';
import { OWN_PREFIXES, settings } from './config.ts';
import { createLogWriter } from './log-writer.ts';

const config = readEnv(settings, OWN_PREFIXES);

/** A shell sends SIGHUP to its jobs a second time. */
let isStopping = false;

const room = new ChatServer(
  {
    mode: config.TCP_MODE,
    maxClients: config.TCP_MAX_CLIENTS,
    maxClientsPerAddress: config.TCP_MAX_CLIENTS_PER_ADDRESS,
    maxMessageBytes: config.TCP_MAX_MESSAGE_BYTES,
    maxBacklogBytes: config.TCP_MAX_BACKLOG_BYTES,
    slowReaderMs: config.TCP_SLOW_READER_MS,
    keyWaitMs: config.TCP_KEY_WAIT_MS,
    maxRateBytes: config.TCP_MAX_RATE_BYTES,
    keepAliveMs: config.TCP_KEEP_ALIVE_MS,
    closeTimeoutMs: config.TCP_CLOSE_TIMEOUT_MS,
    isTrustedProxy: networkMatcher(itemsOf(config.TCP_TRUSTED_PROXIES)),
    proxyTimeoutMs: config.TCP_PROXY_TIMEOUT_MS,
    pageUrl: config.TCP_PAGE_URL,
  },
  createLogWriter(process.stdout),
);

surviveLostOutput();
optimizeEarly();

const addresses = await listen();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
onHangUp((hangUp) => {
  if (hangUp !== 'detached') void stop();
});
onParentGone(stop);
if (addresses.gateways) console.log(`Pasarelas: escuchando en ${addresses.gateways}`);
console.log(`Servidor escuchando en ${addresses.public}`);

async function listen(): Promise<{ public: string; gateways: string | undefined }> {
  const { TCP_HOST, TCP_PORT, TCP_GATEWAY_PORT } = config;
  try {
    const address = await room.listen(TCP_HOST, TCP_PORT);
    const gateways =
      TCP_GATEWAY_PORT === '' ? undefined : await room.listenForGateways(TCP_HOST, Number(TCP_GATEWAY_PORT));
    return { public: format(address), gateways: gateways && format(gateways) };
  } catch (error) {
    console.error(`No se pudo iniciar el servidor: ${(error as Error).message}`);
    process.exit(1);
  }
}

function format({ address, port }: AddressInfo): string {
  return formatAddress(address, port);
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  console.log('\nServidor detenido.');
  await room.close();
}
