/**
 * The tables of the configuration in the READMEs, from the schemas that the programs read. A table stands
 * between two comments:
 *
 *     <!-- config: gateway -->   | variable | default | what it is |   <!-- end of config -->
 *
 * Names, defaults and their order are the schema's in every document, descriptions in the English one.
 */
import type { TProperties } from 'typebox';
import { configSchema as gateway } from '../gateway/config.ts';
import { configSchema as room } from '../tcp-server/config.ts';

/** What every schema of typebox may have, and none of its types tells. */
interface Described {
  default?: unknown;
  description?: string;
}

const SCHEMAS: Record<string, TProperties> = {
  gateway: gateway.properties,
  'tcp-server': room.properties,
};

/** Documents with tables, and whether their descriptions are translations, which the schemas don't know. */
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

export const PROGRAMS = Object.keys(SCHEMAS);

function rowsOf(program: string, known: Map<string, string>): string {
  return Object.entries(SCHEMAS[program] ?? {})
    .map(([name, schema]) => {
      const { default: value, description = '' } = schema as Described;
      return `| \`${name}\` | ${shown(value)} | ${known.get(name) ?? sentence(description)} |\n`;
    })
    .join('');
}

/** By variable, as they stand in the rows of a table. */
function descriptionsIn(rows: string): Map<string, string> {
  const found = rows.matchAll(/^\| `(\w+)` \|[^|]*\| (.*) \|$/gm);
  return new Map([...found].map(([, name = '', description = '']) => [name, description]));
}

function shown(value: unknown): string {
  return value === undefined || value === '' ? '' : `\`${value}\``;
}

function sentence(text: string): string {
  return `${text.replaceAll('|', '\\|').replace(/\.$/, '')}.`;
}
