/**
 * Tables of settings in the documents. Each table is between two comments, and the first names its settings:
 *
 *     <!-- settings: HTTP_HOST HTTP_PORT -->   | variable | default | description |   <!-- end of settings -->
 *
 * Defaults come from the programs. So do descriptions, except in translations.
 */
import type { Setting, Settings } from '../../common/env.ts';
import { settings as gateway } from '../../gateway/config.ts';
import { settings as room } from '../../tcp-server/config.ts';

const SETTINGS: Settings = { ...gateway, ...room };

export const SETTING_NAMES = Object.keys(SETTINGS);

/** Documents with tables. A complete one has each setting once. The programs have no translations. */
export const DOCUMENTS = [
  { path: 'README.md', isTranslated: false, isComplete: false },
  { path: 'README.es.md', isTranslated: true, isComplete: false },
  { path: 'docs/configuration.md', isTranslated: false, isComplete: true },
  { path: 'docs/es/configuracion.md', isTranslated: true, isComplete: true },
];

const TABLE =
  /(?<start><!-- settings: (?<names>[\w ]+) -->\n\n.*\n.*\n)(?<rows>(?:\|.*\n)*)(?=\n<!-- end of settings -->)/g;

/** Returns the document with current tables. A translation keeps its descriptions. */
export function withTables(text: string, isTranslated: boolean): string {
  return text.replaceAll(TABLE, (_all, start: string, names: string, rows: string) => {
    const translations = isTranslated ? descriptionsIn(rows) : new Map<string, string>();
    return start + rowsOf(names.split(' '), translations);
  });
}

/** Returns the settings in the tables of a document. */
export function settingsIn(text: string): string[] {
  return [...text.matchAll(TABLE)].flatMap(({ groups }) => groups?.names?.split(' ') ?? []);
}

function rowsOf(names: string[], translations: Map<string, string>): string {
  return names
    .map((name) => {
      const setting = SETTINGS[name];
      if (!setting) throw new Error(`A table names ${name}, which is no setting of a program`);
      const { default: value, description } = setting;
      return `| \`${name}\` | ${formatDefault(value)} | ${translations.get(name) ?? formatSentence(description)} |\n`;
    })
    .join('');
}

/** Returns the descriptions in the rows of a table, by setting. */
function descriptionsIn(rows: string): Map<string, string> {
  const found = rows.matchAll(/^\| `(\w+)` \|[^|]*\| (.*) \|$/gm);
  return new Map([...found].map(([, name = '', description = '']) => [name, description]));
}

function formatDefault(value: Setting['default']): string {
  return value === '' ? '' : `\`${value}\``;
}

function formatSentence(text: string): string {
  return `${text.replaceAll('|', '\\|').replace(/\.$/, '')}.`;
}
