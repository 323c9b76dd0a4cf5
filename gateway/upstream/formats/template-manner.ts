/** The manner of a room whose lines follow templates. */
import { type Charset, decoderOf } from './charset.ts';
import { LineParser } from './line-parser.ts';
import { dice, type Manner } from './manner.ts';
import type { Preset } from './presets.ts';
import type { OwnVoices } from './room-text.ts';
import { addressHeaderOf, fieldsOf, fill, isJsonTemplate, type LineReader, readerOf } from './template.ts';
import { type LineTemplates, TemplateParser } from './template-parser.ts';

/** A pause of this length ends a line without a newline, ms. A server writes a line at once. */
const PAUSE_MS = 50;

/** Text within this time of a connection may be a greeting to it alone, ms. */
const GREETING_MS = 1_000;

export function templateManner(name: string, preset: Preset, charset: Charset): Manner {
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
