/**
 * The tables of the configuration in the READMEs, from the settings that the programs read. A table stands
 * between two comments:
 *
 *     <!-- config: gateway -->   | variable | default | what it is |   <!-- end of config -->
 *
 * Names, defaults and their order are the programs' in every document, descriptions in the English one.
 */
import type { Setting, Settings } from '../../common/env.ts';
import { settings as gateway } from '../../gateway/config.ts';
import { settings as room } from '../../tcp-server/config.ts';

const SETTINGS: Record<string, Settings> = { gateway, 'tcp-server': room };

/** Documents with tables, and whether their descriptions are translations, which the programs don't know. */
export const DOCUMENTS = [
  { path: 'README.md', isTranslated: false },
  { path: 'README.es.md', isTranslated: true },
];

const TABLE =
  /(?<start><!-- config: (?<program>[\w-]+) -->\n\n(?<head>.*\n.*\n))(?<rows>(?:\|.*\n)*)(?=\n<!-- end of config -->)/g;

/** The document as it should be. A translation keeps its descriptions; what is new there is in English. */
export function withTables(text: string, isTranslated: boolean): string {
  return text.replaceAll(TABLE, (_all, start: string, program: string, _head: string, rows: string) => {
    const known = isTranslated ? descriptionsIn(rows) : new Map<string, string>();
    return start + rowsOf(program, known);
  });
}

/** The programs whose tables a document has. */
export function tablesIn(text: string): string[] {
  return [...text.matchAll(TABLE)].map(({ groups }) => groups?.program ?? '');
}

export const PROGRAMS = Object.keys(SETTINGS);

function rowsOf(program: string, known: Map<string, string>): string {
  return Object.entries(SETTINGS[program] ?? {})
    .map(([name, { default: value, description }]) => {
      return `| \`${name}\` | ${shown(value)} | ${known.get(name) ?? sentence(description)} |\n`;
    })
    .join('');
}

/** By variable, as they stand in the rows of a table. */
function descriptionsIn(rows: string): Map<string, string> {
  const found = rows.matchAll(/^\| `(\w+)` \|[^|]*\| (.*) \|$/gm);
  return new Map([...found].map(([, name = '', description = '']) => [name, description]));
}

function shown(value: Setting['default']): string {
  return value === '' ? '' : `\`${value}\``;
}

function sentence(text: string): string {
  return `${text.replaceAll('|', '\\|').replace(/\.$/, '')}.`;
}
