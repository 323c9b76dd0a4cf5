/**
 * A frame from a browser -> a message of the protocol, or what is wrong with it.
 */
import { type ClientMessage, type ErrorCode, ID_MAX_LENGTH, isNickname, NICKNAME_MAX } from '../protocol.ts';

export class BadMessage extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws BadMessage with a sentence for the browser's author. */
export function parseClientMessage(frame: string): ClientMessage {
  const fields = parseObject(frame);
  switch (fields.type) {
    case 'hello':
      return {
        type: 'hello',
        ...optionalString(fields, 'session'),
        ...optionalString(fields, 'epoch'),
        ...after(fields),
      };
    case 'say':
      return { type: 'say', id: id(fields.id), text: text(fields.text) };
    case 'name':
      return { type: 'name', name: nickname(fields.name) };
    case 'ping':
    case 'bye':
    case 'leave':
      return { type: fields.type };
    default:
      throw new BadMessage('bad-message', 'type must be one of hello, say, name, ping, bye, leave');
  }
}

function parseObject(frame: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    throw new BadMessage('bad-json', 'a frame must be one JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadMessage('bad-json', 'a frame must be one JSON object');
  }
  return value as Record<string, unknown>;
}

function optionalString<K extends 'session' | 'epoch'>(
  fields: Record<string, unknown>,
  name: K,
): { [P in K]?: string } {
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

function after(fields: Record<string, unknown>): { after?: number } {
  const value = fields.after;
  if (value === undefined) return {};
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new BadMessage('bad-message', 'hello.after must be a whole number from 0');
  }
  return { after: value as number };
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
