/**
 * The documents are true: settings, links, named files, sections and pictures exist.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { DOCUMENTS, SETTING_NAMES, settingsIn, withTables } from '../../scripts/lib/config-tables.ts';
import { filesUnder, inProject } from '../../scripts/lib/project.ts';

const READMES = ['README.md', 'README.es.md'];

const ALL = [
  ...READMES,
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...filesUnder('docs').filter((path) => path.endsWith('.md')),
];

/** A newcomer reads a README of this length. */
const README_MAX_LINES = 130;

function read(path: string): string {
  return readFileSync(inProject(path), 'utf8');
}

/** The document without code blocks, in which lines only look like headings or links. */
function prose(path: string): string {
  return read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

interface Link {
  path: string;
  anchor: string;
}

/** Links inside the project: `[text](to)`, `href`, `src` and `srcset`. */
function linksIn(document: string): Link[] {
  const found = prose(document).matchAll(/\]\(([^)\s]+)\)|(?:href|src|srcset)="([^"\s]+)"/g);
  return [...found]
    .map(([, markdown, html]) => markdown ?? html ?? '')
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [path = '', anchor = ''] = to.split('#');
      return { path: path === '' ? document : posix.join(posix.dirname(document), path), anchor };
    });
}

function sectionsOf(document: string): { level: number; title: string }[] {
  return [...prose(document).matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }));
}

/** Returns the anchor that GitHub gives a title. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

for (const { path, isTranslated, isComplete } of DOCUMENTS) {
  test(`${path} has the settings of the programs (npm run readme writes them)`, () => {
    const text = read(path);
    assert.equal(withTables(text, isTranslated), text);
    if (isComplete) assert.deepEqual(settingsIn(text).toSorted(), SETTING_NAMES.toSorted());
    else assert.ok(settingsIn(text).length > 0);
  });
}

/** Variables that are no settings: of Docker Compose, scripts and benchmarks. */
const OTHER_VARIABLES = ['docker-compose.yml', ...['scripts', 'bench', 'test'].flatMap(filesUnder)]
  .map(read)
  .join('\n');

for (const document of ALL.filter((path) => path !== 'CHANGELOG.md')) {
  test(`every variable named in ${document} exists`, () => {
    const named = [...read(document).matchAll(/`([A-Z][A-Z\d]*_[A-Z\d_]+)(?:=[^`]*)?`/g)].map(
      ([, name = '']) => name,
    );
    assert.deepEqual(
      named.filter((name) => !SETTING_NAMES.includes(name) && !OTHER_VARIABLES.includes(name)),
      [],
    );
  });
}

for (const path of READMES) {
  test(`${path} has at most ${README_MAX_LINES} lines`, () => {
    assert.ok(read(path).trimEnd().split('\n').length <= README_MAX_LINES);
  });
}

for (const document of ALL) {
  test(`every link of ${document} has a target`, () => {
    const broken = linksIn(document).filter(
      ({ path, anchor }) => !existsSync(inProject(path)) || (anchor !== '' && !hasAnchor(path, anchor)),
    );
    assert.deepEqual(broken, []);
  });

  test(`every file named in ${document} exists`, () => {
    const named =
      read(document).match(/\b(?:gateway|tcp-server|web|common|scripts|bench|test|docs)\/[\w./-]*\w/g) ?? [];
    assert.deepEqual(
      named.filter((path) => !existsSync(inProject(path))),
      [],
    );
  });
}

function hasAnchor(document: string, anchor: string): boolean {
  return sectionsOf(document).some(({ title }) => anchorOf(title) === anchor);
}

test('both READMEs have the same sections, commands, settings and links to documents', () => {
  const [english = [], spanish = []] = READMES.map(sectionsOf);
  assert.deepEqual(
    spanish.map(({ level }) => level),
    english.map(({ level }) => level),
  );
  for (const listOf of [commandsOf, (path: string) => settingsIn(read(path)), documentsOf]) {
    const [expected, actual] = READMES.map(listOf);
    assert.deepEqual(actual, expected);
  }
});

const TRANSLATIONS: Record<string, string> = {
  'docs/es/configuracion.md': 'docs/configuration.md',
  'docs/es/comprobar.md': 'docs/check.md',
  'docs/es/curso/README.md': 'docs/course/README.md',
};

/** Documents that a README links, without their languages. */
function documentsOf(readme: string): string[] {
  const documents = linksIn(readme).filter(({ path }) => path.endsWith('.md') && !READMES.includes(path));
  const paths = documents.map(({ path }) => TRANSLATIONS[path] ?? path);
  return [...new Set(paths)].toSorted();
}

test('docs/protocol.md names each message, field, close code and HTTP path', () => {
  const text = read('docs/protocol.md');
  const contract = read('gateway/protocol.ts');
  const names = [
    ...[...contract.matchAll(/type: '([\w-]+)'/g)].map(([, name = '']) => name),
    ...[...contract.matchAll(/^ +(\w+)\??: /gm)].map(([, name = '']) => name),
    ...[...contract.matchAll(/^ {2}\w+: (\d{4}),/gm)].map(([, code = '']) => code),
    ...filesUnder('gateway').flatMap((path) =>
      [...read(path).matchAll(/app\.(?:get|post)[^(]*\(\s*'([^']+)'/g)].map(([, route = '']) => route),
    ),
  ];
  assert.ok(names.length > 90);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`(?<![\\w/-])${name}(?![\\w-])`).test(text)),
    [],
  );
});

/** Lines of the `sh` blocks, without comments, which are translated. */
function commandsOf(document: string): string[] {
  const blocks = [...read(document).matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, lines = '']) =>
    lines
      .split('\n')
      .map((line) => line.replace(/\s*#.*$/, ''))
      .filter(Boolean),
  );
}

for (const document of ['docs/features.md', 'docs/security.md']) {
  test(`${document} has no row twice`, () => {
    const rows: string[] = read(document).match(/^\| .*\]\(\.\.\/test\/.*$/gm) ?? [];
    assert.ok(rows.length > 0);
    assert.deepEqual(
      rows.filter((row, index) => rows.indexOf(row) !== index),
      [],
    );
  });
}

test('every picture and file in docs is linked from a document', () => {
  const shown = new Set(ALL.flatMap(linksIn).map(({ path }) => path));
  const pictures = filesUnder('docs').filter((path) => !path.endsWith('.md'));
  assert.deepEqual(
    pictures.filter((path) => !shown.has(path)),
    [],
  );
});

describe('a table of settings', () => {
  const head = '<!-- settings: TCP_PORT -->\n\n| variable | default | |\n| --- | --- | --- |\n';
  const end = '\n<!-- end of settings -->\n';

  test('table of settings is written from its list of names', () => {
    const text = withTables(`a\n\n${head}${end}b\n`, false);
    assert.match(text, /^\| `TCP_PORT` \| `12345` \| Port of the room server\..*\. \|$/m);
    assert.ok(text.startsWith(`a\n\n${head}`) && text.endsWith(`${end}b\n`));
  });

  test('table of settings keeps translated descriptions, and corrects their defaults', () => {
    const text = withTables(
      `${head}| \`TCP_PORT\` | \`1\` | El puerto. |\n| \`GONE\` | | Ya no. |\n${end}`,
      true,
    );
    assert.match(text, /^\| `TCP_PORT` \| `12345` \| El puerto\. \|$/m);
    assert.doesNotMatch(text, /GONE/);
  });

  test('refuses a name that is no setting', () => {
    assert.throws(() => withTables(head.replace('TCP_PORT', 'GONE') + end, false), /GONE/);
  });
});
