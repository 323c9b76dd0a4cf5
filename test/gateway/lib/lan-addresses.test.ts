import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, test } from 'node:test';
import { lanAddresses, reachableHosts } from '../../../gateway/lib/lan-addresses.ts';

describe('the addresses shown', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;

  test('LAN addresses are those that other devices can reach', () => {
    const interfaces = {
      lo: [at('127.0.0.1', 'IPv4', true)],
      wlan0: [at('192.168.1.20'), at('fe80::1', 'IPv6')],
      eth1: [at('169.254.3.4')],
      docker0: [at('172.17.0.1')],
    };
    assert.deepEqual(lanAddresses(interfaces), ['192.168.1.20']);
  });

  test('reachable hosts of a server on all addresses are this machine and its LAN addresses', () => {
    assert.deepEqual(reachableHosts('0.0.0.0', ['192.168.1.20']), ['localhost', '192.168.1.20']);
  });

  test('reachable hosts of a server on one address are that address', () => {
    assert.deepEqual(reachableHosts('127.0.0.1', ['192.168.1.20']), ['127.0.0.1']);
  });
});
