/**
 * The help. Names and defaults come from the schemas, subjects and descriptions from docs/configuration.md, in the
 * language of the run. So no description is written twice.
 */
import { readFileSync } from 'node:fs';
import type { Setting } from '../common/env.ts';
import { flagOf, SETTINGS } from './settings.ts';
import { type Language, TEXTS } from './texts.ts';

/** The settings that most people need, as in the README. */
export const COMMON_SETTINGS = [
  'HTTP_PORT',
  'TCP_PORT',
  'ROOM_HOST',
  'ROOM_PORT',
  'ROOM_FORMAT',
  'DATA_DIR',
  'ACCESS_CODE',
  'ALLOWED_HOSTS',
];

const DOCUMENTS: Record<Language, string> = { en: 'configuration.md', es: 'es/configuracion.md' };

/** Width of the column of flags in the short help, characters. */
const FLAG_COLUMN_CHARS = 23;
const INDENT = '    ';

export interface HelpOptions {
  language: Language;
  /** Width of the terminal, characters. */
  columns: number;
  /** The folder of the documents. */
  docs: string;
  defaults: Readonly<Record<string, string>>;
}

/** Returns the help that fits a terminal of 24 lines by 80 columns. */
export function shortHelp({ language, docs, columns, defaults }: HelpOptions): string {
  const { usage, options } = TEXTS[language];
  const descriptions = descriptionsIn(readDocument(docs, language));
  const rows = COMMON_SETTINGS.map((name) => {
    const { enum: items, default: value } = SETTINGS[name] as Setting;
    const [sentence = ''] = (descriptions.get(name) ?? '').split(/\.$|\. |; | \(/);
    const fallback = defaults[name] ?? `${value}`;
    const text = `${items?.join(', ') ?? sentence}${fallback && ` (${fallback})`}`;
    return `${`  ${flagOf(name)}`.padEnd(FLAG_COLUMN_CHARS)}${shorten(text, columns - FLAG_COLUMN_CHARS)}`;
  });
  return `${usage}\n${rows.join('\n')}\n\n${options}`;
}

/** Returns all settings by subject, with their defaults. */
export function fullHelp({ language, docs, columns, defaults }: HelpOptions): string {
  const { usage, options } = TEXTS[language];
  const lines = [usage, options];
  for (const { title, settings } of subjectsIn(readDocument(docs, language))) {
    lines.push('', title);
    for (const { name, text } of settings) {
      const value = defaults[name] ?? `${SETTINGS[name]?.default}`;
      lines.push('', `  ${flagOf(name)}${value && ` (${value})`}`);
      lines.push(...wrap(text, columns - INDENT.length).map((line) => INDENT + line));
    }
  }
  return lines.join('\n');
}

export interface Subject {
  title: string;
  settings: { name: string; text: string }[];
}

/** Returns the headings of a document about settings, each with its settings. */
export function subjectsIn(document: string): Subject[] {
  const descriptions = descriptionsIn(document);
  const subjects: Subject[] = [];
  const parts = document.matchAll(/^##+ (?<title>.+)$|^<!-- settings: (?<names>[\w ]+) -->$/gm);
  for (const { groups: { title, names } = {} } of parts) {
    if (title !== undefined) subjects.push({ title, settings: [] });
    const settings = names?.split(' ').map((name) => ({ name, text: descriptions.get(name) ?? '' })) ?? [];
    subjects.at(-1)?.settings.push(...settings);
  }
  return subjects;
}

function readDocument(docs: string, language: Language): string {
  return readFileSync(`${docs}/${DOCUMENTS[language]}`, 'utf8');
}

/** Returns the descriptions in the tables, without marks of Markdown. */
function descriptionsIn(document: string): Map<string, string> {
  const rows = document.matchAll(/^\| `(?<name>\w+)` \|[^|]*\| (?<text>.*) \|$/gm);
  return new Map(
    [...rows].map(({ groups: { name = '', text = '' } = {} }) => [
      name,
      text.replaceAll('`', '').replaceAll('\\|', '|'),
    ]),
  );
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length < columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function shorten(text: string, columns: number): string {
  return text.length < columns ? text : `${wrap(text, columns - 4)[0]} ...`;
}
