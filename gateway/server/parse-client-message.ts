/**
 * Parses a frame of a browser into a message of the protocol.
 */
import {
  type ClientMessage,
  type ErrorCode,
  ID_MAX_LENGTH,
  isNickname,
  NICKNAME_MAX,
  PERSON_MIN_LENGTH,
  PIN_MAX,
  SILENCE_MAX_S,
  TITLE_MAX,
} from '../protocol.ts';

export class BadMessage extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Matches control characters and characters that change the text direction. */
const UNWRITABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

type Fields = Record<string, unknown>;

/** A parser for each type, so that the compiler notices a new type. */
const PARSERS: {
  [Type in ClientMessage['type']]: (fields: Fields) => ClientMessage & { type: Type };
} = {
  hello: (fields) => ({
    type: 'hello',
    ...optionalString(fields, 'session'),
    ...optionalString(fields, 'epoch'),
    ...optionalCount(fields, 'after'),
    ...optionalCount(fields, 'revision'),
    ...person(fields),
  }),
  say: (fields) => ({ type: 'say', id: id(fields.id, 'say.id'), text: text(fields.text) }),
  name: (fields) => ({ type: 'name', name: nickname(fields.name) }),
  hide: (fields) => ({
    type: 'hide',
    seq: count(fields.seq, 'hide.seq'),
    hidden: flag(fields.hidden, 'hide.hidden'),
  }),
  silence: (fields) => ({
    type: 'silence',
    who: id(fields.who, 'silence.who'),
    seconds: seconds(fields.seconds),
  }),
  pause: (fields) => ({ type: 'pause', paused: flag(fields.paused, 'pause.paused') }),
  pin: (fields) => ({ type: 'pin', text: line(fields.text, 'pin.text', PIN_MAX) }),
  title: (fields) => ({ type: 'title', text: line(fields.text, 'title.text', TITLE_MAX) }),
  watch: (fields) => ({ type: 'watch', watching: flag(fields.watching, 'watch.watching') }),
  ping: () => ({ type: 'ping' }),
  bye: () => ({ type: 'bye' }),
  leave: () => ({ type: 'leave' }),
};

const BAD_TYPE = `type must be one of ${Object.keys(PARSERS).join(', ')}`;

/** Throws BadMessage with a sentence for the author of the client. */
export function parseClientMessage(frame: string): ClientMessage {
  const fields = parseObject(frame);
  if (!isKnownType(fields.type)) throw new BadMessage('bad-message', BAD_TYPE);
  return PARSERS[fields.type](fields);
}

function isKnownType(type: unknown): type is ClientMessage['type'] {
  return typeof type === 'string' && Object.hasOwn(PARSERS, type);
}

function parseObject(frame: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    throw new BadMessage('bad-json', 'a frame must be one JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadMessage('bad-json', 'a frame must be one JSON object');
  }
  return value as Fields;
}

function optionalString<K extends 'session' | 'epoch'>(fields: Fields, name: K): { [P in K]?: string } {
  const value = fields[name];
  if (value === undefined) return {};
  if (typeof value !== 'string' || value.length > ID_MAX_LENGTH) {
    throw new BadMessage(
      'bad-message',
      `hello.${name} must be a string of at most ${ID_MAX_LENGTH} characters`,
    );
  }
  return { [name]: value } as { [P in K]?: string };
}

function optionalCount<K extends 'after' | 'revision'>(fields: Fields, name: K): { [P in K]?: number } {
  const value = fields[name];
  return (value === undefined ? {} : { [name]: count(value, `hello.${name}`) }) as { [P in K]?: number };
}

function person({ person }: Fields): { person?: string } {
  if (person === undefined) return {};
  if (typeof person !== 'string' || person.length < PERSON_MIN_LENGTH || person.length > ID_MAX_LENGTH) {
    throw new BadMessage(
      'bad-message',
      `hello.person must be a string of ${PERSON_MIN_LENGTH} to ${ID_MAX_LENGTH} characters`,
    );
  }
  return { person };
}

function count(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new BadMessage('bad-message', `${name} must be a whole number from 0`);
}

function seconds(value: unknown): number {
  const number = count(value, 'silence.seconds');
  if (number <= SILENCE_MAX_S) return number;
  throw new BadMessage('bad-message', `silence.seconds must be at most ${SILENCE_MAX_S}`);
}

function flag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new BadMessage('bad-message', `${name} must be true or false`);
}

/** Control characters would break the line, and marks of direction the text beside it. */
function line(value: unknown, name: string, maxCharacters: number): string {
  const isLine = typeof value === 'string' && value.length <= 2 * maxCharacters && !UNWRITABLE.test(value);
  if (isLine && [...value].length <= maxCharacters) return value.trim();
  throw new BadMessage(
    'bad-message',
    `${name} must be a line of at most ${maxCharacters} characters without control characters`,
  );
}

function id(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length < 1 || value.length > ID_MAX_LENGTH) {
    throw new BadMessage('bad-message', `${name} must be a string of 1 to ${ID_MAX_LENGTH} characters`);
  }
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new BadMessage('bad-message', 'say.text must be a string');
  return value;
}

function nickname(value: unknown): string {
  if (value === '' || (typeof value === 'string' && isNickname(value))) return value;
  throw new BadMessage(
    'bad-message',
    `name.name must be empty, or a readable name of at most ${NICKNAME_MAX} characters without < or >`,
  );
}
