/**
 * Who may come in, from what a request says of where it comes from.
 *
 * A page anywhere may send requests here from a person's browser, and a name of an attacker's may be made to point at
 * an address of this network (DNS rebinding), so that the browser takes the attacker's page for ours. What the
 * browser says of it can't be made to lie: `Host` is the name, `Origin` the page.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { LocalNames } from './local-names.ts';

export interface OriginPolicyOptions {
  /** Names of this gateway, besides those that nobody else can have. */
  hosts: string[];
  /** Origins besides the own whose pages may connect. */
  origins: string[];
}

/**
 * Names that no one can register: those of the own machine and network. `localhost`, `local`, `internal` and
 * `home.arpa` are set aside for that (RFC 6761, 6762, 8375, ICANN 2024). ICANN delegates neither `home` nor `corp`; and
 * `lan`, `intranet`, `private` (RFC 6762, appendix G) and `localdomain` are no domains of the internet, since routers
 * and systems have given them out for decades. Names in real domains, as `fritz.box`, are looked up: local-names.ts.
 */
const LOCAL = /(?:^|\.)(?:localhost|local|internal|home\.arpa|home|corp|lan|intranet|private|localdomain)$/;

export class OriginPolicy {
  readonly #hosts: Set<string>;
  readonly #pages: Set<string>;
  readonly #origins: Set<string>;
  readonly #localNames: LocalNames;

  constructor({ hosts, origins }: OriginPolicyOptions, localNames = new LocalNames()) {
    this.#localNames = localNames;
    const named = origins.map((origin) => new URL(origin).hostname);
    this.#pages = new Set(hosts.map((host) => host.toLowerCase()));
    this.#hosts = new Set([...this.#pages, ...named, hostname().toLowerCase()]);
    this.#origins = new Set(origins);
  }

  /** Is this a name of ours? `host` as in the header: with a port, perhaps. */
  allowsHost(host: string | undefined): boolean {
    const name = hostnameOf(host);
    return name !== undefined && (isSafe(name) || this.#hosts.has(name) || this.#localNames.has(name));
  }

  /** As `knowsHost`; of a name that it does not know, the own network is asked. */
  async findsHost(host: string | undefined): Promise<boolean> {
    if (!this.allowsHost(host) && hostnameOf(host) !== undefined) await this.#localNames.learn();
    return this.allowsHost(host);
  }

  /** Is the page that asks ours? Scripts and terminals send no Origin; a browser always does where it matters. */
  allowsOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
    if (this.#origins.has(origin) || !URL.canParse(origin)) return this.#origins.has(origin);
    const page = new URL(origin);
    return page.host === host || this.#pages.has(page.hostname);
  }
}

/** An address is no name that could point elsewhere, and a name without a dot is one of this network. */
function isSafe(name: string): boolean {
  return isIP(name) !== 0 || !name.includes('.') || LOCAL.test(name);
}

/** `chat.example.org` of `Chat.Example.org:8080`, `::1` of `[::1]:8080`. */
export function hostnameOf(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.%]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}
