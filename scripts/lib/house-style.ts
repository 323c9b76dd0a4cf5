/**
 * Checks rules of style that no linter knows: beginnings of comments, names of tests, units in the names of
 * constants, repeated names, and folders with too many files.
 */
import { posix } from 'node:path';

export interface Source {
  /** A project path. */
  path: string;
  text: string;
}

/** Longest name of a test, characters. It fits in one line of a list of failures. */
const MAX_TEST_NAME_CHARS = 90;
/** Most source files in a folder, so that a reader can scan it. */
const MAX_FOLDER_FILES = 15;
/** Folders with one subject that needs more files. */
const LARGE_FOLDERS = ['web/sheets', 'web/log-view', 'web/composer'];
/** The programs. In each a name of a file has one meaning, apart from that of its entry. */
const PROGRAM = /^(?:cli|common|connection|gateway|tcp-server|web)(?=\/)/;
const ENTRY_FILE = 'main.ts';

const COMMENT = /(?<=^|\s)\/\*\*?(?<block>.*?)\*\/|(?<=^|\s)\/\/(?!\$\{)(?<lines>.*(?:\n[ \t]*\/\/.*)*)/g;
const BEGINNING =
  /(?<=^|[.!?] )(?:Who|What|Whose|Those|All that|All who|The same|So much|So many|So long|Of)\b/g;
const TEST_NAME = /\b(?:test|it|describe)\(\s*(?<quote>['"`])(?<name>.*?)(?<!\\)\k<quote>,/gs;
const UNCLEAR_NAME = /\b(?:who|what)\b/i;
const CLASS = /^(?:export )?(?:default )?(?:abstract )?class (?<name>\w+)/gm;

/** A number with its name, the comment above it and the one behind it. */
const CONSTANT =
  /(?<above>(?:^[ \t]*(?:\/\*\*|\*|\/\/).*\n)*)^[ \t]*(?:export )?const (?<name>[A-Z][A-Z0-9_]*) = [\d_ *+/.]+;(?<behind>.*)$/gm;
/** Words for times and sizes. A name that counts things needs no unit. */
const MEASURE =
  /(?:^|_)(?:TIME|TIMEOUT|DELAY|INTERVAL|WAIT|PAUSE|DEADLINE|AFTER|EVERY|AGE|PERIOD|TTL|WITHIN|WINDOW|SIZE|LENGTH|MEMORY|BUFFER|BACKLOG)(?=_|$)/;
const UNIT =
  /(?:_|\b)(?:ms|ns|s|seconds?|milliseconds?|minutes?|hours?|days?|bytes?|[kmg]i?b|chars?|characters?|px|pixels?|bits?|lines?|rows?|entries|messages)(?=_|\b)/i;

/** One line for each place that breaks a rule. */
export function styleProblems(sources: Source[]): string[] {
  return [
    ...sources.flatMap((source) => [
      ...commentProblems(source),
      ...nameProblems(source),
      ...unitProblems(source),
    ]),
    ...fullFolders(sources),
    ...repeated(sources, 'class', ({ text }) => [...text.matchAll(CLASS)].map(({ groups }) => groups?.name)),
    ...repeated(sources, 'file name', ({ path }) => {
      const [program] = PROGRAM.exec(path) ?? [];
      const name = posix.basename(path);
      return program && name !== ENTRY_FILE ? [`${name} of ${program}`] : [];
    }),
  ];
}

function commentProblems({ path, text }: Source): string[] {
  return [...text.matchAll(new RegExp(COMMENT, 'gms'))].flatMap(({ groups, index }) => {
    const comment = (groups?.block ?? groups?.lines ?? '').replace(/\s+(?:\*|\/\/)?\s*/g, ' ').trim();
    return [...comment.matchAll(BEGINNING)].map(
      ([beginning]) => `${path}:${lineAt(text, index)}: a comment's sentence begins with "${beginning}"`,
    );
  });
}

function nameProblems({ path, text }: Source): string[] {
  return [...text.matchAll(TEST_NAME)].flatMap(({ groups: { name = '' } = {}, index }) => {
    const place = `${path}:${lineAt(text, index)}: the test name`;
    return [
      ...(name.length > MAX_TEST_NAME_CHARS ? [`${place} has ${name.length} characters`] : []),
      ...(UNCLEAR_NAME.test(name) ? [`${place} says who or what`] : []),
    ];
  });
}

function unitProblems({ path, text }: Source): string[] {
  return [...text.matchAll(CONSTANT)].flatMap(({ groups = {}, index }) => {
    const { name = '', above = '', behind = '' } = groups;
    if (!MEASURE.test(name) || UNIT.test(`${name} ${above} ${behind}`)) return [];
    return [`${path}:${lineAt(text, index + above.length)}: ${name} has no unit`];
  });
}

function fullFolders(sources: Source[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = posix.dirname(path);
    if (!path.includes('.test.')) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > MAX_FOLDER_FILES && !LARGE_FOLDERS.includes(folder))
    .map(([folder, count]) => `${folder}: ${count} source files`);
}

/** Names that several sources have, although each should be there once. */
function repeated(
  sources: Source[],
  kind: string,
  namesOf: (source: Source) => (string | undefined)[],
): string[] {
  const places = new Map<string, string[]>();
  for (const source of sources) {
    for (const name of namesOf(source)) {
      if (name) places.set(name, [...(places.get(name) ?? []), source.path]);
    }
  }
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${paths.join(', ')}: the ${kind} ${name} is there ${paths.length} times`);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
