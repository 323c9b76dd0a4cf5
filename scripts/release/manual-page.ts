import type { Subject } from '../../cli/help.ts';
import { flagOf, SETTINGS } from '../../cli/settings.ts';
import type { Texts } from '../../cli/texts.ts';

/** Name and text of an option in the help, or of a command: two columns, at least two spaces apart. */
const ROW = /^ {2}(?<name>\S+(?: \S+)*) {2,}(?<text>\S.*)$/gm;

const FILES: [name: string, text: string][] = [
  ['tertulia.json', 'Settings in the current folder, for example { "HTTP_PORT": 9000 }.'],
  ['~/.local/share/tertulia', 'The transcript, unless DATA_DIR says otherwise.'],
];

const ENVIRONMENT =
  'Each setting is also an environment variable: --http-port is HTTP_PORT. Flags win over the environment, and the ' +
  'environment over the file.';

interface ManualOptions {
  version: string;
  texts: Texts;
  subjects: readonly Subject[];
}

/** Returns the man page as roff. */
export function manualPage({ version, texts, subjects }: ManualOptions): string {
  const [purpose = ''] = texts.usage.split('.\n');
  return [
    `.TH TERTULIA 1 "" "tertulia ${quote(version)}"`,
    ...section('NAME', [`tertulia \\- ${quote(purpose.replace(/^A/, 'a'))}`]),
    ...section('SYNOPSIS', rowsIn(texts.usage).flatMap(item)),
    ...section('OPTIONS', rowsIn(texts.options).flatMap(item)),
    ...section('ENVIRONMENT', [quote(ENVIRONMENT)]),
    ...section('FILES', FILES.flatMap(item)),
    ...subjects.filter(({ settings }) => settings.length > 0).flatMap(subjectLines),
    '',
  ].join('\n');
}

function subjectLines({ title, settings }: Subject): string[] {
  const items = settings.flatMap(({ name, text }) => {
    const value = `${SETTINGS[name]?.default}`;
    return item([`${flagOf(name)}${value && ` (${value})`}`, text]);
  });
  return section(title.toUpperCase(), items);
}

function rowsIn(text: string): [string, string][] {
  // The last line has two options.
  const lines = text.replaceAll(/ {2,}(?=--)/g, '\n  ');
  return Array.from(lines.matchAll(ROW), ({ groups: { name = '', text = '' } = {} }) => [name, text]);
}

function section(title: string, lines: string[]): string[] {
  return [`.SH "${quote(title)}"`, ...lines];
}

function item([name, text]: readonly [string, string]): string[] {
  return ['.TP', `\\fB${quote(name)}\\fR`, quote(text)];
}

/** A hyphen that is copied must stay one, and a line must not begin like a request. */
function quote(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll('"', '\\(dq')
    .replaceAll('~', '\\(ti');
}
