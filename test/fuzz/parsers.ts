/**
 * Every parser of untrusted input, as functions: bytes of the room, frames of browsers, headers of proxies.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseProxyHeader, V2_MAX_BYTES } from '../../common/proxy-protocol.ts';
import { BadMessage, parseClientMessage } from '../../gateway/server/parse-client-message.ts';
import { CHUNK_MAX_BYTES } from '../../gateway/session/chunks.ts';
import { sanitize } from '../../gateway/session/sanitize.ts';
import { DiceParser, findHeaderLike } from '../../gateway/upstream/formats/dice-parser.ts';
import { LineParser } from '../../gateway/upstream/formats/line-parser.ts';
import type { RoomParser } from '../../gateway/upstream/formats/manner.ts';
import { PlainParser, unwrapNcatLine } from '../../gateway/upstream/formats/plain-parser.ts';
import { LineDecoder } from '../../tcp-server/line-decoder.ts';
import { chunksOf } from '../gateway/session/chunks-of.ts';
import type { Subject } from './fuzz.ts';
import { hostileJson, hostileText } from './inputs.ts';

/** Longest CPU time for an input of a few hundred bytes, ms. Time on the clock would include other programs. */
const SLOW_MS = 500;

/** Longest input that a parser may hold back, characters. */
const KEPT_MAX_CHARS = 16 * 1024;

type Input = { chunks: Uint8Array[]; text: string; json: string };

const bytes = fc.oneof(
  { weight: 4, arbitrary: hostileText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('PROXY TCP4 ', 'PROXY UNKNOWN', '\r\n\r\n\0\r\nQUIT\n').map(Buffer.from),
  },
);

export const parsers: Subject<Input> = {
  inputs: fc.record({
    chunks: fc.array(bytes, { minLength: 1, maxLength: 6 }),
    text: hostileText,
    json: hostileJson,
  }),
  async take(batch) {
    for (const input of batch) {
      const began = process.cpuUsage();
      feed(input);
      const { user, system } = process.cpuUsage(began);
      const took = (user + system) / 1000;
      assert.ok(took < SLOW_MS, `took ${took} ms: ${JSON.stringify(input)}`);
    }
  },
  async rests() {},
};

function feed({ chunks, text, json }: Input): void {
  for (const parser of [new DiceParser(), new LineParser(new PlainParser())]) hear(parser, chunks);
  const words = new LineDecoder(1024, 300, () => {});
  const lines = [...chunks.map((chunk) => words.push(Buffer.from(chunk))), words.end()].flatMap(
    (said) => said.lines,
  );
  for (const line of lines) assert.ok(Buffer.byteLength(line) <= 1024);
  const header = parseProxyHeader(Buffer.concat(chunks));
  if (header.kind === 'incomplete') assert.ok(Buffer.concat(chunks).length < V2_MAX_BYTES);
  say(text);
  unwrapNcatLine(text);
  try {
    parseClientMessage(json);
  } catch (error) {
    assert.ok(error instanceof BadMessage, String(error));
  }
}

function hear(parser: RoomParser, chunks: Uint8Array[]): void {
  for (const [index, chunk] of chunks.entries()) {
    parser.push(chunk);
    if (index % 2 === 1) parser.flush();
  }
  const rest = parser.end().reduce((length, heard) => length + heard.text.length, 0);
  assert.ok(rest <= KEPT_MAX_CHARS, `kept ${rest} characters back`);
  assert.equal(parser.isHolding, false);
}

function say(text: string): void {
  const line = sanitize(text);
  assert.equal(findHeaderLike(line), -1, line);
  assert.doesNotMatch(line, /[\n\r\u001b\u202e]/);
  if (line === '') return;
  const pieces = chunksOf(line);
  assert.equal(pieces.join(''), line);
  for (const piece of pieces) assert.ok(Buffer.byteLength(piece) <= CHUNK_MAX_BYTES);
}
