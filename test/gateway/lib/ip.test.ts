import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, test } from 'node:test';
import { isLoopback, isPrivate, lanAddresses, reachableHosts } from '../../../gateway/lib/ip.ts';

describe('the addresses shown', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;

  test('are those other devices can reach', () => {
    const interfaces = {
      lo: [at('127.0.0.1', 'IPv4', true)],
      wlan0: [at('192.168.1.20'), at('fe80::1', 'IPv6')],
      eth1: [at('169.254.3.4')],
      docker0: [at('172.17.0.1')],
    };
    assert.deepEqual(lanAddresses(interfaces), ['192.168.1.20']);
  });

  test('are this machine and its LAN addresses for a server that listens everywhere', () => {
    assert.deepEqual(reachableHosts('0.0.0.0', ['192.168.1.20']), ['localhost', '192.168.1.20']);
  });

  test('are the one address a server listens on', () => {
    assert.deepEqual(reachableHosts('127.0.0.1', ['192.168.1.20']), ['127.0.0.1']);
  });

  test('of the machine itself are known as such', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])
      assert.ok(isLoopback(host), host);
    for (const host of ['192.168.1.20', '1.127.0.0', 'localhost.example.org', '::'])
      assert.ok(!isLoopback(host), host);
  });

  test('of the own networks are told from those of the internet', () => {
    for (const ip of [
      '127.0.0.1',
      '10.0.0.2',
      '172.31.255.255',
      '192.168.1.20',
      '169.254.3.4',
      '::1',
      'fd00::7',
      'fe80::1%eth0',
    ])
      assert.ok(isPrivate(ip), ip);
    for (const ip of [
      '203.0.113.7',
      '172.32.0.1',
      '100.64.0.1',
      '2001:db8::7',
      '::',
      '0.0.0.0',
      '',
      'localhost',
      '::ffff:8.8.8.8',
    ])
      assert.ok(!isPrivate(ip), ip);
  });
});
