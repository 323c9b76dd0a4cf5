/**
 * Where this machine can be reached, as a person types it.
 */
import { networkInterfaces } from 'node:os';

/** Networks between the machine and its own containers or virtual machines: nobody else is there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vEthernet|cni|flannel)/;
/** An address a machine gives itself where no network gave it one. */
const SELF_ASSIGNED = /^169\.254\./;

export function lanAddresses(interfaces = networkInterfaces()): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family, internal, address }) => family === 'IPv4' && !internal && !SELF_ASSIGNED.test(address))
    .map(({ address }) => address);
}

/** The addresses under which a server that listens on `host` is found, the most local one first. */
export function reachableHosts(host: string, lan = lanAddresses()): string[] {
  if (host === '0.0.0.0' || host === '::') return ['localhost', ...lan];
  return [host];
}

/** IPv6 addresses stand in brackets there. */
export function formatUrlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
