import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalIp,
  formatAddress,
  ipFromBytes,
  ipToBytes,
  isLoopback,
  isNetwork,
  isPrivate,
  networkMatcher,
  rateLimitKey,
  unmapIPv4,
} from '../../common/ip.ts';

test('canonicalIp gives each address one spelling, without a zone', () => {
  const spellings: [string, string | undefined][] = [
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:a00:7', '10.0.0.7'],
    ['2001:DB8::0:7', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::10.0.0.7', '::a00:7'],
    ['unknown', undefined],
    ['', undefined],
    ['1', undefined],
    ['0x7f.1', undefined],
    ['010.0.0.1', undefined],
  ];
  for (const [spelling, ip] of spellings) assert.equal(canonicalIp(spelling), ip, spelling);
});

test('canonicalIp spells every IPv6 address as the operating system does', () => {
  // The system writes the IPv4-compatible addresses that RFC 4291 has withdrawn (`::10.0.0.7`) with dots.
  const isWithdrawn = (ip: string) => /^::[\d.]+$/.test(ip);
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      const system = unmapIPv4(new SocketAddress({ address: ip, family: 'ipv6' }).address);
      if (!isWithdrawn(system)) assert.equal(canonicalIp(ip), system);
      assert.equal(canonicalIp(system), canonicalIp(ip));
    }),
    { numRuns: 2_000 },
  );
});

test('ipFromBytes reverses ipToBytes for both families', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => {
      assert.equal(canonicalIp(ipFromBytes(ipToBytes(ip))), canonicalIp(ip));
    }),
    { examples: [['::0.0.0.0'], ['::10.0.0.7'], ['::ffff:10.0.0.7']] },
  );
});

test('formatAddress puts IPv6 in brackets and unmaps IPv4', () => {
  assert.equal(formatAddress('::1', 4000), '[::1]:4000');
  assert.equal(formatAddress('::ffff:10.0.0.7', 4000), '10.0.0.7:4000');
});

test('isLoopback knows every spelling of this machine', () => {
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])
    assert.ok(isLoopback(host), host);
  for (const host of ['192.168.1.20', '1.127.0.0', 'localhost.example.org', '::', '127.0.0.999', ''])
    assert.ok(!isLoopback(host), host);
});

test('isPrivate tells addresses of the own networks from those of the internet', () => {
  const own = ['127.0.0.1', '10.0.0.2', '172.31.255.255', '192.168.1.20', '169.254.3.4'];
  for (const ip of [...own, '::1', 'fd00::7', 'fe80::1%eth0', '::ffff:10.0.0.2'])
    assert.ok(isPrivate(ip), ip);
  const others = ['203.0.113.7', '172.32.0.1', '100.64.0.1', '2001:db8::7', '::', '0.0.0.0'];
  for (const ip of [...others, '', 'localhost', '::ffff:8.8.8.8']) assert.ok(!isPrivate(ip), ip);
});

test('rateLimitKey is one for each IPv6 /64 network and for each IPv4 address', () => {
  assert.equal(rateLimitKey('2001:db8:1:2::1'), rateLimitKey('2001:0db8:1:2:ffff:ffff:ffff:ffff'));
  assert.notEqual(rateLimitKey('2001:db8:1:2::1'), rateLimitKey('2001:db8:1:3::1'));
  assert.equal(rateLimitKey('2001:db8::1'), rateLimitKey('2001:db8:0:0:5::'));
  assert.equal(rateLimitKey('fe80::1%eth0'), rateLimitKey('fe80::2'));
  assert.notEqual(rateLimitKey('10.0.0.1'), rateLimitKey('10.0.0.2'));
  assert.equal(rateLimitKey('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(rateLimitKey('unknown'), 'unknown');
});

test('networkMatcher finds addresses and networks of both families', () => {
  const isListed = networkMatcher(['10.0.0.7', '192.168.0.0/16', '::1', 'fd00::/8', '::ffff:172.16.0.0/108']);
  for (const ip of ['10.0.0.7', '192.168.255.1', '::ffff:10.0.0.7', '::1', 'fd12::1', '172.31.0.1'])
    assert.ok(isListed(ip), ip);
  for (const ip of ['10.0.0.8', '192.169.0.1', '::2', 'fe80::1', '172.32.0.1', '', 'unknown'])
    assert.ok(!isListed(ip), ip);
  assert.ok(!networkMatcher([])('10.0.0.7'));
});

test('isNetwork accepts addresses and prefixes of at least one bit', () => {
  for (const item of ['10.0.0.7', '10.0.0.0/8', '10.0.0.7/32', 'fd00::/8', '::1/128', '0.0.0.0/1'])
    assert.ok(isNetwork(item), item);
  for (const item of [
    '10.0.0.0/0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10/8',
    'localhost',
    '',
  ])
    assert.ok(!isNetwork(item), item);
});
