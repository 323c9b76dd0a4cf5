/**
 * Reads the configuration of a process from environment variables, once, at the start.
 */
import { isNetwork } from './ip.ts';

interface Types {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
}

/** All settings of a program by name, each as JSON Schema. */
export type Settings = Readonly<Record<string, Setting>>;

/** A check of a text, as JSON Schema. */
export interface Rule {
  readonly type: keyof Types;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface Setting extends Rule {
  readonly default: Value;
  readonly description: string;
  /** Marks a secret, which is never printed. */
  readonly writeOnly?: boolean;
  /** Earlier names. A start with one of them stops, because its value would have no effect. */
  readonly formerly?: readonly string[];
}

/** The configured values by name. */
export type Values<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends { enum: readonly (infer Item)[] }
    ? Item
    : Types[S[Name]['type']];
};

/** Checks of strings, named by `format` in a rule. */
const FORMATS: Record<string, { test: (text: string) => boolean; means: string }> = {
  date: {
    test: isDate,
    means: 'must be a date such as 2026-11-28',
  },
  networks: {
    test: (text) => itemsOf(text).every(isNetwork),
    means: 'must be addresses and networks such as 10.0.0.7, 192.168.0.0/16, fd00::/8',
  },
  origins: {
    test: (text) => itemsOf(text).every(isOrigin),
    means: 'must be origins such as https://chat.example.org, without a path',
  },
  hosts: {
    test: (text) => itemsOf(text).every((item) => /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(item)),
    means: 'must be host names such as chat.example.org, without scheme and port',
  },
  passphrase: {
    test: (text) => text === '' || text.trim() !== '',
    means: 'must hold more than blanks, which are invisible',
  },
};

/**
 * Returns the environment as typed values, with defaults filled in.
 * A refused value or an old name ends the process with exit code 2 and one line. A server with half of its
 * configuration would be worse. An unknown variable that resembles a setting, or begins with one of `prefixes`, causes
 * a warning.
 */
export function readEnv<S extends Settings>(
  settings: S,
  prefixes: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Values<S> {
  const renames = oldNamesIn(env, settings);
  if (renames.length > 0) refuse(renames.join(', '));
  for (const [name, meant] of misspelt(Object.keys(env), Object.keys(settings), prefixes)) {
    console.error(`Unknown setting ignored: ${name}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  const problem = findProblem(settings, env);
  if (problem) refuse(`${problem.name}=${problem.value}: ${problem.means}`);
  const values = Object.entries(settings).map(([name, setting]) => [name, valueFor(env[name], setting)]);
  return Object.fromEntries(values) as Values<S>;
}

/** A value that a setting does not allow. */
export interface Problem {
  readonly name: string;
  /** Hidden if it is a secret. */
  readonly value: string;
  /** A text that says what is allowed. */
  readonly means: string;
  /** The violated keyword of JSON Schema, or the name of the violated format. */
  readonly rule: string;
  /** The value of that keyword: a type, a number or a pattern. */
  readonly limit: string;
}

/** Finds the first value that is not allowed. */
export function findProblem(settings: Settings, env: NodeJS.ProcessEnv): Problem | undefined {
  for (const [name, setting] of Object.entries(settings)) {
    const violation = findViolation(valueFor(env[name], setting), setting);
    if (violation) return { name, value: setting.writeOnly ? '...' : (env[name] ?? ''), ...violation };
  }
  return undefined;
}

export type Value = Types[keyof Types];

/** An empty variable counts as unset, because `HTTP_PORT=` in a compose file means that. */
function valueFor(text: string | undefined, setting: Setting): Value | undefined {
  return text ? convert(text, setting.type) : setting.default;
}

/** Returns undefined if the text has another type. */
export function convert(text: string, type: Rule['type']): Value | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'integer':
      return text !== '' && Number(text) % 1 === 0 ? Number(text) : undefined;
    case 'number':
      return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : undefined);
  }
}

type Violation = Pick<Problem, 'means' | 'rule' | 'limit'>;

export function findViolation(value: Value | undefined, rule: Rule): Violation | undefined {
  const { type } = rule;
  if (value === undefined) return { rule: 'type', limit: type, means: `must be ${type}` };
  if (typeof value === 'number') return findNumberViolation(value, rule);
  if (typeof value === 'string') return findTextViolation(value, rule);
  return undefined;
}

function findNumberViolation(
  value: number,
  { minimum, exclusiveMinimum, maximum }: Rule,
): Violation | undefined {
  if (!Number.isFinite(value)) return { rule: 'finite', limit: '', means: 'must be a finite number' };
  if (maximum !== undefined && value > maximum)
    return { rule: 'maximum', limit: `${maximum}`, means: `must be <= ${maximum}` };
  if (minimum !== undefined && value < minimum)
    return { rule: 'minimum', limit: `${minimum}`, means: `must be >= ${minimum}` };
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return { rule: 'exclusiveMinimum', limit: `${exclusiveMinimum}`, means: `must be > ${exclusiveMinimum}` };
  return undefined;
}

function findTextViolation(text: string, rule: Rule): Violation | undefined {
  const { minLength = 0, maxLength = Infinity, pattern, format = '', enum: allowed } = rule;
  const { length } = [...text];
  if (length > maxLength)
    return {
      rule: 'maxLength',
      limit: `${maxLength}`,
      means: `must NOT have more than ${maxLength} characters`,
    };
  if (length < minLength)
    return {
      rule: 'minLength',
      limit: `${minLength}`,
      means: `must NOT have fewer than ${minLength} characters`,
    };
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text))
    return { rule: 'pattern', limit: pattern, means: `must match pattern "${pattern}"` };
  const { test, means = '' } = FORMATS[format] ?? {};
  if (test && !test(text)) return { rule: format, limit: '', means };
  if (allowed && !allowed.includes(text))
    return {
      rule: 'enum',
      limit: '',
      means: `must be equal to one of the allowed values: ${allowed.join(', ')}`,
    };
  return undefined;
}

/** Splits a comma-separated list. */
export function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

function refuse(reason: string): never {
  console.error(`Bad configuration: ${reason}`);
  process.exit(2);
}

/** Finds variables under an earlier name of a setting. */
function oldNamesIn(env: NodeJS.ProcessEnv, settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, { formerly = [] }]) =>
    formerly.filter((old) => env[old]).map((old) => `${old} is now called ${name}`),
  );
}

function isDate(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

function isOrigin(item: string): boolean {
  return /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item;
}

/** Finds unknown names that resemble a setting or begin with a prefix, each with the setting it resembles. */
function misspelt(
  names: string[],
  known: string[],
  prefixes: readonly string[],
): [name: string, meant: string | undefined][] {
  return names
    .filter((name) => !known.includes(name))
    .map((name): [string, string | undefined] => [name, known.find((setting) => isTypo(name, setting))])
    .filter(([name, meant]) => meant || prefixes.some((prefix) => name.startsWith(prefix)));
}

/** Returns true if one letter is missing, added, changed, or swapped with the next. */
function isTypo(written: string, meant: string): boolean {
  let prefix = 0;
  while (prefix < written.length && written[prefix] === meant[prefix]) prefix++;
  const [a, b] = [written.slice(prefix), meant.slice(prefix)];
  const isSwapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) || isSwapped;
}
