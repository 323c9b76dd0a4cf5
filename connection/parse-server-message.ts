import { isCount, isObject, isText } from '../common/guards.ts';
import type { Entry, ServerMessage } from '../gateway/protocol.ts';

type Fields = Record<string, unknown>;
type Check = (fields: Fields) => boolean;

/** Checks the fields that the page relies on, per message type. */
const CHECKS: Record<ServerMessage['type'], Check> = {
  welcome: (m) =>
    isText(m.session) &&
    isText(m.epoch) &&
    isText(m.me) &&
    isAddress(m.you) &&
    isCount(m.head) &&
    isLimits(m.limits),
  messages: (m) => Array.isArray(m.messages) && m.messages.every(isEntry),
  receipt: (m) => isText(m.id) && (m.state === 'heard' || m.state === 'unconfirmed' || m.state === 'failed'),
  room: (m) =>
    (m.state === 'open' || m.state === 'connecting') &&
    isAddress(m.you) &&
    isOptional(m.trouble) &&
    isOptional(m.setting) &&
    isOptional(m.name),
  notice: (m) => isText(m.text) && (m.answers === undefined || isText(m.answers)),
  'notices-dropped': (m) => isCount(m.bytes),
  disk: (m) => m.state === 'working' || m.state === 'failing',
  flood: (m) => isText(m.from),
  moderation: (m) => isCount(m.revision) && isText(m.title) && isText(m.pinned),
  hidden: (m) => Array.isArray(m.seqs),
  shown: (m) => Array.isArray(m.messages) && m.messages.every(isEntry),
  silenced: (m) => isCount(m.seconds),
  seen: (m) => Array.isArray(m.reads) && Array.isArray(m.parts),
  pong: () => true,
  people: (m) => isCount(m.count),
  error: (m) => isText(m.code) && isText(m.message),
};

/** Returns undefined for an unknown message, because a newer gateway may send more types. */
export function parseServerMessage(data: unknown): ServerMessage | undefined {
  const fields = parseObject(data);
  if (fields === undefined || !isKnownType(fields.type)) return undefined;
  return CHECKS[fields.type](fields) ? (fields as unknown as ServerMessage) : undefined;
}

function parseObject(data: unknown): Fields | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isKnownType(type: unknown): type is ServerMessage['type'] {
  return isText(type) && Object.hasOwn(CHECKS, type);
}

export function isEntry(value: unknown): value is Entry {
  return (
    isObject(value) &&
    isCount(value.seq) &&
    isCount(value.at) &&
    isText(value.from) &&
    isText(value.text) &&
    (value.said === undefined || isObject(value.said))
  );
}

function isLimits(value: unknown): boolean {
  return isObject(value) && isCount(value.textBytes) && isCount(value.openSays);
}

const isAddress = (value: unknown): boolean => value === null || isText(value);
/** Accepts any text, because a newer gateway may report other troubles. */
const isOptional = (value: unknown): boolean => value === undefined || isText(value);
