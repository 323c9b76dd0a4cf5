/**
 * Configuration of a process: environment variables, checked once at the start.
 */
import { isIP } from 'node:net';
import { envSchema } from 'env-schema';

interface Types {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
}

/** What can be set, by name: each as JSON Schema says it. */
export type Settings = Readonly<Record<string, Setting>>;

export interface Setting {
  readonly type: keyof Types;
  readonly default: string | number | boolean;
  readonly description: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  /** A secret: never shown. */
  readonly writeOnly?: boolean;
}

/** What they are set to. */
export type Values<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends { enum: readonly (infer Item)[] }
    ? Item
    : Types[S[Name]['type']];
};

/** What a string may be, beyond what JSON Schema knows: `format` in a schema. */
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
    means: 'must not be of blanks alone, which nobody can see',
  },
};

/**
 * The environment as the settings' types, defaults filled in.
 * A value that is refused ends the process (exit code 2) with one line that names the variable,
 * the value and what is allowed: a server that starts with half of what was asked for is worse.
 * A variable that begins with one of `prefixes`, or nearly has a name of ours, was meant for us: one line warns.
 */
export function readEnv<S extends Settings>(
  settings: S,
  prefixes: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Values<S> {
  for (const [name, meant] of misspelt(Object.keys(env), Object.keys(settings), prefixes)) {
    console.error(`Not known, and ignored: ${name}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  try {
    return envSchema<Values<S>>({
      schema: { type: 'object', required: Object.keys(settings), properties: settings },
      data: presentOnly(env),
      env: false,
      ajv: {
        customOptions(ajv) {
          // That the settings are a schema, their types say: to prove it took a tenth of each start.
          ajv.opts.validateSchema = false;
          for (const [name, { test }] of Object.entries(FORMATS)) ajv.addFormat(name, test);
          return ajv;
        },
      },
    });
  } catch (error) {
    console.error(`Bad configuration: ${explain(error, settings, env)}`);
    process.exit(2);
  }
}

/** The items of a comma-separated list. */
export function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/** `HTTP_PORT=` in a compose file means "not set", not "the empty string". */
function presentOnly(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

interface SchemaError {
  instancePath: string;
  message: string;
  params: { allowedValues?: string[]; format?: string };
}

function explain(error: unknown, settings: Settings, env: NodeJS.ProcessEnv): string {
  const first = (error as { errors?: SchemaError[] }).errors?.[0];
  if (!first) return String(error);
  const name = first.instancePath.slice(1);
  const isSecret = settings[name]?.writeOnly === true;
  const means = FORMATS[first.params.format ?? '']?.means ?? first.message;
  const allowed = first.params.allowedValues?.join(', ') ?? '';
  return `${name}=${isSecret ? '...' : env[name]}: ${means}${allowed && `: ${allowed}`}`;
}

function isNetwork(item: string): boolean {
  const [ip = '', bits, ...rest] = item.split('/');
  const longest = { 4: 32, 6: 128 }[isIP(ip)];
  if (longest === undefined || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= longest);
}

function isOrigin(item: string): boolean {
  return /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item;
}

/** Names that are none of ours and seem to be meant for us, each with the one that was meant. */
function misspelt(
  names: string[],
  ours: string[],
  prefixes: readonly string[],
): [name: string, meant: string | undefined][] {
  return names
    .filter((name) => !ours.includes(name))
    .map((name): [string, string | undefined] => [name, ours.find((own) => isSlip(name, own))])
    .filter(([name, meant]) => meant || prefixes.some((prefix) => name.startsWith(prefix)));
}

/** One letter left out, added, changed, or swapped with the next. */
function isSlip(written: string, meant: string): boolean {
  let same = 0;
  while (same < written.length && written[same] === meant[same]) same++;
  const [a, b] = [written.slice(same), meant.slice(same)];
  const isSwapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1) || isSwapped;
}
