import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Protocol, REQUEST_LINE_MAX_BYTES, sniffProtocol } from '../../tcp-server/sniff-protocol.ts';

const CASES: [Protocol, string[]][] = [
  [
    'http',
    [
      'GET / HTTP/1.1\r\n',
      'GET / HTTP/1.1\r\nCookie: tertulia=secret\r\n\r\n',
      'GET http://chat.example.org:12345/a?b=c HTTP/1.1\r\n',
      'POST /ñ HTTP/1.0\r\n\r\nhola',
      'OPTIONS * HTTP/1.1\r\n',
      'M-SEARCH * HTTP/1.1\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ],
  ],
  [
    'likely',
    ['GET /', 'GET / ', 'GET /a HT', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r', '\x16', '\x16\x03\x01\x02\x00'],
  ],
  ['undecided', ['G', 'GET', 'GET ', 'PO']],
  ['tls', ['\x16\x03\x01\x02\x00\x01\x00', '\x16\x03\x03\x00\x05\x01']],
  [
    'text',
    [
      'hola',
      'GET\n',
      'GET me a beer\n',
      'GET / please',
      'GET / HTTP/1.1\n',
      'GET / HTTP/1.1 es una línea de HTTP\r\n',
      'get / HTTP/1.1\r\n',
      'hola GET / HTTP/1.1\r\n',
      '\nGET / HTTP/1.1\r\n',
      'GETTING /',
      '\x16hola',
      '\x16\x03\x01\x02\x00\x02',
      `GET /${'a'.repeat(REQUEST_LINE_MAX_BYTES)} HTTP/1.1\r\n`,
    ],
  ],
];

for (const [protocol, beginnings] of CASES) {
  for (const beginning of beginnings) {
    test(`sniffProtocol finds ${protocol} in ${JSON.stringify(beginning).slice(0, 60)}`, () => {
      assert.equal(sniffProtocol(Buffer.from(beginning, 'latin1')), protocol);
    });
  }
}

test('sniffProtocol recognizes a request line at its last byte, and text before', () => {
  const line = Buffer.from('GET /sala HTTP/1.1\r\n');
  for (let length = 1; length < line.length; length++) {
    assert.match(sniffProtocol(line.subarray(0, length)), /^(undecided|likely)$/);
  }
  assert.equal(sniffProtocol(line), 'http');
});
