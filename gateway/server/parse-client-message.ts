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
} from '../protocol.ts';

export class BadMessage extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

type Fields = Record<string, unknown>;

/** A parser for each type, so that the compiler notices a new type. */
const PARSERS: {
  [Type in ClientMessage['type']]: (fields: Fields) => ClientMessage & { type: Type };
} = {
  hello: (fields) => ({
    type: 'hello',
    ...optionalString(fields, 'session'),
    ...optionalString(fields, 'epoch'),
    ...after(fields),
    ...person(fields),
  }),
  say: (fields) => ({ type: 'say', id: id(fields.id), text: text(fields.text) }),
  name: (fields) => ({ type: 'name', name: nickname(fields.name) }),
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

function after(fields: Fields): { after?: number } {
  const value = fields.after;
  if (value === undefined) return {};
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new BadMessage('bad-message', 'hello.after must be a whole number from 0');
  }
  return { after: value as number };
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

function id(value: unknown): string {
  if (typeof value !== 'string' || value.length < 1 || value.length > ID_MAX_LENGTH) {
    throw new BadMessage('bad-message', `say.id must be a string of 1 to ${ID_MAX_LENGTH} characters`);
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
