/**
 * `tertulia check`: checks a chat server in any language, and reports to people and programs.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { learnRoom } from '../learn/experiments.ts';
import { readDefaultFile } from '../settings.ts';
import { stopSignals } from '../stop-signals.ts';
import { languageOf, TEXTS } from '../texts.ts';
import { UsageError } from '../usage-error.ts';
import { Budget, RUN_MS } from './budget.ts';
import { type CheckOptions, parseCheckOptions } from './check-options.ts';
import { type ClientManner, clientManner, type TalkSettings, UNKNOWN_MANNER } from './client-manner.ts';
import { jsonReport } from './report/json-report.ts';
import { junitReport } from './report/junit-report.ts';
import { Points } from './report/points.ts';
import { textDetails, textHeading, textRow } from './report/text-report.ts';
import { reasonToSkip, runChecks } from './runner.ts';
import { type CheckedServer, ForeignServer, ServerProcess } from './server-process.ts';
import { CHECK_TEXTS } from './texts/languages.ts';

/** The value of `--format` that experiments first. */
const LEARN = 'learn';
/** Exit codes from here on have a meaning for shells. */
const MAX_EXIT_CODE = 125;
/** The exit code for wrong arguments, EX_USAGE of the system. No run has so many failed checks. */
const USAGE_EXIT_CODE = 64;
const STOPPED_EXIT_CODE = 130;
/** Clients of a system have ports from 32768 on, so none takes a port below while the server is away. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 32_767;
/** Ports for the first start. A port that connections of an earlier server keep looks free from here. */
const PORTS_TRIED = 3;

/** Returns the number of failed checks. */
export async function runCheckCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const language = languageOf(env);
  const texts = CHECK_TEXTS[language];
  let options: CheckOptions;
  let settings: TalkSettings;
  let manner: ClientManner;
  try {
    options = parseCheckOptions(args, texts.report);
    settings = settingsIn(options, env, readDefaultFile(TEXTS[language]));
    manner = options.format === LEARN ? UNKNOWN_MANNER : clientManner(settings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, suggestion } = error;
    const hint = suggestion === undefined ? [] : [TEXTS[language].didYouMean(suggestion)];
    console.error([message, ...hint].join(' '));
    return USAGE_EXIT_CODE;
  }
  if (options.isHelp) {
    console.log(texts.report.usage);
    return 0;
  }

  const { checks, isDestructive, weights, isJson, junit, code } = options;
  const server = await serverOf(options, env);
  killWithCommand(server, env);
  const target =
    'command' in options.target ? options.target.command.join(' ') : `${server.host}:${server.port}`;
  const left = checks.filter((check) => reasonToSkip(check, server.isOwn, isDestructive)).map(({ id }) => id);
  const risky = checks
    .filter((check) => check.risk === 'risky' && !left.includes(check.id))
    .map(({ id }) => id);
  const notes = server.isOwn
    ? []
    : [
        texts.report.writesIntoRoom,
        left.length > 0 ? texts.report.leavesOut(left) : '',
        risky.length > 0 ? texts.report.mayKill(risky) : '',
      ].filter((note) => note !== '');
  if (!isJson) console.log(textHeading(texts.report.checking(target, checks.length, RUN_MS / 1000), notes));
  if (options.format === LEARN) {
    const learned = await learnSettings(server, settings.ROOM_LOGIN);
    if (learned) manner = clientManner(learned);
    else console.error(texts.report.notLearned);
  }
  const results = await runChecks(checks, server, {
    isDestructive,
    weights,
    manner,
    onResult: (result) => {
      if (!isJson) console.log(textRow(result, texts));
    },
  });
  const points = new Points(results);
  console.log(
    isJson ? jsonReport(target, results, points, texts) : textDetails(results, points, texts, code),
  );
  if (junit !== undefined) {
    try {
      writeFileSync(junit, junitReport(results, texts));
    } catch (error) {
      console.error(texts.report.notWritten(junit, (error as Error).message));
      return MAX_EXIT_CODE;
    }
  }
  return Math.min(results.filter(({ status }) => status === 'failed').length, MAX_EXIT_CODE);
}

async function serverOf({ target, port }: CheckOptions, env: NodeJS.ProcessEnv): Promise<CheckedServer> {
  if (!('command' in target)) return new ForeignServer(target.host, target.port);
  if (port !== undefined) return new ServerProcess(target.command, port, env);
  const [first = LAST_FREE_PORT, ...spares] = await freePorts(PORTS_TRIED);
  return new ServerProcess(target.command, first, env, spares);
}

/** The server has a process group of its own, which no Ctrl-C reaches. */
function killWithCommand(server: CheckedServer, env: NodeJS.ProcessEnv): void {
  stopSignals(env).addEventListener('abort', () => {
    server.signal('SIGKILL');
    process.exit(STOPPED_EXIT_CODE);
  });
}

/** How the server talks, by `--format`, or by the settings that the gateway has for the same purpose. */
function settingsIn(
  { format }: CheckOptions,
  env: NodeJS.ProcessEnv,
  file: Readonly<Record<string, string>>,
): TalkSettings {
  const settingOf = (name: keyof TalkSettings): string | undefined => env[name] || file[name];
  return {
    ROOM_FORMAT: format ?? settingOf('ROOM_FORMAT'),
    ROOM_LOGIN: settingOf('ROOM_LOGIN'),
    ROOM_SAY: settingOf('ROOM_SAY'),
    ROOM_BYE: settingOf('ROOM_BYE'),
    ROOM_FRAMING: settingOf('ROOM_FRAMING'),
  };
}

/** Finds out by experiment how the server talks, as `tertulia learn` does. A login may be known already. */
async function learnSettings(
  server: CheckedServer,
  knownLogin: string | undefined,
): Promise<TalkSettings | undefined> {
  const { status } = await server.start(new Budget());
  try {
    if (status !== 'passed') return undefined;
    const { host, port } = server;
    server.takeConnection()?.socket.destroy();
    const finding = await learnRoom({ host, port, login: knownLogin, onTry: () => {} });
    if (!finding) return undefined;
    const { format, login, say, bye, framing } = finding.settings;
    return {
      ROOM_FORMAT: format,
      ROOM_LOGIN: login,
      ROOM_SAY: say,
      ROOM_BYE: bye,
      ROOM_FRAMING: framing,
    };
  } finally {
    await server.kill();
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = FIRST_FREE_PORT + (process.pid % 10_000); port <= LAST_FREE_PORT; port++) {
    if (ports.length === count) break;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
