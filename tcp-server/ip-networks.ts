/**
 * Addresses and networks: `10.0.0.7`, `192.168.0.0/16`, `::1`, `fd00::/8`.
 */
import { BlockList, isIPv6 } from 'node:net';
import { unmapIPv4 } from './wire.ts';

export function networksIn(items: string[]): BlockList {
  const networks = new BlockList();
  for (const item of items) {
    const [ip = '', bits] = item.split('/');
    if (bits === undefined) networks.addAddress(ip, familyOf(ip));
    else networks.addSubnet(ip, Number(bits), familyOf(ip));
  }
  return networks;
}

export function contains(networks: BlockList, ip: string): boolean {
  const plain = unmapIPv4(ip);
  return networks.check(plain, familyOf(plain));
}

function familyOf(ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4';
}
