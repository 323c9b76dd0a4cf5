/**
 * npm start: runs the room and the gateway until they are stopped, or one of them ends.
 *
 *     build what is stale -> room listens -> gateway is ready -> (run) -> gateway leaves -> room closes
 */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isLoopback } from '../common/ip.ts';
import { formatUrlHost, reachableHosts } from '../gateway/lib/lan-addresses.ts';
import { Service } from './lib/service.ts';
import { aborted, stopSignals } from './lib/stop-signals.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';
import { terminalCode } from './lib/terminal-code.ts';

/** Longest start of each, ms. */
const READY_WITHIN_MS = 20_000;
const POLL_INTERVAL_MS = 100;
/** Longest shutdown of each, ms. The gateway closes a connection to the room for every browser. */
const GATEWAY_GRACE_MS = 8_000;
const ROOM_GRACE_MS = 4_000;

/** The lines in which the room reports its port for gateways, if it opens one, and its public port. */
const LISTENS = /(?:Pasarelas: escuchando en \S*:(\d+)\s[\s\S]*)?Servidor escuchando en \S*:(\d+)\s/;

const room = { host: setting('TCP_HOST', '0.0.0.0'), port: setting('TCP_PORT', '12345') };
/** Without other wishes the gateway uses a port of its own, so that terminals see the addresses of browsers. */
const hasGatewayPort = ['ROOM_HOST', 'ROOM_PORT', 'ROOM_PROXY_PROTOCOL'].every(
  (name) => setting(name, '') === '',
);
const page = { host: setting('HTTP_HOST', '0.0.0.0'), port: setting('HTTP_PORT', '8080') };
const scheme = setting('TLS_CERT', '') === '' ? 'http' : 'https';

/** Ends everything, with a message and exit code 1. */
class Failure extends Error {}

const stop = stopSignals();
/** In the order in which they were started. */
const services: Service[] = [];

try {
  await run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  for (const service of services.toReversed()) await service.stop();
}

/** Starts everything and waits. Each step returns at once after a stop signal, which is no failure. */
async function run(): Promise<void> {
  await buildStale();
  await refuseBusyPorts();
  const gatewayPort = await startRoom();
  if (!stop.aborted) await startGateway(gatewayPort);
  if (!stop.aborted) console.log(welcome());
  await orEnded(aborted(stop));
}

async function buildStale(): Promise<void> {
  const stale = staleOnes(EVERYTHING);
  if (stale.length === 0) return;
  console.log(`Building ${stale.join(' and ')} ...`);
  const built = await build(stale, { quiet: true, signal: stop });
  if (!built && !stop.aborted) throw new Failure('The build failed: see above.');
}

async function refuseBusyPorts(): Promise<void> {
  if (await isBusy(room)) {
    throw new Failure(
      `Port ${room.port} is in use: a server runs there already. Stop it, or set TCP_PORT to another port, or run ` +
        '`npm run start:gateway` to bring browsers into the room of the server that runs there.',
    );
  }
  if (await isBusy(page)) {
    throw new Failure(`Port ${page.port} is in use. Stop what runs there, or set HTTP_PORT to another port.`);
  }
}

/** Tries to listen on the port, because a connection would be visible in a room. */
async function isBusy({ host, port }: { host: string; port: string }): Promise<boolean> {
  // The program that reads an invalid port refuses it with a better message.
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return false;
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ host, port: Number(port) }, () => server.close(() => resolve(false)));
  });
}

/** Returns the room's port for gateways, if it has one. Sets the public port, which the system chooses for TCP_PORT=0. */
async function startRoom(): Promise<string | undefined> {
  if (stop.aborted) return undefined;
  // The room redirects browsers on its port to the page. Port 0 is not known before the gateway listens.
  const pageHere = page.port === '0' ? '' : `${scheme}://:${page.port}`;
  const env = {
    TCP_PAGE_URL: setting('TCP_PAGE_URL', setting('PUBLIC_URL', pageHere)),
    ...(hasGatewayPort && { TCP_GATEWAY_PORT: setting('TCP_GATEWAY_PORT', '0') }),
  };
  const service = new Service('The room', ['dist/tcp-server/main.js'], {
    env,
    graceMs: ROOM_GRACE_MS,
    echoes: true,
  });
  services.push(service);
  const [, gatewayPort, port] = (await ready(service, service.output(LISTENS))) ?? [];
  if (port !== undefined) room.port = port;
  return hasGatewayPort ? gatewayPort : undefined;
}

async function startGateway(gatewayPort: string | undefined): Promise<void> {
  const env = {
    ROOM_HOST: setting('ROOM_HOST', '127.0.0.1'),
    ROOM_PORT: setting('ROOM_PORT', gatewayPort ?? room.port),
    ...(gatewayPort !== undefined && {
      ROOM_PROXY_PROTOCOL: 'v2',
      PUBLIC_ROOM: setting('PUBLIC_ROOM', `:${room.port}`),
    }),
  };
  const service = new Service('The gateway', ['dist/gateway/main.js'], { env, graceMs: GATEWAY_GRACE_MS });
  services.push(service);
  const host = isEverywhere(page.host) ? '127.0.0.1' : page.host;
  const enough = new AbortController();
  await ready(service, untilOk(new URL('/readyz', pageUrl(host)), enough.signal));
  enough.abort();
}

/** Waits until a service is ready, fails, or a stop signal arrives. */
async function ready<T>(service: Service, sign: Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  const tooLate = delay(READY_WITHIN_MS, undefined, { signal: late.signal }).then(() => {
    throw new Failure(`${service.name} was not ready within ${READY_WITHIN_MS / 1000} s.`);
  });
  tooLate.catch(() => {}); // The delay rejects when it is cancelled.
  try {
    return await orEnded(Promise.race([sign, tooLate, aborted(stop).then(() => undefined)]));
  } finally {
    late.abort();
  }
}

/** Rejects if a service ends before, because neither is of use without the other. */
function orEnded<T>(promise: Promise<T>): Promise<T> {
  const endings = services.map(async (service) => {
    const { words } = await service.ended;
    throw new Failure(`${service.name} ${words}.`);
  });
  return Promise.race([promise, ...endings]);
}

async function untilOk(url: URL, enough: AbortSignal): Promise<void> {
  while (!enough.aborted) {
    if (await isOk(url, enough)) return;
    await delay(POLL_INTERVAL_MS);
  }
}

/** The certificate is not verified, because it names the public address and not this one. */
function isOk(url: URL, signal: AbortSignal): Promise<boolean> {
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  return new Promise((resolve) => {
    get(url, { signal, agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

function pageUrl(host: string): string {
  return `${scheme}://${formatUrlHost(host)}:${page.port}`;
}

function welcome(): string {
  const addresses = reachableHosts(page.host).map(pageUrl);
  const publicUrl = setting('PUBLIC_URL', '');
  const browsers = publicUrl === '' ? addresses : [publicUrl, ...addresses];
  const terminals = reachableHosts(room.host).map((host) => `nc ${host} ${room.port}`);
  const client = room.port === '12345' ? 'npm run client' : `npm run client localhost:${room.port}`;
  return [
    '',
    'The room is open.',
    '',
    ...row('Browsers', browsers),
    ...row('Terminals', [...terminals, client]),
    ...row('Stop', ['Ctrl-C']),
    '',
    ...codeOf(browsers.filter((url) => !isLoopback(new URL(url).hostname))),
  ].join('\n');
}

/** The QR code for a phone, if the gateway has an address that it can reach. */
function codeOf([url]: string[]): string[] {
  const code = url === undefined ? undefined : terminalCode(url, process.stdout);
  return code === undefined ? [] : [code, ''];
}

/** Formats a title with its text in a column beside it. */
function row(title: string, lines: string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? title : '').padEnd(12)}${line}`);
}

function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** An empty setting counts as unset. */
function setting(name: string, fallback: string): string {
  return process.env[name] || fallback;
}
