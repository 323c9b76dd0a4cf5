import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TelnetFilter } from '../../tcp-server/telnet.ts';

const [SE, IP, DM, SB, WILL, WONT, DO, DONT, IAC] = [240, 244, 242, 250, 251, 252, 253, 254, 255];
const [ECHO, TIMING_MARK, NAWS] = [1, 6, 31];
const MAX_SUBNEGOTIATION_BYTES = 16;

/** Returns the text without commands, and the answer to telnet. */
function filter(...chunks: Buffer[]): { text: string; answer: number[] } {
  const answer: number[] = [];
  const telnet = new TelnetFilter(MAX_SUBNEGOTIATION_BYTES, (bytes) => answer.push(...bytes));
  const text = Buffer.concat(chunks.map((chunk) => telnet.strip(chunk))).toString('latin1');
  return { text, answer };
}

function bytes(...parts: (number | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
}

test('telnet filter removes commands and keeps text, wherever TCP cuts', () => {
  const sent = bytes(
    'a',
    IAC,
    IP,
    IAC,
    DO,
    TIMING_MARK,
    'b',
    IAC,
    SB,
    NAWS,
    0,
    80,
    IAC,
    IAC,
    24,
    IAC,
    SE,
    'c',
    IAC,
    WILL,
    ECHO,
  );
  for (let at = 0; at <= sent.length; at++) {
    assert.deepEqual(filter(sent.subarray(0, at), sent.subarray(at)), {
      text: 'abc',
      answer: [IAC, WONT, TIMING_MARK, IAC, DONT, ECHO],
    });
  }
});

test('telnet filter answers no refusal, because two programs would refuse for ever', () => {
  assert.deepEqual(filter(bytes(IAC, WONT, ECHO, IAC, DONT, ECHO, 'a')), { text: 'a', answer: [] });
});

test('telnet filter turns a doubled IAC into one byte', () => {
  assert.equal(filter(bytes('a', IAC, IAC, 'b')).text, 'a\xffb');
});

test('telnet filter loses no text after an IAC whose command was sent as urgent data', () => {
  assert.equal(filter(bytes(IAC, IP, IAC, 'hola')).text, 'hola');
  assert.equal(filter(bytes(IAC, DM, 'hola')).text, 'hola');
});

test('telnet filter ends an unfinished subnegotiation at its maximum', () => {
  const unfinished = (length: number) => filter(bytes(IAC, SB, 'x'.repeat(length), 'hola')).text;
  assert.equal(unfinished(MAX_SUBNEGOTIATION_BYTES), 'hola');
  assert.equal(unfinished(MAX_SUBNEGOTIATION_BYTES - 1), 'ola');
});
