/**
 * The settings of both programs, from four sources. The first that has a setting wins:
 *
 *     flag   >   environment   >   file   >   default
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProblem, type Problem, type Setting, type Settings } from '../common/env.ts';
import { settings as gateway } from '../gateway/config.ts';
import {
  FORMAT_NAMES,
  MannerError,
  mannerOf,
  type RoomSettings,
} from '../gateway/upstream/formats/room-settings.ts';
import { settings as room } from '../tcp-server/config.ts';
import { nearest } from './nearest.ts';
import type { Texts } from './texts.ts';
import { UsageError } from './usage-error.ts';

export const SETTINGS: Settings = { ...gateway, ...room };

export const DEFAULT_FILE = 'tertulia.json';

/** A value in force, with its source for people. */
export interface Sourced {
  readonly value: string;
  readonly source: string;
  readonly isDefault: boolean;
}

export interface Sources {
  /** Values of flags by the name of the setting, each with the flag as it was written. */
  flags: ReadonlyMap<string, { value: string; flag: string }>;
  env: NodeJS.ProcessEnv;
  /** A file that must exist. Without it DEFAULT_FILE is read if it exists. */
  file: string | undefined;
  /** Defaults that differ from those of the programs. */
  defaults: Readonly<Record<string, string>>;
}

/** Returns `--http-port` for HTTP_PORT. */
export function flagOf(name: string): string {
  return `--${name.toLowerCase().replaceAll('_', '-')}`;
}

/** Returns every setting with its value and source, or throws a UsageError. */
export function resolveSettings({ flags, env, file, defaults }: Sources, texts: Texts): Map<string, Sourced> {
  const path = file ?? DEFAULT_FILE;
  const fromFile = readFile(path, file !== undefined, texts);
  const resolved = new Map<string, Sourced>();
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const flag = flags.get(name);
    const fallback = defaults[name] ?? `${setting.default}`;
    // An empty value counts as not set, and a flag can so undo the environment.
    const [value, source] = flag
      ? [flag.value, texts.fromFlag(flag.flag)]
      : env[name]
        ? [env[name], texts.fromEnvironment]
        : [fromFile[name] ?? '', path];
    const isDefault = value === '';
    resolved.set(
      name,
      isDefault ? { value: fallback, source: texts.fromDefault, isDefault } : { value, source, isDefault },
    );
  }
  refuseOldNames(env, texts);
  refuseBadValue(resolved, flags, texts);
  return resolved;
}

/** Returns the environment for the programs. An empty variable counts as not set, and is its program's default. */
export function environmentOf(
  resolved: ReadonlyMap<string, Sourced>,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const values = [...resolved].map(([name, { value, isDefault }]): [string, string] => [
    name,
    isDefault && value === `${SETTINGS[name]?.default}` ? '' : value,
  ]);
  return { ...env, ...Object.fromEntries(values) };
}

/** Returns one line for each setting, without secrets. */
export function printConfig(resolved: ReadonlyMap<string, Sourced>): string {
  const rows = [...resolved].map(([name, { value, source }]) => {
    const isHidden = SETTINGS[name]?.writeOnly && value !== '';
    return { setting: `${name}=${isHidden ? '...' : value}`, source };
  });
  const width = Math.max(...rows.map(({ setting }) => setting.length));
  return rows.map(({ setting, source }) => `${setting.padEnd(width)}  # ${source}`).join('\n');
}

/** The usual folder for data of programs on each system. */
export function userDataDir(env: NodeJS.ProcessEnv, platform = process.platform, home = homedir()): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'tertulia');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'tertulia');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'tertulia');
}

/** Returns the values in DEFAULT_FILE, if it exists. Throws a UsageError for a file that no program could use. */
export function readDefaultFile(texts: Texts): Record<string, string> {
  return readFile(DEFAULT_FILE, false, texts);
}

function readFile(path: string, isRequired: boolean, texts: Texts): Record<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!isRequired && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(texts.badFile(path, (error as Error).message));
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(texts.badFile(path, '{ "HTTP_PORT": 8080 }?'));
  }
  for (const [name, value] of Object.entries(content)) {
    if (!Object.hasOwn(SETTINGS, name)) {
      const renamed = renamedTo(name);
      if (renamed) throw new UsageError(texts.badFile(path, texts.renamed(name, renamed)));
      throw new UsageError(texts.unknownName(name, path), nearest(name, Object.keys(SETTINGS)));
    }
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new UsageError(texts.badFile(path, `${name}=${JSON.stringify(value)}`));
    }
  }
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, `${value}`]));
}

function refuseOldNames(env: NodeJS.ProcessEnv, texts: Texts): void {
  for (const [name, { formerly = [] }] of Object.entries(SETTINGS)) {
    const old = formerly.find((item) => env[item]);
    if (old !== undefined) throw new UsageError(texts.renamed(old, name));
  }
}

function renamedTo(old: string): string | undefined {
  return Object.keys(SETTINGS).find((name) => SETTINGS[name]?.formerly?.includes(old));
}

function refuseBadValue(resolved: ReadonlyMap<string, Sourced>, flags: Sources['flags'], texts: Texts): void {
  const values = Object.fromEntries([...resolved].map(([name, { value }]) => [name, value]));
  const problem = findProblem(SETTINGS, values) ?? mannerProblem(values);
  if (!problem) return;
  const { name, value } = problem;
  const items = (SETTINGS[name] as Setting).enum;
  const flag = flags.get(name)?.flag;
  const subject = flag ? `${flag} ${value}` : `${name}=${value} (${resolved.get(name)?.source})`;
  const candidates = items ?? (name === 'ROOM_FORMAT' ? FORMAT_NAMES : []);
  throw new UsageError(
    `${subject}: ${items ? texts.oneOf(items) : texts.requirement(problem)}.`,
    nearest(value, candidates),
  );
}

/** Finds a template that no room can have. */
function mannerProblem(values: Record<string, string>): Problem | undefined {
  try {
    mannerOf(values as unknown as RoomSettings);
    return undefined;
  } catch (error) {
    if (!(error instanceof MannerError)) throw error;
    const { setting: name, message: means } = error;
    const value = SETTINGS[name]?.writeOnly ? '...' : (values[name] ?? '');
    return { name, value, means, rule: 'template', limit: '' };
  }
}
