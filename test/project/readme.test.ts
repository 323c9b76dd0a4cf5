/**
 * The documents say what is so: configuration, links, sections, and pictures.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { DOCUMENTS, PROGRAMS, tablesIn, withTables } from '../../scripts/lib/config-tables.ts';
import { filesUnder, inProject } from '../../scripts/lib/project.ts';

const ALL = [
  ...DOCUMENTS.map(({ path }) => path),
  'CONTRIBUTING.md',
  ...filesUnder('docs').filter((path) => path.endsWith('.md')),
];

function read(path: string): string {
  return readFileSync(inProject(path), 'utf8');
}

/** Without what only looks like a heading or a link. */
function prose(path: string): string {
  return read(path).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

interface Link {
  path: string;
  anchor: string;
}

/** Those inside of the project: `[text](to)`, `href`, `src` and `srcset`. */
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

/** As GitHub makes it of a title. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

for (const { path, isTranslated } of DOCUMENTS) {
  test(`${path} has the configuration as the programs read it (npm run readme writes it)`, () => {
    const text = read(path);
    assert.deepEqual(tablesIn(text).toSorted(), PROGRAMS.toSorted());
    assert.equal(withTables(text, isTranslated), text);
  });
}

for (const document of ALL) {
  test(`every link of ${document} leads somewhere`, () => {
    const broken = linksIn(document).filter(
      ({ path, anchor }) => !existsSync(inProject(path)) || (anchor !== '' && !hasAnchor(path, anchor)),
    );
    assert.deepEqual(broken, []);
  });

  test(`every file that ${document} names is there`, () => {
    const named = read(document).match(/\b(?:gateway|tcp-server|web|scripts|test|docs)\/[\w./-]*\w/g) ?? [];
    assert.deepEqual(
      named.filter((path) => !existsSync(inProject(path))),
      [],
    );
  });
}

function hasAnchor(document: string, anchor: string): boolean {
  return sectionsOf(document).some(({ title }) => anchorOf(title) === anchor);
}

test('both READMEs have the same sections, in number and depth, and the same commands', () => {
  const [english = [], spanish = []] = DOCUMENTS.map(({ path }) => sectionsOf(path));
  assert.deepEqual(
    spanish.map(({ level }) => level),
    english.map(({ level }) => level),
  );
  const [there, here] = DOCUMENTS.map(({ path }) => commandsOf(path));
  assert.deepEqual(here, there);
});

/** Lines of its `sh` blocks, without the comments, which are translated. */
function commandsOf(document: string): string[] {
  const blocks = [...read(document).matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, lines = '']) =>
    lines
      .split('\n')
      .map((line) => line.replace(/\s*#.*$/, ''))
      .filter(Boolean),
  );
}

test('every picture is shown somewhere, and every file beside the documents named', () => {
  const shown = new Set(ALL.flatMap(linksIn).map(({ path }) => path));
  const pictures = filesUnder('docs').filter((path) => !path.endsWith('.md'));
  assert.deepEqual(
    pictures.filter((path) => !shown.has(path)),
    [],
  );
});

describe('a table of the configuration', () => {
  const head = '<!-- config: tcp-server -->\n\n| variable | default | |\n| --- | --- | --- |\n';
  const end = '\n<!-- end of config -->\n';

  test('is written from nothing', () => {
    const text = withTables(`a\n\n${head}${end}b\n`, false);
    assert.match(text, /^\| `TCP_PORT` \| `12345` \| Port to listen on\..*\.? \|$/m);
    assert.ok(text.startsWith(`a\n\n${head}`) && text.endsWith(`${end}b\n`));
  });

  test('of a translation keeps its words, and corrects the default', () => {
    const text = withTables(
      `${head}| \`TCP_PORT\` | \`1\` | El puerto. |\n| \`GONE\` | | Ya no. |\n${end}`,
      true,
    );
    assert.match(text, /^\| `TCP_PORT` \| `12345` \| El puerto\. \|$/m);
    assert.doesNotMatch(text, /GONE/);
  });
});
