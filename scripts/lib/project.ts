/**
 * The project's files, and its tools on every system.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Returns an absolute path: `inProject('dist', 'env.js')`. */
export function inProject(...parts: string[]): string {
  return join(ROOT, ...parts);
}

/** Returns a path from the project's root, with `/` on every system. */
export function asProjectPath(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}

const NOT_OURS = new Set(['node_modules', 'dist', 'data', '.git']);

/** Lists every file under a folder of the project, as sorted project paths. */
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

/** The tools' own JavaScript, run by this Node. The shims of `node_modules/.bin` need a shell on Windows. */
const TOOLS = {
  biome: '@biomejs/biome/bin/biome',
  playwright: 'playwright-core/cli.js',
  tsc: 'typescript/bin/tsc',
  tsx: 'tsx/dist/cli.mjs',
  vite: 'vite/bin/vite.js',
};

export type Tool = keyof typeof TOOLS;

/** Node's arguments to run that tool. */
export function toolCommand(tool: Tool, ...args: string[]): string[] {
  return [inProject('node_modules', TOOLS[tool]), ...args];
}

export interface RunOptions {
  /** Shows the output only if the command fails, on stderr, because stdout may be a pipe. */
  quiet?: boolean;
  /** Never shows the output, because the caller has a better message. */
  silent?: boolean;
  /** Longest run, ms. 0 sets no limit. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** Runs Node in the project's root. Returns whether it ended with exit code 0. */
export async function runNode(
  args: string[],
  { quiet = false, silent = false, timeoutMs = 0, signal }: RunOptions = {},
): Promise<boolean> {
  const output = quiet || silent ? 'pipe' : 'inherit';
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', output, output],
    timeout: timeoutMs,
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
