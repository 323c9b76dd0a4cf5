/**
 * Parses a frame of the lab into a command.
 */
import { isObject, isText } from '../../common/guards.ts';
import { LAB_WRITE_MAX_BYTES, type LabCommand } from '../protocol.ts';

export class BadLabCommand extends Error {}

const HEX = /^(?:[\da-f]{2})+$/i;

/** A parser for each type, so that the compiler notices a new type. */
const PARSERS: { [Type in LabCommand['type']]: (fields: Record<string, unknown>) => LabCommand } = {
  write: ({ bytes }) => ({ type: 'write', bytes: hex(bytes) }),
  end: () => ({ type: 'end' }),
  reset: () => ({ type: 'reset' }),
  read: ({ reading }) => ({ type: 'read', reading: flag(reading) }),
};

const BAD_TYPE = `type must be one of ${Object.keys(PARSERS).join(', ')}`;

/** Throws BadLabCommand with a sentence for the author of the client. */
export function parseLabCommand(frame: string): LabCommand {
  const fields = parseObject(frame);
  const { type } = fields;
  if (!isText(type) || !Object.hasOwn(PARSERS, type)) throw new BadLabCommand(BAD_TYPE);
  return PARSERS[type as LabCommand['type']](fields);
}

function parseObject(frame: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(frame);
    if (isObject(value)) return value;
  } catch {
    // The error below says it too.
  }
  throw new BadLabCommand('a frame must be one JSON object');
}

function hex(value: unknown): string {
  if (isText(value) && value.length <= 2 * LAB_WRITE_MAX_BYTES && HEX.test(value)) return value;
  throw new BadLabCommand(
    `write.bytes must be 1 to ${LAB_WRITE_MAX_BYTES} bytes as pairs of hexadecimal digits`,
  );
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new BadLabCommand('read.reading must be true or false');
}
