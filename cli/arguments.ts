/**
 * Parses the arguments of the command. The flags of settings come from the schemas of the programs.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import { flagOf, SETTINGS } from './settings.ts';
import type { Texts } from './texts.ts';
import { UsageError } from './usage-error.ts';

const COMMANDS = ['room', 'client', 'learn'] as const;
/** The command that parses its own arguments. */
export const CHECK = 'check';

export type Command = (typeof COMMANDS)[number] | 'start';

export const LOG_FORMATS = ['text', 'json'] as const;

export interface Arguments {
  command: Command;
  help: 'none' | 'short' | 'all';
  isVersion: boolean;
  isPrintConfig: boolean;
  config: string | undefined;
  logFormat: (typeof LOG_FORMATS)[number] | undefined;
  /** The address of a room that runs elsewhere. */
  room: string | undefined;
  /** The flags of settings by the name of the setting. */
  flags: Map<string, { value: string; flag: string }>;
  /** Arguments that the terminal client parses itself, or the address that `learn` takes. */
  operands: string[];
  /** `learn` saves the settings. */
  isSaving: boolean;
}

const OWN_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'print-config': { type: 'boolean' },
  config: { type: 'string' },
  'log-format': { type: 'string' },
  room: { type: 'string' },
  save: { type: 'boolean' },
} satisfies ParseArgsConfig['options'];

/** Throws a UsageError for what it does not know. */
export function parseArguments(args: readonly string[], texts: Texts): Arguments {
  const command = COMMANDS.find((name) => name === args[0]) ?? 'start';
  const rest = command === 'start' ? args : args.slice(1);
  const names = settingsByFlag(command);
  const options: NonNullable<ParseArgsConfig['options']> = { ...OWN_OPTIONS };
  for (const [flag, name] of names) {
    options[flag.slice(2)] = { type: SETTINGS[name]?.type === 'boolean' ? 'boolean' : 'string' };
  }
  // The strict mode reports in English, and suggests nothing. So the tokens are checked here.
  const { tokens } = parseArgs({
    args: [...rest],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
    allowNegative: true,
  });

  const parsed: Arguments = {
    command,
    help: 'none',
    isVersion: false,
    isPrintConfig: false,
    config: undefined,
    logFormat: undefined,
    room: undefined,
    flags: new Map(),
    operands: [],
    isSaving: false,
  };
  for (const token of tokens) {
    if (token.kind === 'positional') onPositional(parsed, token.value, texts);
    if (token.kind === 'option') {
      const flag = token.rawName.startsWith('--') ? token.rawName : `--${token.name}`;
      const isNegative = flag !== `--${token.name}`;
      const option = options[token.name];
      if (!option || (isNegative && !names.has(`--${token.name}`)))
        throw unknownFlag(token.rawName, options, texts);
      if (isNegative && option.type !== 'boolean') throw unknownFlag(token.rawName, options, texts);
      const value = option.type === 'boolean' ? (token.value ?? `${!isNegative}`) : token.value;
      // A flag behind a flag is a forgotten value, unless it is joined by `=`.
      if (value === undefined || (token.inlineValue === false && value.startsWith('--'))) {
        throw new UsageError(texts.needsValue(flag));
      }
      onOption(parsed, { flag, value, setting: names.get(`--${token.name}`) }, texts);
    }
  }
  return parsed;
}

/** The room alone takes its settings also without their prefix: `tertulia room --mode echo`. */
function settingsByFlag(command: Command): Map<string, string> {
  const names = Object.keys(SETTINGS);
  const short = command === 'room' ? names.filter((name) => name.startsWith('TCP_')) : [];
  return new Map([
    ...short.map((name): [string, string] => [flagOf(name.replace('TCP_', '')), name]),
    ...names.map((name): [string, string] => [flagOf(name), name]),
  ]);
}

function onPositional(parsed: Arguments, value: string, texts: Texts): void {
  if (parsed.help !== 'none' && value === 'all') parsed.help = 'all';
  else if (parsed.command === 'client' || parsed.command === 'learn') parsed.operands.push(value);
  else if (parsed.command === 'room' || parsed.flags.size > 0) throw new UsageError(texts.unexpected(value));
  else throw new UsageError(texts.unknownCommand(value), nearest(value, [...COMMANDS, CHECK]));
}

function onOption(
  parsed: Arguments,
  { flag, value, setting }: { flag: string; value: string; setting: string | undefined },
  texts: Texts,
): void {
  if (setting !== undefined) parsed.flags.set(setting, { value, flag });
  else if (flag === '--help') parsed.help = value === 'all' ? 'all' : 'short';
  else if (flag === '--version') parsed.isVersion = true;
  else if (flag === '--print-config') parsed.isPrintConfig = true;
  else if (flag === '--config') parsed.config = value;
  else if (flag === '--room') parsed.room = value;
  else if (flag === '--save') parsed.isSaving = value === 'true';
  else {
    const format = LOG_FORMATS.find((name) => name === value);
    if (!format) {
      throw new UsageError(`${flag} ${value}: ${texts.oneOf(LOG_FORMATS)}.`, nearest(value, LOG_FORMATS));
    }
    parsed.logFormat = format;
  }
}

function unknownFlag(flag: string, options: object, texts: Texts): UsageError {
  const known = Object.keys(options).map((name) => `--${name}`);
  return new UsageError(texts.unknownFlag(flag), nearest(flag, known));
}
