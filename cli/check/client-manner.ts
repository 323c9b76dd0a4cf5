/**
 * How the clients of a check talk: found out by the checks, or as a format of the gateway and its settings say.
 */
import { formatAddress } from '../../common/ip.ts';
import { FRAMING_PATTERN, type Framing, framingOf } from '../../gateway/upstream/formats/framing.ts';
import { type Manner, RESET } from '../../gateway/upstream/formats/manner.ts';
import { PRESETS, type Preset } from '../../gateway/upstream/formats/presets.ts';
import { MannerError, mannerOf, type RoomSettings } from '../../gateway/upstream/formats/room-settings.ts';
import type { OwnVoices } from '../../gateway/upstream/formats/room-text.ts';
import { isJsonTemplate, unescapeTemplate } from '../../gateway/upstream/formats/template.ts';
import { UsageError } from '../usage-error.ts';

/** The settings of the gateway that say how a room talks. */
export interface TalkSettings {
  ROOM_FORMAT?: string | undefined;
  ROOM_LOGIN?: string | undefined;
  ROOM_SAY?: string | undefined;
  ROOM_BYE?: string | undefined;
  ROOM_FRAMING?: string | undefined;
}

export interface ClientManner {
  /** Steps that log in, each with its end. Undefined: the checks find out whether the first line is a name. */
  login: readonly string[] | undefined;
  /** A message on the wire, as a template. */
  say: string;
  /** A text before the FIN of a client that leaves politely. A reset is never polite. */
  bye: string;
  /** Undefined for lines. */
  framing: Framing | undefined;
  /** The messages are JSON, in which characters may be escapes. */
  isJson: boolean;
  /** Undefined: the checks find out what stands before a message. */
  format: NamedFormat | undefined;
}

export interface NamedFormat {
  /** As the person has named it. */
  name: string;
  /** Returns true if the line is a message with this text, under this sender if the format has senders. */
  isMessage(line: string, text: string, sender: Sender): boolean;
}

interface Sender {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

export const PLAIN_SAY = '{text}\n';

export const UNKNOWN_MANNER: ClientManner = {
  login: undefined,
  say: PLAIN_SAY,
  bye: '',
  framing: undefined,
  isJson: false,
  format: undefined,
};

const NO_VOICES: OwnVoices = { isOwn: () => false, inFlight: () => [] };

const PRESETS_BY_NAME: Readonly<Record<string, Preset>> = PRESETS;

/** Throws a UsageError for a setting that no room can have. */
export function clientManner(settings: TalkSettings): ClientManner {
  const { ROOM_FORMAT = '', ROOM_LOGIN = '', ROOM_SAY = '', ROOM_BYE = '' } = settings;
  const preset = PRESETS_BY_NAME[ROOM_FORMAT];
  const login = unescapeTemplate(ROOM_LOGIN) || preset?.login;
  const say = unescapeTemplate(ROOM_SAY) || (preset?.say ?? PLAIN_SAY);
  const bye = unescapeTemplate(ROOM_BYE) || (preset?.bye ?? '');
  const format = ROOM_FORMAT === '' ? undefined : namedFormat({ ...settings, ROOM_FORMAT });
  const steps = login?.match(/[^\n]*\n|[^\n]+$/g) ?? undefined;
  return {
    // A format without a login has none, so that no name is sent to find out.
    login: steps ?? (format && []),
    say,
    bye: bye === RESET ? '' : bye,
    framing: knownFraming(settings),
    isJson: isJsonTemplate(say),
    format,
  };
}

function namedFormat(settings: TalkSettings & { ROOM_FORMAT: string }): NamedFormat {
  const manner = knownManner(settings);
  const isFrom = (from: string, name: string | undefined, sender: Sender): boolean => {
    if (manner.senders === 'address') return from === formatAddress(sender.ip, sender.port);
    return manner.senders === 'none' || name === sender.name;
  };
  return {
    name: settings.ROOM_FORMAT,
    isMessage(line, text, sender) {
      const parser = manner.newEarParser(NO_VOICES);
      const parts = [...parser.push(Buffer.from(`${line}\n`)), ...parser.end()];
      return parts.some(
        (part) => part.kind === 'message' && part.text.includes(text) && isFrom(part.from, part.name, sender),
      );
    },
  };
}

function knownManner(given: TalkSettings & { ROOM_FORMAT: string }): Manner {
  const { ROOM_FORMAT, ROOM_LOGIN = '', ROOM_SAY = '', ROOM_BYE = '' } = given;
  // Checks send what the charset of a preset would replace, because a server must survive it.
  const settings: RoomSettings = {
    ROOM_FORMAT,
    ROOM_LOGIN,
    ROOM_SAY,
    ROOM_BYE,
    ROOM_CHARSET: 'utf-8',
    ROOM_FRAMING: 'lines',
  };
  try {
    return mannerOf(settings);
  } catch (error) {
    if (!(error instanceof MannerError)) throw error;
    const { setting, message } = error;
    throw new UsageError(`${setting}=${settings[setting]}: ${message}.`);
  }
}

function knownFraming({ ROOM_FRAMING = 'lines' }: TalkSettings): Framing | undefined {
  if (new RegExp(FRAMING_PATTERN).test(ROOM_FRAMING)) return framingOf(ROOM_FRAMING);
  throw new UsageError(`ROOM_FRAMING=${ROOM_FRAMING}: must be lines, utf, digits:4 or fixed:1024.`);
}
