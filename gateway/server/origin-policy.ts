/**
 * Checks the headers `Host` and `Origin` of a request.
 *
 * Any web page can send requests here from a person's browser. An attacker can also make a name point at an address of
 * this network (DNS rebinding), so that the browser treats the attacker's page as this one. A page cannot forge the
 * headers: the browser sets `Host` to the name and `Origin` to the page.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { LocalNames } from './local-names.ts';

export interface OriginPolicyOptions {
  /** Additional host names of this gateway. */
  hosts: string[];
  /** Additional origins whose pages may connect. */
  origins: string[];
}

/**
 * Matches names that cannot be registered. `localhost`, `local`, `internal` and `home.arpa` are reserved (RFC 6761, 6762,
 * 8375, ICANN 2024). ICANN does not delegate `home` and `corp`. `lan`, `intranet`, `private` (RFC 6762, appendix G) and
 * `localdomain` are no internet domains, because routers have used them for decades. Names in real domains, such as
 * `fritz.box`, are looked up by local-names.ts.
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

  /** Returns true for a name of this gateway. `host` may contain a port, as the header does. */
  allowsHost(host: string | undefined): boolean {
    const name = hostnameOf(host);
    return name !== undefined && (isSafe(name) || this.#hosts.has(name) || this.#localNames.has(name));
  }

  /** Like `allowsHost`, but looks up an unknown name in the network first. */
  async findsHost(host: string | undefined): Promise<boolean> {
    if (!this.allowsHost(host) && hostnameOf(host) !== undefined) await this.#localNames.refresh();
    return this.allowsHost(host);
  }

  /** Returns true for requests of this page and of programs. Browsers always send `Origin` where it matters. */
  allowsOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
    if (this.#origins.has(origin) || !URL.canParse(origin)) return this.#origins.has(origin);
    const page = new URL(origin);
    return page.host === host || this.#pages.has(page.hostname);
  }
}

/** An address cannot be redirected, and a name without a dot belongs to this network. */
function isSafe(name: string): boolean {
  return isIP(name) !== 0 || !name.includes('.') || LOCAL.test(name);
}

/** Returns `chat.example.org` for `Chat.Example.org:8080`, and `::1` for `[::1]:8080`. */
export function hostnameOf(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([\da-f:.%]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}
