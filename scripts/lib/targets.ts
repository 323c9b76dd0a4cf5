/**
 * The builds, into `dist/`:
 *
 *     programs   common/, connection/, tcp-server/, gateway/, cli/   -- tsc  -->  the same folders in dist/
 *     manual     the settings, and docs/configuration.md   -->  dist/tertulia.1
 *     page       web/                                 -- vite -->  dist/web/
 */
import { inProject, type RunOptions, runNode, toolCommand } from './project.ts';
import { isStale } from './stale.ts';

interface Target {
  sources: string[];
  /** The build is fresh if all outputs exist and are newer than the sources. */
  outputs: string[];
  command: string[];
}

const TARGETS = {
  programs: {
    sources: ['common', 'connection', 'tcp-server', 'gateway', 'cli', 'tsconfig.json'],
    outputs: [
      'dist/common/env.js',
      'dist/connection/client.js',
      'dist/tcp-server/main.js',
      'dist/gateway/main.js',
      'dist/cli/main.js',
    ],
    // A build with type errors emits nothing, because it would look fresh the next time.
    command: toolCommand('tsc', '--noEmitOnError'),
  },
  page: {
    sources: [
      'web',
      'common',
      'connection',
      'gateway/protocol.ts',
      'gateway/search-terms.ts',
      'package-lock.json',
    ],
    outputs: ['dist/web/index.html'],
    command: toolCommand(
      'vite',
      'build',
      'web',
      '--outDir',
      inProject('dist/web'),
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ),
  },
  manual: {
    sources: ['cli', 'gateway/config.ts', 'tcp-server/config.ts', 'docs/configuration.md', 'package.json'],
    outputs: ['dist/tertulia.1'],
    command: ['--import', 'tsx', 'scripts/release/manual.ts'],
  },
} satisfies Record<string, Target>;

export type TargetName = keyof typeof TARGETS;
export const EVERYTHING = Object.keys(TARGETS) as TargetName[];

export function isTargetName(name: string): name is TargetName {
  return name in TARGETS;
}

/** Builds the targets one after another, until one fails. */
export async function build(names: TargetName[], options: RunOptions = {}): Promise<boolean> {
  for (const name of names) {
    if (!(await runNode(TARGETS[name].command, options))) return false;
  }
  return true;
}

/** The targets that must be built before they are run. */
export function staleOnes(names: TargetName[]): TargetName[] {
  return names.filter((name) => {
    const { sources, outputs } = TARGETS[name];
    return isStale(sources.map(absolute), outputs.map(absolute));
  });
}

function absolute(path: string): string {
  return inProject(path);
}
