/**
 * Who may import whom. The page, the gateway and the room know of each other only the contracts.
 *
 *     web ──▶ gateway/protocol.ts, gateway/search-terms.ts       gateway ──▶ tcp-server/wire.ts
 */
import { posix } from 'node:path';

export interface SourceFile {
  /** As the project writes it: `gateway/hub/hub.ts`. */
  path: string;
  text: string;
}

/** What a file of that folder may take of the project: a folder by its `/`, or a single file. */
const MAY_TAKE: Record<string, string[]> = {
  'tcp-server': ['tcp-server/', 'common/env.ts', 'common/process-signals.ts'],
  gateway: ['gateway/', 'tcp-server/wire.ts', 'common/env.ts', 'common/process-signals.ts'],
  web: ['web/', 'gateway/protocol.ts', 'gateway/search-terms.ts'],
};

const CONTRACTS = ['tcp-server/wire.ts', 'gateway/protocol.ts', 'gateway/search-terms.ts'];

/** Where a process begins: they alone know its environment and arguments. */
const PROGRAMS = ['tcp-server/main.ts', 'tcp-server/client/main.ts', 'gateway/main.ts'];

/** Run by a tool, not by the product: it may know the environment. */
const TOOL_SETTINGS = ['web/vite.config.ts'];

/** Everything that is wrong in them, as lines for a person. */
export function violations(files: SourceFile[]): string[] {
  return files.flatMap((file) =>
    [...wrongImports(file), ...wrongUses(file)].map((what) => `${file.path} ${what}`),
  );
}

interface Import {
  specifier: string;
  /** Types alone: nothing of it is there when the program runs. */
  typeOnly: boolean;
}

/**
 * `import ... from 'x'`, `export ... from 'x'` and `import 'x'` stand at the start of a line in formatted
 * code, and so are told from the same words in a comment or a text; `import('x')` may be anywhere.
 */
const STATEMENT =
  /^[ \t]*(?:import|export)\b(?<clause>[^;'"`]*?)\bfrom\s*(?<quote>['"])(?<specifier>.+?)\k<quote>/gm;
const BARE = /^[ \t]*import\s*(?<quote>['"])(?<specifier>.+?)\k<quote>/gm;
const DYNAMIC = /\bimport\(\s*(?<quote>['"`])(?<specifier>.+?)\k<quote>/g;

export function importsOf(text: string): Import[] {
  return [STATEMENT, BARE, DYNAMIC]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(({ groups = {} }) => ({
      specifier: groups.specifier ?? '',
      typeOnly: /^\s+type\s/.test(groups.clause ?? ''),
    }));
}

function wrongImports({ path, text }: SourceFile): string[] {
  return importsOf(text).flatMap(({ specifier, typeOnly }) => {
    if (CONTRACTS.includes(path)) return [`is a contract and must import nothing, but takes ${specifier}`];
    if (!specifier.startsWith('.')) return [];
    return wrongTargets(path, resolveImport(path, specifier), typeOnly);
  });
}

function wrongTargets(path: string, target: string, typeOnly: boolean): string[] {
  if (posix.basename(target) === 'main.ts') return [`imports a program: ${target}`];
  if (target.endsWith('.test.ts')) return [`imports a test: ${target}`];
  if (!mayTake(path, target)) return [`must not import ${target}`];
  if (target === 'common/env.ts' && isOfProduct(path) && !typeOnly && !PROGRAMS.includes(path)) {
    return ['reads the configuration, which only a main.ts may'];
  }
  return [];
}

function mayTake(path: string, target: string): boolean {
  const allowed = MAY_TAKE[folderOf(path)];
  if (path === 'common/env.ts') return false;
  if (!allowed) return true; // Tests and scripts: they look at everything.
  return allowed.some((one) => (one.endsWith('/') ? target.startsWith(one) : target === one));
}

/** Names of the process's environment and arguments outside of the files that may know them. */
function wrongUses({ path, text }: SourceFile): string[] {
  if (!isOfProduct(path) || TOOL_SETTINGS.includes(path)) return [];
  const wrong: string[] = [];
  if (path !== 'common/env.ts' && /\bprocess\.env\b/.test(text))
    wrong.push('names process.env, which only common/env.ts may');
  if (!PROGRAMS.includes(path) && /\bprocess\.argv\b/.test(text))
    wrong.push('names process.argv, which only a program may');
  return wrong;
}

function isOfProduct(path: string): boolean {
  return path === 'common/env.ts' || folderOf(path) in MAY_TAKE;
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

/** `./room` and `./room.js` are `./room.ts`, whatever a tool makes of them. */
function resolveImport(path: string, specifier: string): string {
  const target = posix.join(posix.dirname(path), specifier.replace(/[?#].*$/, ''));
  const extension = posix.extname(target);
  if (extension === '.js') return `${target.slice(0, -extension.length)}.ts`;
  return extension === '' ? `${target}.ts` : target;
}
