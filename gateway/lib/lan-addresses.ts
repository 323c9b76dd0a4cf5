/**
 * Lists the addresses of this machine, as a person types them.
 */
import { networkInterfaces } from 'node:os';

/** Networks of the machine's own containers and virtual machines, which no other machine reaches. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vEthernet|cni|flannel)/;
/** Link-local addresses, which a machine assigns to itself without a network. */
const SELF_ASSIGNED = /^169\.254\./;

export function lanAddresses(interfaces = networkInterfaces()): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !SELF_ASSIGNED.test(address))
    .map(({ address }) => address);
}

/** Returns the addresses of a server that listens on `host`, most local first. */
export function reachableHosts(host: string, lan = lanAddresses()): string[] {
  if (host === '0.0.0.0' || host === '::') return ['localhost', ...lan];
  return [host];
}

/** Puts an IPv6 address in brackets, as URLs need. */
export function formatUrlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
