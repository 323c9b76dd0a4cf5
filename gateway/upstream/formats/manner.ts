/**
 * The manner of a room: how its text is read, how one logs in, how a message is written, how one leaves. Everything that
 * depends on the kind of server is here, so that the rest of the gateway knows no format by its name.
 */
import { HEADER_SUFFIX, WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';
import { NICKNAME_MAX } from '../../protocol.ts';
import { type Charset, decoderOf, encode, toCharset } from './charset.ts';
import { DiceParser } from './dice-parser.ts';
import { type Framing, framingOf } from './framing.ts';
import { LineParser } from './line-parser.ts';
import { PlainParser, unwrapNcatLine } from './plain-parser.ts';
import { PRESETS, type Preset } from './presets.ts';
import type { OwnVoices } from './room-text.ts';
import {
  addressHeaderOf,
  fieldsOf,
  fill,
  isJsonTemplate,
  type LineReader,
  problemOfFormat,
  problemOfWriting,
  readerOf,
  unescapeTemplate,
} from './template.ts';
import { type LineTemplates, TemplateParser } from './template-parser.ts';

/** Turns the bytes of a room into texts. */
export type RoomParser = DiceParser | LineParser;

/** Texts that a connection sends first, step by step. */
export interface Login {
  /** The login contains a name, so that a person must choose one. */
  readonly needsName: boolean;
  steps(name: string): string[];
  /** Index of the first step with the name. A refused name is sent again from there. */
  readonly nameStep: number;
  /** Returns true if the line is a message, so that it answers no login. */
  isMessage(line: string): boolean;
}

export interface Manner {
  /** The value of ROOM_FORMAT. */
  readonly name: string;
  /** The value of ROOM_FORMAT that probably fits a room that does not talk like this. */
  readonly alternative: string;
  /**
   * Each message has a header, so a message shows that the room has this format. Without headers only the echo of a sent
   * line does.
   */
  readonly hasHeaders: boolean;
  /** The end of a header, where messages begin behind headers anywhere. Undefined where they are lines. */
  readonly headerEnd: string | undefined;
  /** How a line names the voice that sent it. `none`: a voice is found by the text. */
  readonly senders: 'address' | 'name' | 'none';
  /** Messages end by a pause, so that two connections may hear them in different parts. */
  readonly endsByPause: boolean;
  /** How long the parser of the ear holds an incomplete line, ms. */
  readonly holdMs: number;
  /** The parser of the ear. */
  newEarParser(own: OwnVoices): RoomParser;
  /** The parser of a voice, which looks for private text. Undefined where private text looks like a message. */
  readonly newVoiceParser: (() => RoomParser) | undefined;
  /** How long text before the first message counts as private, ms. */
  readonly privateMs: number;
  /** Returns true if a voice received a message. Undefined: all text after the private text is one. */
  readonly isBroadcast: ((bytes: Uint8Array) => boolean) | undefined;
  /** Returns the texts that a client may have sent if the room repeats it as `line`, in a room without headers. */
  sentTexts(line: string): string[];
  readonly login: Login | undefined;
  /** Longest text of one chunk, bytes of UTF-8. The rest of what is written must fit into a read of the server. */
  readonly chunkMaxBytes: number;
  /** Returns a text as the charset of the room can hold it. */
  toCharset(text: string): string;
  /** Returns what is written into the room for a text of one line. */
  say(text: string, name: string): string | Uint8Array;
  encode(text: string): string | Uint8Array;
  readonly bye: string | undefined;
  /** Undefined: the server sends lines. */
  readonly framing: Framing | undefined;
}

/** A value of ROOM_BYE: the connection is reset. */
export const RESET = 'reset';

/**
 * How long text that may be an incomplete header is held, ms. No reader notices the delay, and the rest of a
 * header that TCP cut is rarely later.
 */
const HOLD_MS = 10;

/** A pause of this length ends a line without a newline, ms. A server writes a line at once. */
const PAUSE_MS = 50;

/** Text within this time of a connection may be a greeting to it alone, ms. */
const GREETING_MS = 1_000;

/** A name in a message, bytes: characters of up to four, and a number after a name that is taken. */
const NAME_MAX_BYTES = 4 * NICKNAME_MAX + 4;

/** The end of a template whose messages end by a pause. */
const PAUSE_FIELD = '{pause}';

/** The settings of a room, as a person writes them. */
export interface RoomSettings {
  readonly ROOM_FORMAT: string;
  readonly ROOM_LOGIN: string;
  readonly ROOM_SAY: string;
  readonly ROOM_BYE: string;
  readonly ROOM_CHARSET: Charset;
  readonly ROOM_FRAMING: string;
}

/** A setting that no room can have. */
export class MannerError extends Error {
  readonly setting: keyof RoomSettings;

  constructor(setting: keyof RoomSettings, reason: string) {
    super(reason);
    this.setting = setting;
  }
}

/** The manner of the tutorial's server: `IP:PORT dice: ` before each message. Its clients end a message with a newline. */
const dice: Manner = {
  name: 'dice',
  alternative: 'plain',
  hasHeaders: true,
  headerEnd: HEADER_SUFFIX,
  senders: 'address',
  endsByPause: false,
  holdMs: HOLD_MS,
  newEarParser: (own) => new DiceParser(own.isOwn),
  newVoiceParser: () => new DiceParser(),
  privateMs: Number.POSITIVE_INFINITY,
  isBroadcast: undefined,
  sentTexts: (line) => [line],
  login: undefined,
  chunkMaxBytes: WIRE_MAX_BYTES - 1,
  toCharset: (text) => text,
  say: (text) => `${text}\n`,
  encode: (text) => text,
  bye: undefined,
  framing: undefined,
};

/** The manner of a server that repeats lines as they are. */
const plain: Manner = {
  ...dice,
  name: 'plain',
  alternative: 'dice',
  hasHeaders: false,
  headerEnd: undefined,
  senders: 'none',
  newEarParser: () => new LineParser(new PlainParser()),
  newVoiceParser: undefined,
  sentTexts: unwrapNcatLine,
};

const MANNERS: Readonly<Record<string, Manner>> = { dice, plain };

const PRESETS_BY_NAME: Readonly<Record<string, Preset>> = PRESETS;

/** The values of ROOM_FORMAT beside templates. */
export const FORMAT_NAMES = [...Object.keys(MANNERS), ...Object.keys(PRESETS)];

/** Throws a MannerError for a bad template. */
export function mannerOf(settings: Partial<RoomSettings> & Pick<RoomSettings, 'ROOM_FORMAT'>): Manner {
  const {
    ROOM_FORMAT: name,
    ROOM_LOGIN = '',
    ROOM_SAY = '',
    ROOM_BYE = '',
    ROOM_CHARSET = 'utf-8',
    ROOM_FRAMING = 'lines',
  } = settings;
  const preset = PRESETS_BY_NAME[name];
  const login = unescapeTemplate(ROOM_LOGIN) || preset?.login;
  const say = unescapeTemplate(ROOM_SAY) || preset?.say;
  const bye = unescapeTemplate(ROOM_BYE) || preset?.bye;
  const charset = ROOM_CHARSET === 'utf-8' ? (preset?.charset ?? ROOM_CHARSET) : ROOM_CHARSET;
  refuseProblem('ROOM_LOGIN', problemOfWriting(login ?? '', ['name']));
  refuseProblem('ROOM_SAY', problemOfWriting(say ?? '', ['name', 'text']));
  if (say !== undefined && !fieldsOf(say).includes('text'))
    throw new MannerError('ROOM_SAY', 'has no {text}');
  const base = MANNERS[name] ?? templateManner(name, preset ?? presetOf(name), charset);
  const framing = framingOf(ROOM_FRAMING);
  const needsName = fieldsOf(`${login ?? ''}${say ?? ''}`).includes('name');
  return {
    ...base,
    // Without a login the room gives the names, so that only a text finds its voice.
    ...(base.senders === 'name' && !needsName && { senders: 'none' as const }),
    login: login === undefined && !needsName ? undefined : loginOf(login ?? '', needsName, base),
    ...(bye !== undefined && { bye }),
    ...(say !== undefined && { say: (text, by) => encode(fill(say, { text, name: by }), charset) }),
    chunkMaxBytes: chunkMaxBytes(say, framing?.textMaxBytes ?? base.chunkMaxBytes + 1),
    framing,
    ...(charset !== 'utf-8' && charsetOf(charset, say)),
  };
}

function charsetOf(charset: Charset, say: string | undefined): Partial<Manner> {
  return {
    toCharset: (text) => toCharset(text, charset),
    encode: (text) => encode(text, charset),
    ...(say === undefined && { say: (text) => encode(`${text}\n`, charset) }),
  };
}

/** Turns a template of a person into a preset. */
function presetOf(format: string): Preset {
  const isPaused = format.endsWith(PAUSE_FIELD);
  const line = unescapeTemplate(isPaused ? format.slice(0, -PAUSE_FIELD.length) : format);
  if (fieldsOf(line).length === 0 && !line.includes('{')) {
    throw new MannerError('ROOM_FORMAT', 'must be the name of a server, or a template with {text}');
  }
  refuseProblem('ROOM_FORMAT', problemOfFormat(line));
  return { lines: [line], ...(isPaused && { endsByPause: true }) };
}

function refuseProblem(setting: keyof RoomSettings, problem: string | undefined): void {
  if (problem !== undefined) throw new MannerError(setting, problem);
}

function templateManner(name: string, preset: Preset, charset: Charset): Manner {
  const { lines, notes = [], endsByPause = false } = preset;
  const [first = ''] = lines;
  const fields = fieldsOf(first);
  const header = first.slice(0, first.indexOf('{text}'));
  const readers = [...notes, ...lines].map(readerOf);
  const templates: LineTemplates = {
    readers,
    endsByPause,
    hidesNotes: isJsonTemplate(first),
    charset: decoderOf(charset),
    addressHeader: addressHeaderOf(first),
    headerOf: ({ name, address }) => fill(header, { name, address }),
  };
  const hasAddress = fields.includes('address') || (fields.includes('ip') && fields.includes('port'));
  return {
    ...dice,
    name,
    headerEnd: undefined,
    senders: hasAddress ? 'address' : fields.includes('name') ? 'name' : 'none',
    endsByPause,
    holdMs: PAUSE_MS,
    newEarParser: (own) => new LineParser(new TemplateParser(templates, own), templates.charset),
    newVoiceParser: () => new LineParser(new TemplateParser(templates, NO_VOICES), templates.charset),
    privateMs: GREETING_MS,
    isBroadcast: (bytes) => holdsMessage(bytes, readers),
  };
}

const NO_VOICES: OwnVoices = { isOwn: () => false, inFlight: () => [] };

function holdsMessage(bytes: Uint8Array, readers: readonly LineReader[]): boolean {
  const lines = Buffer.from(bytes).toString().split(/\r?\n/);
  return lines.some((line) => isMessage(line, readers));
}

function isMessage(line: string, readers: readonly LineReader[]): boolean {
  for (const read of readers) {
    const reading = read(line);
    if (reading) return reading.text !== undefined && (reading.name ?? reading.address) !== undefined;
  }
  return false;
}

function loginOf(template: string, needsName: boolean, { isBroadcast }: Manner): Login {
  const steps = template.split(/(?<=\n)/).filter((step) => step !== '');
  return {
    needsName,
    steps: (name) => steps.map((step) => fill(step, { name })),
    nameStep: Math.max(
      0,
      steps.findIndex((step) => step.includes('{name}')),
    ),
    isMessage: (line) => isBroadcast?.(Buffer.from(line)) ?? false,
  };
}

/** A JSON text may double when it is escaped. */
function chunkMaxBytes(say = '{text}\n', maxBytes: number): number {
  const empty = fill(say, { text: '', name: '' });
  const left = maxBytes - Buffer.byteLength(empty) - (say.includes('{name}') ? NAME_MAX_BYTES : 0);
  return Math.max(1, isJsonTemplate(say) ? Math.floor(left / 2) : left);
}
