import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { filesUnder, inProject } from '../../../scripts/lib/project.ts';
import { LAZY_STRINGS } from '../../../web/ui/lazy-strings.ts';
import { chooseLanguage, DICTIONARIES } from '../../../web/ui/strings.ts';

/** Strings that are the same in both languages for a good reason. */
const SAME_IN_BOTH = [
  'commands.nick.name',
  'messageFrom',
  'textSizes.normal',
  // A list of languages shows each language by its own name.
  'languages.es',
  'languages.en',
];

/** Keys and typed text: the first string of each row. */
const KEYS = /^help\.(does|literally|means)\.\d+\.0$/;

/** Names of the project, of keys and of programs are not translated. */
const NAMES = /Tertulia|Ctrl\+K|\bnc\b/g;

describe('strings', () => {
  it('use the first preferred language that the page has', () => {
    assert.equal(chooseLanguage(['fr-FR', 'es-MX', 'en']), 'es');
    assert.equal(chooseLanguage(['EN-gb', 'es']), 'en');
  });

  it('fall back to English', () => {
    assert.equal(chooseLanguage(['fr']), 'en');
    assert.equal(chooseLanguage([]), 'en');
  });

  it('use the chosen language', () => {
    assert.equal(chooseLanguage(['en-GB', 'es-AR'], 'es'), 'es');
    assert.equal(chooseLanguage(['en-GB'], 'es'), 'es');
  });

  it('distinguish singular and plural', () => {
    for (const { newMessages } of Object.values(DICTIONARIES))
      assert.notEqual(newMessages(1).replace('1', '2'), newMessages(2));
    for (const { missing } of Object.values(LAZY_STRINGS))
      assert.notEqual(missing(1).replace('1', '2'), missing(2));
  });

  it('exist in both languages, and none is empty', () => {
    const { es, en } = spoken();
    assert.deepEqual([...es.keys()], [...en.keys()]);
    for (const [path, text] of [...es, ...en]) assert.notEqual(text.trim(), '', path);
  });

  it('are translated', () => {
    const { es, en } = spoken();
    const same = [...es.keys()].filter((path) => es.get(path) === en.get(path) && !KEYS.test(path));
    assert.deepEqual(same.toSorted(), SAME_IN_BOTH.toSorted());
  });

  for (const path of filesUnder('web')) {
    it(`come from the dictionary in ${path}`, () => {
      assert.deepEqual(literalWords(readFileSync(inProject(path), 'utf8')), []);
    });
  }
});

function spoken() {
  const all = (code: 'es' | 'en') => flatten({ ...DICTIONARIES[code], ...LAZY_STRINGS[code] });
  return { es: all('es'), en: all('en') };
}

/** Lists all strings by path, for example `sheets.help`. Functions are called with text of no language. */
function flatten(value: object, path = ''): Map<string, string> {
  const all = Object.entries(value).flatMap(([name, said]): [string, string][] => {
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof said === 'object') return [...flatten(said, at)];
    return [[at, typeof said === 'function' ? String(said('#1', '#2', '#3')) : String(said)]];
  });
  return new Map(all);
}

/** Finds text for people that is written in a template itself. */
function literalWords(source: string): string[] {
  const markup = [...source.matchAll(/\bhtml`/g)].map(({ index }) =>
    templateAt(source, index + 'html`'.length),
  );
  return markup
    .flatMap((text) => [
      ...text.replaceAll(/<[^>]*>/g, '|').split('|'),
      ...[...text.matchAll(/\b(?:aria-label|title|placeholder|alt)="([^"]*)"/g)].map(
        ([, words = '']) => words,
      ),
    ])
    .map((text) => text.replaceAll(NAMES, '').trim())
    .filter((text) => /\p{L}{2,}/u.test(text));
}

/** Returns the template that begins there, with a dot for each expression. */
function templateAt(source: string, start: number): string {
  let text = '';
  let depth = 0;
  for (let i = start; i < source.length; i++) {
    const here = source[i] ?? '';
    if (depth === 0 && here === '`') break;
    if (source.startsWith('${', i)) {
      if (depth++ === 0) text += '•';
      i++;
    } else if (depth > 0 && here === '{') depth++;
    else if (depth > 0 && here === '}') depth--;
    else if (depth === 0) text += here;
  }
  return text;
}
