import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';

const DOCUMENTS = ['README.md', 'README.es.md', 'CONTRIBUTING.md'];

interface LockedPackage {
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(inProject(path), 'utf8'));
}

const { scripts } = readJson<{ scripts: Record<string, string> }>('package.json');
const { packages } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json');

test('lock file names no host, so that every registry can serve it', () => {
  const withHost = Object.entries(packages).filter(([, { resolved }]) => resolved?.includes('://'));
  assert.deepEqual(withHost, []);
});

test('lock file holds the binaries of every platform, which npm ci requires', () => {
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  assert.deepEqual(missing, []);
});

test('docker-compose.yml nests no variable in a default, which old versions do not expand', () => {
  assert.doesNotMatch(readFileSync(inProject('docker-compose.yml'), 'utf8'), /\$\{[^}]*\$\{/);
});

for (const document of DOCUMENTS.filter((path) => existsSync(inProject(path)))) {
  test(`every npm script that ${document} names exists`, () => {
    const text = readFileSync(inProject(document), 'utf8');
    const named = [...text.matchAll(/\bnpm (?:run(?: -\S+)* ([\w:.-]*\w)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short ?? '',
    );
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });
}

test('every npm script runs an existing file', () => {
  const files = Object.values(scripts).flatMap(
    (command) => command.match(/\b(?:scripts|test)\/\S+\.ts\b/g) ?? [],
  );
  assert.deepEqual(
    files.filter((file) => !existsSync(inProject(file))),
    [],
  );
});
