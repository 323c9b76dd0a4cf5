/** Finds the manner of a room by its settings. */
import { NICKNAME_MAX } from '../../protocol.ts';
import { type Charset, encode, toCharset } from './charset.ts';
import { framingOf } from './framing.ts';
import { dice, type Login, type Manner, plain } from './manner.ts';
import { PRESETS, type Preset } from './presets.ts';
import {
  fieldsOf,
  fill,
  isJsonTemplate,
  problemOfFormat,
  problemOfWriting,
  unescapeTemplate,
} from './template.ts';
import { templateManner } from './template-manner.ts';

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
