/**
 * Parses the arguments of `tertulia check`.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { parseTarget } from '../../tcp-server/client/target.ts';
import { nearest } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';
import type { Check } from './check.ts';
import { CHECKS, LESSONS } from './checks/table.ts';
import { CODE_LANGUAGES, type CodeLanguage, type ReportTexts } from './texts/check-texts.ts';

/** The port of the tutorial. */
const DEFAULT_PORT = 12345;
const MAX_PORT = 65535;

export interface CheckOptions {
  isHelp: boolean;
  target: { command: string[] } | { host: string; port: number };
  /** The port on which the command listens. Undefined takes a free one, for a command with `{port}`. */
  port: number | undefined;
  checks: readonly Check[];
  weights: ReadonlyMap<string, number>;
  isDestructive: boolean;
  isJson: boolean;
  junit: string | undefined;
  /** The value of `--format`. */
  format: string | undefined;
  code: readonly CodeLanguage[];
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  only: { type: 'string' },
  lesson: { type: 'string' },
  weights: { type: 'string' },
  destructive: { type: 'boolean' },
  json: { type: 'boolean' },
  junit: { type: 'string' },
  format: { type: 'string' },
  code: { type: 'string' },
} satisfies ParseArgsConfig['options'];

/** Throws a UsageError for arguments that it does not know. */
export function parseCheckOptions(args: readonly string[], texts: ReportTexts): CheckOptions {
  const border = args.indexOf('--');
  const own = border < 0 ? args : args.slice(0, border);
  const command = border < 0 ? [] : args.slice(border + 1);
  const { tokens } = parseArgs({
    args: [...own],
    options: OPTIONS,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = new Map<string, string>();
  const addresses: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') addresses.push(token.value);
    if (token.kind !== 'option') continue;
    const option = OPTIONS[token.name as keyof typeof OPTIONS] as { type: string } | undefined;
    if (!option) {
      throw new UsageError(
        texts.unknownFlag(token.rawName),
        nearest(
          token.rawName,
          Object.keys(OPTIONS).map((name) => `--${name}`),
        ),
      );
    }
    if (option.type === 'string' && !token.value) throw new UsageError(texts.needsValue(token.rawName));
    values.set(token.name, token.value ?? '');
  }
  const target = targetIn(addresses, command, texts, values.has('help'));
  return {
    isHelp: values.has('help'),
    target,
    port: portIn(values.get('port'), command, texts),
    checks: checksIn(values, texts),
    weights: weightsIn(values.get('weights'), texts),
    isDestructive: values.has('destructive'),
    isJson: values.has('json'),
    junit: values.get('junit'),
    format: values.get('format'),
    code: codeIn(values.get('code'), command, texts),
  };
}

function targetIn(
  addresses: string[],
  command: string[],
  texts: ReportTexts,
  isHelp: boolean,
): CheckOptions['target'] {
  if (command.length > 0 && addresses.length === 0) return { command };
  const [address, ...rest] = addresses;
  if (isHelp) return { command: [] };
  if (address === undefined || command.length > 0 || rest.length > 0) throw new UsageError(texts.needsTarget);
  const target = parseTarget([address]);
  if (!target) throw new UsageError(texts.badTarget(address));
  return target;
}

function portIn(text: string | undefined, command: string[], texts: ReportTexts): number | undefined {
  if (text === undefined) return command.some((word) => word.includes('{port}')) ? undefined : DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) throw new UsageError(texts.badPort(text));
  return port;
}

/** The start is always checked, because nothing else works without it. */
function checksIn(values: ReadonlyMap<string, string>, texts: ReportTexts): readonly Check[] {
  const lesson = values.get('lesson');
  if (lesson !== undefined && !(Number(lesson) >= 1 && Number(lesson) <= LESSONS && /^\d+$/.test(lesson))) {
    throw new UsageError(texts.badLesson(lesson));
  }
  const only = values
    .get('only')
    ?.split(',')
    .map((id) => id.trim());
  for (const id of only ?? []) checkKnown(id, texts);
  return CHECKS.filter(
    ({ id, lesson: taught }) =>
      id === 'start' || ((only?.includes(id) ?? true) && (lesson === undefined || taught === Number(lesson))),
  );
}

function checkKnown(id: string, texts: ReportTexts): void {
  const ids = CHECKS.map((check) => check.id);
  if (!ids.some((known) => known === id)) throw new UsageError(texts.unknownCheck(id), nearest(id, ids));
}

function weightsIn(text: string | undefined, texts: ReportTexts): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const pair of text?.split(',') ?? []) {
    const [, id = '', weight] = /^\s*([\w-]+)=(\d+(?:\.\d+)?)\s*$/.exec(pair) ?? [];
    if (weight === undefined) throw new UsageError(texts.badWeight(pair));
    checkKnown(id, texts);
    weights.set(id, Number(weight));
  }
  return weights;
}

/** The languages of the lines of code: named ones, or that of the command, or all. */
function codeIn(text: string | undefined, command: string[], texts: ReportTexts): readonly CodeLanguage[] {
  if (text !== undefined) {
    const languages = text.split(',').map((name) => CODE_LANGUAGES.find((known) => known === name.trim()));
    if (languages.includes(undefined)) throw new UsageError(texts.badCode(text));
    return languages.filter((language) => language !== undefined);
  }
  const line = command.join(' ');
  if (/python|\.py\b/i.test(line)) return ['python'];
  if (/\bjava\b|\.jar\b|gradle|mvn/i.test(line)) return ['java'];
  if (/\b(?:node|npm|npx|tsx|deno|bun)\b|\.[cm]?[jt]s\b/i.test(line)) return ['node'];
  if (/^\.\/|\ba\.out\b/.test(line)) return ['c'];
  return CODE_LANGUAGES;
}
