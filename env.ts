/**
 * Configuration of a process: environment variables, checked once at the start.
 */
import { envSchema } from 'env-schema';
import type { Static, TObject } from 'typebox';

/**
 * The environment as the schema's type, defaults filled in.
 * A value the schema refuses ends the process (exit code 2) with one line that names the variable,
 * the value and what is allowed: a server that starts with half of what was asked for is worse.
 */
export function readEnv<T extends TObject>(schema: T, env: NodeJS.ProcessEnv = process.env): Static<T> {
  try {
    return envSchema<Static<T>>({ schema, data: presentOnly(env), env: false });
  } catch (error) {
    console.error(`Bad configuration: ${explain(error, env)}`);
    process.exit(2);
  }
}

/** `HTTP_PORT=` in a compose file means "not set", not "the empty string". */
function presentOnly(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

interface SchemaError {
  instancePath: string;
  message: string;
  params: { allowedValues?: string[] };
}

function explain(error: unknown, env: NodeJS.ProcessEnv): string {
  const first = (error as { errors?: SchemaError[] }).errors?.[0];
  if (!first) return String(error);
  const name = first.instancePath.slice(1);
  const allowed = first.params.allowedValues?.join(', ') ?? '';
  return `${name}=${env[name] ?? ''}: ${first.message}${allowed && `: ${allowed}`}`;
}
