import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TelnetFilter } from '../../tcp-server/telnet.ts';

const [SE, IP, DM, SB, WILL, WONT, DO, DONT, IAC] = [240, 244, 242, 250, 251, 252, 253, 254, 255];
const [ECHO, TIMING_MARK, NAWS] = [1, 6, 31];
const MAX_SUBNEGOTIATION = 16;

/** The text that is left of the chunks, and what telnet is answered. */
function filter(...chunks: Buffer[]): { text: string; answer: number[] } {
  const answer: number[] = [];
  const telnet = new TelnetFilter(MAX_SUBNEGOTIATION, (bytes) => answer.push(...bytes));
  const text = Buffer.concat(chunks.map((chunk) => telnet.strip(chunk))).toString('latin1');
  return { text, answer };
}

function bytes(...parts: (number | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
}

test('commands go, words stay, wherever TCP cuts', () => {
  const said = bytes(
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
  for (let at = 0; at <= said.length; at++) {
    assert.deepEqual(filter(said.subarray(0, at), said.subarray(at)), {
      text: 'abc',
      answer: [IAC, WONT, TIMING_MARK, IAC, DONT, ECHO],
    });
  }
});

test('a refusal is not answered, or two programs would refuse for ever', () => {
  assert.deepEqual(filter(bytes(IAC, WONT, ECHO, IAC, DONT, ECHO, 'a')), { text: 'a', answer: [] });
});

test('a doubled IAC is the byte itself', () => {
  assert.equal(filter(bytes('a', IAC, IAC, 'b')).text, 'a\xffb');
});

test('an IAC that lost its command, sent as urgent data, takes no word with it', () => {
  assert.equal(filter(bytes(IAC, IP, IAC, 'hola')).text, 'hola');
  assert.equal(filter(bytes(IAC, DM, 'hola')).text, 'hola');
});

test('a subnegotiation that does not end is given up at its maximum', () => {
  const unfinished = (length: number) => filter(bytes(IAC, SB, 'x'.repeat(length), 'hola')).text;
  assert.equal(unfinished(MAX_SUBNEGOTIATION), 'hola');
  assert.equal(unfinished(MAX_SUBNEGOTIATION - 1), 'ola');
});
