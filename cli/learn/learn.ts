/**
 * `tertulia learn HOST:PORT`: prints the settings for an unknown chat server, and saves them on request.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Target } from '../../tcp-server/client/target.ts';
import { DEFAULT_FILE } from '../settings.ts';
import type { Texts } from '../texts.ts';
import { type Finding, learnRoom } from './experiments.ts';

/** Exit codes beside 0, and 2 for a wrong use. */
const NOTHING_FOUND = 1;
const NOT_REACHED = 3;

export interface LearnOptions {
  target: Target;
  /** A login that the person knows. */
  login: string | undefined;
  /** The file that gets the settings. */
  file: string | undefined;
  isSaving: boolean;
  texts: Texts;
}

export async function learn({ target, login, file, isSaving, texts }: LearnOptions): Promise<number> {
  const { host, port } = target;
  console.log(texts.learning(`${host}:${port}`));
  let finding: Finding | undefined;
  try {
    finding = await learnRoom({
      host,
      port,
      login,
      onTry: ({ login: first, say, framing }) => console.log(texts.trying(first, say, framing)),
    });
  } catch (error) {
    console.error(texts.notReached(`${host}:${port}`, (error as Error).message));
    return NOT_REACHED;
  }
  if (!finding) {
    console.error(texts.nothingLearned);
    return NOTHING_FOUND;
  }
  const settings = settingsOf(target, finding);
  if (finding.greeting !== '') console.log(texts.greets(finding.greeting));
  for (const line of finding.lines) console.log(texts.saw(line));
  console.log(finding.isVerified ? texts.isSure : texts.isUnsure);
  if (finding.leave === 'unnoticed') console.log(texts.leaveUnnoticed);
  else if (finding.leave === 'floods') console.log(texts.leaveFloods);
  else if (settings.ROOM_BYE !== undefined) console.log(texts.leavesBy(settings.ROOM_BYE));
  console.log('');
  for (const [name, value] of Object.entries(settings)) console.log(`${name}=${quoted(value)}`);
  if (isSaving) save(file ?? DEFAULT_FILE, settings, texts);
  return 0;
}

function settingsOf({ host, port }: Target, { settings }: Finding): Record<string, string> {
  const { format, login, say, bye, framing } = settings;
  return {
    ROOM_HOST: host,
    ROOM_PORT: `${port}`,
    ROOM_FORMAT: format,
    ...(login !== '' && { ROOM_LOGIN: login }),
    ...(framing !== 'lines' && { ROOM_FRAMING: framing }),
    ...(say !== '{text}\\n' && { ROOM_SAY: say }),
    ...(bye !== '' && { ROOM_BYE: bye }),
  };
}

/** Quotes a value for a shell. */
function quoted(value: string): string {
  return /^[\w.:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Keeps the other settings of the file. */
function save(path: string, settings: Record<string, string>, texts: Texts): void {
  let before: Record<string, unknown> = {};
  try {
    before = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const kept = Object.entries(before).filter(
    ([name]) => !/^ROOM_(HOST|PORT|FORMAT|LOGIN|SAY|BYE|FRAMING)$/.test(name),
  );
  writeFileSync(path, `${JSON.stringify({ ...Object.fromEntries(kept), ...settings }, null, 2)}\n`);
  console.log(texts.saved(path));
}
