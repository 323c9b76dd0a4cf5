/**
 * The address of a client behind proxies.
 */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { networkMatcher } from '../../common/ip.ts';
import { clientAddressReader } from '../../gateway/lib/client-address.ts';
import { comeIn, logs, roomAndGateway } from './connect.ts';

const PROXIES = ['10.0.0.0/8', '192.168.7.1', 'fd00::/8'];

/** The client's `ip:port` for a connection from there with that header. */
function peer(remoteAddress: string, forwardedFor?: string, proxies = PROXIES): string {
  const socket = { remoteAddress, remotePort: 4000 };
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const { ip, port } = clientAddressReader(networkMatcher(proxies))({
    socket,
    headers,
  } as unknown as IncomingMessage);
  return `${ip} ${port}`;
}

describe('client address', () => {
  test('client address is that of the socket without trusted proxies, despite headers', () => {
    assert.equal(peer('203.0.113.9', '198.51.100.1', []), '203.0.113.9 4000');
    assert.equal(peer('127.0.0.1', '198.51.100.1', []), '127.0.0.1 4000');
  });

  test('client address is that of the socket if it is no trusted proxy, despite headers', () => {
    assert.equal(peer('203.0.113.9', '198.51.100.1'), '203.0.113.9 4000');
  });

  test('client address is the one that a trusted proxy names', () => {
    assert.equal(peer('10.1.2.3', '198.51.100.1'), '198.51.100.1 0');
    assert.equal(peer('192.168.7.1', '2001:db8::7'), '2001:db8::7 0');
    assert.equal(peer('fd00::1', '198.51.100.1'), '198.51.100.1 0');
  });

  test('client address is the first from the right that is no trusted proxy', () => {
    assert.equal(peer('10.1.2.3', '1.1.1.1, 10.9.9.9, 198.51.100.1, 10.4.4.4'), '198.51.100.1 0');
  });

  test('client address is the farthest where all proxies are trusted', () => {
    assert.equal(peer('10.1.2.3', '10.0.0.1, 10.0.0.2'), '10.0.0.1 0');
  });

  test('client address has a port where the proxy sends it', () => {
    assert.equal(peer('10.1.2.3', '198.51.100.1:5000'), '198.51.100.1 5000');
    assert.equal(peer('10.1.2.3', '[2001:db8::7]:5000'), '2001:db8::7 5000');
  });

  test('client address has no port where the proxy sends an impossible one', () => {
    assert.equal(peer('10.1.2.3', '198.51.100.1:65535'), '198.51.100.1 65535');
    assert.equal(peer('10.1.2.3', '198.51.100.1:65536'), '198.51.100.1 0');
    assert.equal(peer('10.1.2.3', '[2001:db8::7]:99999'), '2001:db8::7 0');
  });

  test("client address is the proxy's where it forwards no address", () => {
    for (const words of ['<script>', 'unknown', '', '1.2.3.4.5', '999.1.1.1', '[::1', 'a'.repeat(10_000)]) {
      assert.equal(peer('10.1.2.3', words), '10.1.2.3 4000');
    }
  });

  test('client address of IPv4 is written as IPv4, also from an IPv6 socket', () => {
    assert.equal(peer('::ffff:203.0.113.9'), '203.0.113.9 4000');
    assert.equal(peer('::ffff:10.1.2.3', '198.51.100.1'), '198.51.100.1 0');
  });
});

test('log shows the real address of a client behind a trusted proxy', async (t) => {
  const { gateway } = await roomAndGateway(t, { TRUSTED_PROXIES: '127.0.0.0/8' });
  const tab = await comeIn(t, gateway, { headers: { 'x-forwarded-for': '1.1.1.1, 203.0.113.9' } });
  const { address, peer } = await logs(gateway, 'joined');
  assert.deepEqual([address, peer], [tab.you, '203.0.113.9:0']);
});

test('log shows the address of the socket without trusted proxies', async (t) => {
  const { gateway } = await roomAndGateway(t);
  await comeIn(t, gateway, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  assert.match(String((await logs(gateway, 'joined')).peer), /^127\.0\.0\.1:\d+$/);
});
