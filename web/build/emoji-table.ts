/**
 * Vite plugin that reduces the library's emoji tables to about 30 KB compressed, instead of 200.
 * The modules `virtual:emoji/es` and `virtual:emoji/en` are loaded with the first `:`.
 */
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import type { EmojiTable } from '../composer/emoji-search.ts';
import { foldCase } from '../text/fold.ts';

/** Newer emoji (2023 and later) are empty boxes on too many machines. */
const VERSION_MAX = 15;
/** Group of skin tones and hair, which are parts of other emoji. */
const COMPONENTS_GROUP = 2;

interface LibraryEmoji {
  emoji: string;
  hexcode: string;
  tags?: string[];
  group?: number;
  version: number;
}

type Shortcodes = Record<string, string | string[]>;

const load = createRequire(import.meta.url);

export function emojiTable(language: string): EmojiTable {
  const emojis: LibraryEmoji[] = load(`emojibase-data/${language}/data.json`);
  const own: Shortcodes = language === 'en' ? {} : load(`emojibase-data/${language}/shortcodes/cldr.json`);
  const common: Shortcodes = load('emojibase-data/en/shortcodes/emojibase.json');
  return emojis
    .filter(
      ({ group, version }) => group !== undefined && group !== COMPONENTS_GROUP && version <= VERSION_MAX,
    )
    .map((emoji) => emojiLine(emoji, emojiNames(emoji, own, common)));
}

/** Adds the English names, because other chats use them too. */
function emojiNames({ hexcode }: LibraryEmoji, own: Shortcodes, common: Shortcodes): string[] {
  return [...new Set([own[hexcode] ?? [], common[hexcode] ?? []].flat().map(foldCase))];
}

function emojiLine({ emoji, tags = [] }: LibraryEmoji, names: string[]): string {
  const words = tags.flatMap((tag) => foldCase(tag).split(/[^\p{L}\p{N}]+/u));
  const about = new Set(words.filter((word) => word.length > 2 && !names.join('_').includes(word)));
  return `${[emoji, ...names].join(' ')}\t${[...about].join(' ')}`.trimEnd();
}

/** A browser parses one string faster than an array of two thousand. */
function tableModule(table: EmojiTable): string {
  return `export default ${JSON.stringify(table.join('\n'))}.split('\\n')`;
}

export function emojiTables(): Plugin {
  return {
    name: 'emoji-tables',
    resolveId: { filter: { id: /^virtual:emoji\// }, handler: (id) => `\0${id}` },
    load: {
      filter: { id: /^\0virtual:emoji\// },
      handler: (id) => tableModule(emojiTable(id.slice(id.lastIndexOf('/') + 1))),
    },
  };
}
