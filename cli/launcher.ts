/**
 * Runs the room and the gateway, or the gateway alone, until they are stopped or one of them ends.
 *
 *     room listens -> gateway is ready -> (run) -> gateway leaves -> room closes
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isLoopback } from '../common/ip.ts';
import { formatUrlHost, reachableHosts } from '../gateway/lib/lan-addresses.ts';
import { gatewayOutput, type LogFormat, roomOutput, writeJson } from './log-output.ts';
import { Service } from './service.ts';
import { aborted } from './stop-signals.ts';
import { terminalCode } from './terminal-code.ts';
import type { Texts } from './texts.ts';

/** Longest start of each, ms. A small computer with other work may need half a minute; a program that ends is noticed at once. */
const READY_WITHIN_MS = 120_000;
const POLL_INTERVAL_MS = 100;
/** Longest shutdown of each, ms. The gateway closes a connection to the room for every browser. */
const GATEWAY_GRACE_MS = 8_000;
const ROOM_GRACE_MS = 4_000;

/** The lines in which the room reports its port for gateways, if it opens one, and its public port. */
const LISTENS = /(?:Pasarelas: escuchando en \S*:(\d+)\s[\s\S]*)?Servidor escuchando en \S*:(\d+)\s/;

/** Ends everything, with a message and exit code 1. */
class Failure extends Error {}

export interface LaunchOptions {
  /** The environment of the programs. */
  env: NodeJS.ProcessEnv;
  /** The folder of the built programs. */
  programs: string;
  /** Runs the gateway alone, in front of the room of ROOM_HOST and ROOM_PORT. */
  isGatewayAlone: boolean;
  dataDir: string;
  logFormat: LogFormat;
  texts: Texts;
  /** The commands that messages name. */
  commands: { client: string; gateway: string };
  stop: AbortSignal;
}

/** Runs the programs, and returns the exit code. */
export async function launch(options: LaunchOptions): Promise<number> {
  return new Launcher(options).run();
}

interface Listener {
  host: string;
  port: string;
}

class Launcher {
  readonly #options: LaunchOptions;
  readonly #page: Listener;
  readonly #room: Listener;
  readonly #scheme: 'http' | 'https';
  /** Without other wishes the gateway uses a port of its own, so that terminals see the addresses of browsers. */
  readonly #hasGatewayPort: boolean;
  /** In the order in which they were started. */
  readonly #services: Service[] = [];

  constructor(options: LaunchOptions) {
    this.#options = options;
    this.#page = { host: this.#setting('HTTP_HOST', '0.0.0.0'), port: this.#setting('HTTP_PORT', '8080') };
    this.#room = options.isGatewayAlone
      ? { host: this.#setting('ROOM_HOST', '127.0.0.1'), port: this.#setting('ROOM_PORT', '12345') }
      : { host: this.#setting('TCP_HOST', '0.0.0.0'), port: this.#setting('TCP_PORT', '12345') };
    this.#scheme = this.#setting('TLS_CERT', '') === '' ? 'http' : 'https';
    this.#hasGatewayPort = ['ROOM_HOST', 'ROOM_PORT', 'ROOM_PROXY_PROTOCOL'].every(
      (name) => this.#setting(name, '') === '',
    );
  }

  async run(): Promise<number> {
    try {
      await this.#runUntilStopped();
      return 0;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      return 1;
    } finally {
      for (const service of this.#services.toReversed()) await service.stop();
    }
  }

  /** Starts everything and waits. Each step returns at once after a stop signal, which is no failure. */
  async #runUntilStopped(): Promise<void> {
    const { stop, isGatewayAlone } = this.#options;
    this.#refuseDataDir();
    await this.#refuseBusyPorts();
    const gatewayPort = isGatewayAlone ? undefined : await this.#startRoom();
    if (!stop.aborted) await this.#startGateway(gatewayPort);
    if (!stop.aborted) await this.#announce();
    await this.#orEnded(aborted(stop));
  }

  #refuseDataDir(): void {
    const { dataDir, texts } = this.#options;
    try {
      checkWritable(dataDir);
    } catch (error) {
      throw new Failure(texts.noDataDir(dataDir, (error as Error).message));
    }
  }

  async #refuseBusyPorts(): Promise<void> {
    const { texts, commands, isGatewayAlone } = this.#options;
    if (!isGatewayAlone && (await isBusy(this.#room))) {
      throw new Failure(texts.roomPortTaken(this.#room.port, commands.gateway));
    }
    if (await isBusy(this.#page)) throw new Failure(texts.pagePortTaken(this.#page.port));
    // The addresses and the check of readiness need the number before the gateway listens.
    if (this.#page.port === '0') this.#page.port = `${await freePort(this.#page.host)}`;
  }

  /** Returns the room's port for gateways, if it has one. Sets the public port, which the system chooses for TCP_PORT=0. */
  async #startRoom(): Promise<string | undefined> {
    const { stop, env, texts, programs, logFormat } = this.#options;
    if (stop.aborted) return undefined;
    // The room redirects browsers on its port to the page.
    const pageHere = `${this.#scheme}://:${this.#page.port}`;
    const service = new Service(texts.theRoom, [join(programs, 'tcp-server', 'main.js')], {
      env: {
        ...env,
        TCP_PAGE_URL: this.#setting('TCP_PAGE_URL', this.#setting('PUBLIC_URL', pageHere)),
        ...(this.#hasGatewayPort && { TCP_GATEWAY_PORT: this.#setting('TCP_GATEWAY_PORT', '0') }),
      },
      graceMs: ROOM_GRACE_MS,
      texts,
      onOutput: roomOutput(logFormat, texts, this.#hasGatewayPort),
    });
    this.#services.push(service);
    const [, gatewayPort, port] = (await this.#ready(service, service.output(LISTENS))) ?? [];
    if (port !== undefined) this.#room.port = port;
    return this.#hasGatewayPort ? gatewayPort : undefined;
  }

  async #startGateway(gatewayPort: string | undefined): Promise<void> {
    const { env, texts, programs, logFormat, isGatewayAlone } = this.#options;
    const onOutput = gatewayOutput(logFormat, texts);
    const service = new Service(texts.theGateway, [join(programs, 'gateway', 'main.js')], {
      env: {
        ...env,
        HTTP_PORT: this.#page.port,
        ROOM_HOST: this.#setting('ROOM_HOST', '127.0.0.1'),
        ROOM_PORT: this.#setting('ROOM_PORT', gatewayPort ?? this.#room.port),
        ...(gatewayPort !== undefined && {
          ROOM_PROXY_PROTOCOL: 'v2',
          PUBLIC_ROOM: this.#setting('PUBLIC_ROOM', `:${this.#room.port}`),
        }),
      },
      graceMs: GATEWAY_GRACE_MS,
      texts,
      ...(onOutput && { onOutput }),
    });
    this.#services.push(service);
    const enough = new AbortController();
    // A room that runs elsewhere may start later. The gateway retries.
    const sign = this.#localUrl(isGatewayAlone ? '/healthz' : '/readyz');
    try {
      await this.#ready(service, untilOk(sign, enough.signal));
    } finally {
      enough.abort();
    }
  }

  #localUrl(path: string): URL {
    const { host } = this.#page;
    return new URL(path, this.#pageUrl(host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host));
  }

  /** Waits until a service is ready, fails, or a stop signal arrives. */
  async #ready<T>(service: Service, sign: Promise<T>): Promise<T | undefined> {
    const { stop, texts } = this.#options;
    const late = new AbortController();
    const tooLate = delay(READY_WITHIN_MS, undefined, { signal: late.signal }).then(() => {
      throw new Failure(texts.notReady(service.name, READY_WITHIN_MS / 1000));
    });
    tooLate.catch(() => {}); // The delay rejects when it is cancelled.
    try {
      return await this.#orEnded(Promise.race([sign, tooLate, aborted(stop).then(() => undefined)]));
    } finally {
      late.abort();
    }
  }

  /** Rejects if a service ends before, because neither is of use without the other. */
  #orEnded<T>(promise: Promise<T>): Promise<T> {
    const endings = this.#services.map(async (service) => {
      throw new Failure(`${this.#options.texts.ended(service.name, await service.ended)}.`);
    });
    return Promise.race([promise, ...endings]);
  }

  async #announce(): Promise<void> {
    const { texts, commands, logFormat, isGatewayAlone } = this.#options;
    const addresses = reachableHosts(this.#page.host).map((host) => this.#pageUrl(host));
    const publicUrl = this.#setting('PUBLIC_URL', '');
    const browsers = publicUrl === '' ? addresses : [publicUrl, ...addresses];
    const roomHosts = isGatewayAlone ? [this.#room.host] : reachableHosts(this.#room.host);
    const terminals = roomHosts.map((host) => `nc ${host} ${this.#room.port}`);
    if (logFormat === 'json') {
      writeJson({ name: 'tertulia', msg: 'ready', browsers, terminals });
      return;
    }
    const client = clientCommand(commands.client, roomHosts[0] ?? '', this.#room.port);
    const block = [
      '',
      ...(isGatewayAlone && !(await isOk(this.#localUrl('/readyz')))
        ? [texts.roomSilent(`${this.#room.host}:${this.#room.port}`)]
        : [texts.roomIsOpen]),
      '',
      ...row(texts.browsers, browsers),
      ...row(texts.terminals, [...terminals, client]),
      ...row(texts.stop, ['Ctrl-C']),
      '',
      ...codeOf(browsers.filter((url) => !isLoopback(new URL(url).hostname))),
    ];
    console.log(block.join('\n'));
  }

  #pageUrl(host: string): string {
    return `${this.#scheme}://${formatUrlHost(host)}:${this.#page.port}`;
  }

  /** An empty setting counts as unset. */
  #setting(name: string, fallback: string): string {
    return this.#options.env[name] || fallback;
  }
}

/**
 * Checks the folder, or the one in which the gateway will create it. Throws an error with the reason.
 * Node's own recursive mkdir never returns below a folder that can hold no folders, such as `/proc`.
 */
function checkWritable(folder: string): void {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  if (!statSync(existing).isDirectory()) throw new Error(`${existing} is a file`);
  accessSync(existing, constants.W_OK);
}

/** Tries to listen on the port, because a connection would be visible in a room. */
async function isBusy({ host, port }: Listener): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ host, port: Number(port) }, () => server.close(() => resolve(false)));
  });
}

/** Returns a port that the system chooses. */
function freePort(host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function untilOk(url: URL, enough: AbortSignal): Promise<void> {
  while (!enough.aborted) {
    if (await isOk(url, enough)) return;
    await delay(POLL_INTERVAL_MS);
  }
}

/** The certificate is not verified, because it names the public address and not this one. */
function isOk(url: URL, signal?: AbortSignal): Promise<boolean> {
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  return new Promise((resolve) => {
    get(url, { signal, agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

function clientCommand(command: string, host: string, port: string): string {
  const isDefault = ['localhost', '127.0.0.1'].includes(host) && port === '12345';
  return isDefault ? command : `${command} ${formatUrlHost(host)}:${port}`;
}

/** The QR code for a phone, if the gateway has an address that it can reach. */
function codeOf([url]: string[]): string[] {
  const code = url === undefined ? undefined : terminalCode(url, process.stdout);
  return code === undefined ? [] : [code, ''];
}

/** Formats a title with its text in a column beside it. */
function row(title: string, lines: string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? title : '').padEnd(13)}${line}`);
}
