/**
 * Tables of documents whose last column links to a test by its name: `| claim | [name](../test/a.test.ts) |`.
 */
import { readFileSync } from 'node:fs';
import { inProject } from '../../scripts/lib/project.ts';

export interface Claim {
  name: string;
  path: string;
}

const CLAIM = /^\| .+ \| \[(?<name>.+)\]\(\.\.\/(?<path>test\/[\w./-]+)\) \|$/gm;

export function claimsOf(document: string): Claim[] {
  const rows = readFileSync(inProject(document), 'utf8').matchAll(CLAIM);
  return [...rows].map(({ groups = {} }) => ({ name: groups.name ?? '', path: groups.path ?? '' }));
}

/** Claims without an existing test. A part of the name is enough where a test computes its name. */
export function withoutTest(claims: Claim[]): Claim[] {
  return claims.filter(({ name, path }) => !namesIn(path).some((given) => given.includes(name)));
}

/** Names of the tests and groups in a file, as they are written there. */
function namesIn(path: string): string[] {
  const text = readFileSync(inProject(path), 'utf8');
  return [...text.matchAll(/\b(?:test|it|describe)\(\s*(?<quote>['"`])(?<name>.*?)\k<quote>/g)].map(
    ({ groups = {} }) => groups.name ?? '',
  );
}
