import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalIp } from '../../common/ip.ts';
import {
  formatProxyHeader,
  type ProxyHeader,
  parseProxyHeader,
  V1_MAX_BYTES,
  V2_MAX_BYTES,
} from '../../common/proxy-protocol.ts';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const ROOM = { ip: '10.0.0.1', port: 12345 };

/** Parses the bytes one by one, because the network may cut them anywhere. */
function read(bytes: Buffer): ProxyHeader {
  for (let length = 1; length <= bytes.length; length++) {
    const header = parseProxyHeader(bytes.subarray(0, length));
    if (header.kind !== 'incomplete') return header;
  }
  return { kind: 'incomplete' };
}

function v2(command: number, family: number, body: number[], size = body.length): Buffer {
  return Buffer.concat([
    Buffer.from(SIGNATURE, 'latin1'),
    Buffer.from([command, family, size >> 8, size & 255, ...body]),
  ]);
}

const TCP4_BODY = [10, 0, 0, 7, 10, 0, 0, 1, 0x0f, 0xa0, 0x30, 0x39];
const TCP6_BODY = [...Array(15).fill(0), 1, ...Array(16).fill(0), 0x0f, 0xa0, 0x30, 0x39];

describe('PROXY header of version 1', () => {
  const good: [string, { ip: string; port: number } | null][] = [
    ['PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345\r\n', { ip: '10.0.0.7', port: 4000 }],
    ['PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n', { ip: '255.255.255.255', port: 65535 }],
    ['PROXY TCP4 10.0.0.7 10.0.0.1 0 0\r\n', { ip: '10.0.0.7', port: 0 }],
    ['PROXY TCP6 2001:DB8:0:0:0:0:0:7 ::1 4000 12345\r\n', { ip: '2001:db8::7', port: 4000 }],
    ['PROXY TCP6 ::ffff:10.0.0.7 ::1 4000 12345\r\n', { ip: '10.0.0.7', port: 4000 }],
    ['PROXY UNKNOWN\r\n', null],
    ['PROXY UNKNOWN whatever it says, to the end of the line\r\n', null],
    [`PROXY UNKNOWN ${'x'.repeat(V1_MAX_BYTES - 16)}\r\n`, null],
  ];
  for (const [line, from] of good) {
    test(`parses ${line.trim().slice(0, 60)}`, () => {
      assert.deepEqual(read(Buffer.from(`${line}hola`)), { kind: 'header', from, size: line.length });
    });
  }

  const bad = [
    'hola',
    'PROXY: hola',
    'proxy TCP4 10.0.0.7 10.0.0.1 4000 12345\r\n',
    'PROXY \r\n',
    'PROXY TCP5 10.0.0.7 10.0.0.1 4000 12345\r\n',
    'PROXY toString 10.0.0.7 10.0.0.1 4000 12345\r\n',
    'PROXY TCP4  10.0.0.7 10.0.0.1 4000 12345\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 4000\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345 \r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 4000 12345\n\r\n',
    'PROXY TCP4 10.0.0.256 10.0.0.1 4000 12345\r\n',
    'PROXY TCP4 10.0.0.7 ::1 4000 12345\r\n',
    'PROXY TCP6 10.0.0.7 10.0.0.1 4000 12345\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 4000 12345\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 65536 12345\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 04000 12345\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 -1 12345\r\n',
    'PROXY TCP4 10.0.0.7 10.0.0.1 4000 0x10\r\n',
    `PROXY UNKNOWN ${'x'.repeat(V1_MAX_BYTES - 15)}\r\n`,
  ];
  for (const line of bad) {
    test(`refuses ${JSON.stringify(line).slice(0, 60)}`, () => {
      assert.equal(read(Buffer.from(line)).kind, 'invalid');
    });
  }
});

describe('PROXY header of version 2', () => {
  const longest = V2_MAX_BYTES - 16;
  const good: [string, Buffer, { ip: string; port: number } | null][] = [
    ['TCP over IPv4', v2(0x21, 0x11, TCP4_BODY), { ip: '10.0.0.7', port: 4000 }],
    ['TCP over IPv6', v2(0x21, 0x21, TCP6_BODY), { ip: '::1', port: 4000 }],
    ['TLVs after the addresses', v2(0x21, 0x11, [...TCP4_BODY, 3, 0, 1, 9]), { ip: '10.0.0.7', port: 4000 }],
    [
      'the longest',
      v2(0x21, 0x11, [...TCP4_BODY, ...Array(longest - 12).fill(0)]),
      { ip: '10.0.0.7', port: 4000 },
    ],
    ["the proxy's own", v2(0x20, 0x00, []), null],
    ["the proxy's own, with addresses", v2(0x20, 0x11, TCP4_BODY), null],
    ['of an unspecified family', v2(0x21, 0x00, [1, 2, 3]), null],
    ['of a Unix socket', v2(0x21, 0x31, Array(216).fill(65)), null],
  ];
  for (const [label, bytes, from] of good) {
    test(`parses: ${label}`, () => {
      const header = read(Buffer.concat([bytes, Buffer.from('hola')]));
      assert.deepEqual(header, { kind: 'header', from, size: bytes.length });
    });
  }

  const bad: [string, Buffer][] = [
    ['another version', v2(0x11, 0x11, TCP4_BODY)],
    ['another command', v2(0x22, 0x11, TCP4_BODY)],
    ['UDP', v2(0x21, 0x12, TCP4_BODY)],
    ['no family', v2(0x21, 0x41, TCP4_BODY)],
    ['too short for IPv4', v2(0x21, 0x11, TCP4_BODY.slice(1))],
    ['too short for IPv6', v2(0x21, 0x21, TCP6_BODY.slice(1))],
    ['too long by its length field', v2(0x21, 0x11, [], longest + 1)],
  ];
  for (const [label, bytes] of bad) {
    test(`refuses: ${label}`, () => assert.equal(read(bytes).kind, 'invalid'));
  }
});

test('parseProxyHeader takes at most the longest header of any bytes', () => {
  const start = fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', SIGNATURE, `${SIGNATURE}\x21\x11`);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 3000 }), (known, random) => {
      const bytes = Buffer.concat([Buffer.from(known, 'latin1'), random]);
      const header = parseProxyHeader(bytes);
      if (header.kind === 'incomplete') assert.ok(bytes.length < V2_MAX_BYTES);
      if (header.kind === 'header') assert.ok(header.size <= Math.min(bytes.length, V2_MAX_BYTES));
    }),
    { numRuns: 2_000 },
  );
});

test('parseProxyHeader reads all that formatProxyHeader writes, in both versions', () => {
  const end = fc.record({ ip: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.nat(65535) });
  fc.assert(
    fc.property(fc.constantFrom('v1' as const, 'v2' as const), end, end, (version, peer, room) => {
      const from = { ...peer, ip: canonicalIp(peer.ip) ?? '' };
      const bytes = formatProxyHeader(version, from, { ...room, ip: canonicalIp(room.ip) ?? '' });
      const header = parseProxyHeader(bytes);
      assert.ok(header.kind === 'header' && header.from, `${bytes}`);
      assert.deepEqual({ ...header.from, ip: canonicalIp(header.from.ip) }, from);
      assert.equal(header.size, bytes.length);
    }),
  );
});

test('formatProxyHeader writes mixed families as IPv6, and no client for a null', () => {
  const line = formatProxyHeader('v1', { ip: '10.0.0.7', port: 4000 }, { ip: '::1', port: 12345 }).toString();
  assert.equal(line, 'PROXY TCP6 ::ffff:10.0.0.7 ::1 4000 12345\r\n');
  assert.equal(formatProxyHeader('v1', null, ROOM).toString(), 'PROXY UNKNOWN\r\n');
  assert.deepEqual(parseProxyHeader(formatProxyHeader('v2', null, ROOM)), {
    kind: 'header',
    from: null,
    size: 16,
  });
});
