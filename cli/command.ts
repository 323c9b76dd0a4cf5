/**
 * The command: reads its arguments, and starts or explains what they name.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTarget } from '../tcp-server/client/target.ts';
import { type Arguments, CHECK, parseArguments } from './arguments.ts';
import { runCheckCommand } from './check/check-command.ts';
import { fullHelp, type HelpOptions, shortHelp } from './help.ts';
import { launch } from './launcher.ts';
import { learn } from './learn/learn.ts';
import type { LogFormat } from './log-output.ts';
import { environmentOf, printConfig, resolveSettings, userDataDir } from './settings.ts';
import { stopSignals } from './stop-signals.ts';
import { languageOf, TEXTS, type Texts } from './texts.ts';
import { UsageError } from './usage-error.ts';

/** Width of a terminal that does not report its own, characters. */
const DEFAULT_COLUMNS = 80;
const USAGE_EXIT_CODE = 2;

export interface Context {
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** The folder of the package, with `dist`, `docs` and `package.json`. */
  root: string;
  stdout: { isTTY?: boolean; columns?: number };
  /** A clone keeps its data in its own folder, and is started by npm. */
  isClone: boolean;
}

/** A program that replaces the command in this process. */
export interface Handover {
  /** The path of the program below `dist`. */
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** Returns the exit code, or the program that the caller runs in this process. */
export async function runCommand(context: Context): Promise<number | Handover> {
  const texts = TEXTS[languageOf(context.env)];
  if (context.args[0] === CHECK) return await runCheckCommand(context.args.slice(1), context.env);
  try {
    if (context.args[0] === 'completion') return await printCompletion(context.args[1] ?? '', texts);
    return await run(context, parseArguments(context.args, texts), texts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, suggestion } = error;
    console.error(`${message} ${suggestion === undefined ? texts.helpHint : texts.didYouMean(suggestion)}`);
    return USAGE_EXIT_CODE;
  }
}

async function run(context: Context, args: Arguments, texts: Texts): Promise<number | Handover> {
  const { env, root, stdout, isClone } = context;
  const defaults = isClone ? {} : { DATA_DIR: userDataDir(env) };
  if (args.help !== 'none') {
    const options: HelpOptions = {
      language: languageOf(env),
      columns: stdout.columns || DEFAULT_COLUMNS,
      docs: join(root, 'docs'),
      defaults,
    };
    return print(args.help === 'all' ? fullHelp(options) : shortHelp(options));
  }
  if (args.isVersion) return print(versionIn(root));
  if (args.command === 'client') {
    return { program: 'tcp-server/client/main.js', args: args.operands, env };
  }
  if (args.command === 'learn') return await learnFrom(args, texts);
  if (args.room !== undefined) setRoom(args, args.room, texts);
  const resolved = resolveSettings({ flags: args.flags, env, file: args.config, defaults }, texts);
  if (args.isPrintConfig) return print(printConfig(resolved));
  const programEnv = environmentOf(resolved, env);
  if (args.command === 'room') return { program: 'tcp-server/main.js', args: [], env: programEnv };
  return launch({
    env: programEnv,
    programs: join(root, 'dist'),
    isGatewayAlone: args.room !== undefined,
    dataDir: resolved.get('DATA_DIR')?.value ?? '',
    logFormat: args.logFormat ?? defaultLogFormat(context),
    texts,
    commands: isClone
      ? { client: 'npm run client', gateway: 'npm run start:gateway' }
      : { client: 'tertulia client', gateway: 'tertulia --room HOST:PORT' },
    stop: stopSignals(env),
  });
}

/** A clone prints text in a pipe too, because people read the output of `npm start` there. */
function defaultLogFormat({ stdout, isClone }: Context): LogFormat {
  return stdout.isTTY || isClone ? 'text' : 'json';
}

/** `tertulia learn HOST:PORT`. */
async function learnFrom(args: Arguments, texts: Texts): Promise<number> {
  const target = args.operands.length === 0 ? undefined : parseTarget(args.operands);
  if (!target) throw new UsageError(texts.badLearn(args.operands.join(' ')));
  const { config: file, isSaving } = args;
  return await learn({ target, login: args.flags.get('ROOM_LOGIN')?.value, file, isSaving, texts });
}

/** Turns `--room HOST:PORT` into the two settings. */
function setRoom(args: Arguments, room: string, texts: Texts): void {
  const target = room === '' ? undefined : parseTarget([room]);
  if (!target) throw new UsageError(texts.badRoom(room));
  args.flags.set('ROOM_HOST', { value: target.host, flag: '--room' });
  args.flags.set('ROOM_PORT', { value: `${target.port}`, flag: '--room' });
}

/** Loaded only here, because each start would pay for it. */
async function printCompletion(shell: string, texts: Texts): Promise<number> {
  const { completionScript } = await import('./completion.ts');
  return print(completionScript(shell, texts));
}

function versionIn(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

function print(text: string): number {
  console.log(text);
  return 0;
}
