/**
 * Where the project's files are, and how its tools are run on every system.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `inProject('dist', 'env.js')`: an absolute path. */
export function inProject(...parts: string[]): string {
  return join(ROOT, ...parts);
}

/** A path as the project writes it: from its root, with `/` on every system. */
export function asProjectPath(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}

const NOT_OURS = new Set(['node_modules', 'dist', 'data', '.git']);

/** Every file under a folder of the project, as project paths, sorted. */
export function filesUnder(folder: string): string[] {
  const entries = readdirSync(inProject(folder), { withFileTypes: true });
  return entries
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** The tools' own JavaScript, run by this Node: the shims of `node_modules/.bin` need a shell on Windows. */
const TOOLS = {
  biome: '@biomejs/biome/bin/biome',
  playwright: 'playwright-core/cli.js',
  tsc: 'typescript/bin/tsc',
  tsx: 'tsx/dist/cli.mjs',
  vite: 'vite/bin/vite.js',
};

export type Tool = keyof typeof TOOLS;

/** What Node takes to run that tool. */
export function toolCommand(tool: Tool, ...args: string[]): string[] {
  return [inProject('node_modules', TOOLS[tool]), ...args];
}

export interface RunOptions {
  /** Its output is shown only if it fails, on stderr: stdout may be somebody's pipe. */
  quiet?: boolean;
  /** Not even then: whoever calls has a better word for it. */
  silent?: boolean;
  /** Longest it may take, ms. */
  timeout?: number;
  signal?: AbortSignal | undefined;
}

/** Runs Node in the project's root. True if it ended with exit code 0. */
export async function runNode(
  args: string[],
  { quiet = false, silent = false, timeout = 0, signal }: RunOptions = {},
): Promise<boolean> {
  const output = quiet || silent ? 'pipe' : 'inherit';
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', output, output],
    timeout,
    ...(signal && { signal }),
  });
  const heard: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => heard.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => heard.push(chunk));
  const succeeded = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  if (!succeeded && !silent && !signal?.aborted) process.stderr.write(Buffer.concat(heard));
  return succeeded;
}
