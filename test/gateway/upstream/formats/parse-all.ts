/**
 * Everything that a parser emits, read as its callers do.
 */
import { DiceParser } from '../../../../gateway/upstream/formats/dice-parser.ts';
import type { RoomParser } from '../../../../gateway/upstream/formats/manner.ts';
import type { RoomText } from '../../../../gateway/upstream/formats/room-text.ts';

export interface Message {
  /** Empty for private text of the server. */
  from: string;
  text: string;
}

export function parse(
  chunks: Iterable<Uint8Array | string>,
  parser: RoomParser = new DiceParser(),
): RoomText[] {
  const heard: RoomText[] = [];
  for (const chunk of chunks) heard.push(...parser.push(Buffer.from(chunk)));
  heard.push(...parser.end());
  return heard;
}

/** Joins continuations with their messages. */
export function joined(heard: RoomText[]): Message[] {
  const messages: Message[] = [];
  for (const part of heard) {
    const last = messages.at(-1);
    if (part.kind === 'message') messages.push({ from: part.from, text: part.text });
    else if (last) last.text += part.text;
    else messages.push({ from: '', text: part.text });
  }
  return messages;
}

/** Cuts the bytes at these indexes, as a network does. */
export function cutAt(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

export function byteByByte(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.of(byte));
}
