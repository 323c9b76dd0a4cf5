/**
 * Reads the configuration of a process from environment variables, once, at the start.
 */
import { envSchema } from 'env-schema';
import { isNetwork } from './ip.ts';

interface Types {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
}

/** All settings of a program by name, each as JSON Schema. */
export type Settings = Readonly<Record<string, Setting>>;

export interface Setting {
  readonly type: keyof Types;
  readonly default: string | number | boolean;
  readonly description: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
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

/** Checks of strings beyond JSON Schema, named by `format` in a setting. */
const FORMATS: Record<string, { test: (text: string) => boolean; means: string }> = {
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
  const data = withoutEmpty(env);
  const renames = oldNamesIn(data, settings);
  if (renames.length > 0) refuse(renames.join(', '));
  for (const [name, meant] of misspelt(Object.keys(env), Object.keys(settings), prefixes)) {
    console.error(`Unknown setting ignored: ${name}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  try {
    return parse(settings, data);
  } catch (error) {
    const problem = problemIn(error, settings, env);
    return refuse(problem ? `${problem.name}=${problem.value}: ${problem.means}` : String(error));
  }
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
  try {
    parse(settings, withoutEmpty(env));
    return undefined;
  } catch (error) {
    const problem = problemIn(error, settings, env);
    if (problem) return problem;
    throw error;
  }
}

function parse<S extends Settings>(settings: S, data: NodeJS.ProcessEnv): Values<S> {
  const values = envSchema<Values<S>>({
    schema: { type: 'object', required: Object.keys(settings), properties: settings },
    data,
    env: false,
    ajv: {
      customOptions(ajv) {
        // The types prove that the settings are a schema. Checking it took a tenth of each start.
        ajv.opts.validateSchema = false;
        ajv.addKeyword('formerly');
        for (const [name, { test }] of Object.entries(FORMATS)) ajv.addFormat(name, test);
        return ajv;
      },
    },
  });
  // ajv converts `Infinity` to a number without checking it.
  const [infinite] =
    Object.entries(values).find(([, value]) => value === Infinity || value === -Infinity) ?? [];
  if (infinite) throw Object.assign(new Error(), { errors: [notFinite(infinite)] });
  return values;
}

function notFinite(name: string): SchemaError {
  return { instancePath: `/${name}`, keyword: 'finite', message: 'must be a finite number', params: {} };
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

/** Drops empty variables, because `HTTP_PORT=` in a compose file means "not set". */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** Finds variables under an earlier name of a setting. */
function oldNamesIn(env: NodeJS.ProcessEnv, settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, { formerly = [] }]) =>
    formerly.filter((old) => env[old] !== undefined).map((old) => `${old} is now called ${name}`),
  );
}

interface SchemaError {
  instancePath: string;
  keyword: string;
  message: string;
  params: { allowedValues?: string[]; format?: string; type?: string; limit?: number; pattern?: string };
}

function problemIn(error: unknown, settings: Settings, env: NodeJS.ProcessEnv): Problem | undefined {
  const first = (error as { errors?: SchemaError[] }).errors?.[0];
  if (!first) return undefined;
  const name = first.instancePath.slice(1);
  const isSecret = settings[name]?.writeOnly === true;
  const { format, type, limit, pattern, allowedValues } = first.params;
  const means = FORMATS[format ?? '']?.means ?? first.message;
  const allowed = allowedValues?.join(', ') ?? '';
  return {
    name,
    value: isSecret ? '...' : (env[name] ?? ''),
    means: `${means}${allowed && `: ${allowed}`}`,
    rule: format ?? first.keyword,
    limit: `${type ?? limit ?? pattern ?? ''}`,
  };
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
