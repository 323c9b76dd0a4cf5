/**
 * Where this machine can be reached, as a person types it.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
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

/** Means another machine on each machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}

/** Networks that nobody reaches from outside. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6');

/** An address of this machine or of a network it is in, never one of the internet. */
export function isPrivate(ip: string): boolean {
  const address = ip.replace(/%.*/, '');
  return isIP(address) !== 0 && PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** IPv6 addresses stand in brackets there. */
export function formatUrlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
