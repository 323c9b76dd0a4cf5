/**
 * Finds out how to talk to an unknown chat server: two connections with made-up names say made-up words, and the text
 * around a word on the other side is the template of a line.
 */
import { randomInt } from 'node:crypto';
import { deriveTemplate } from '../../gateway/upstream/formats/derive-template.ts';
import { framingOf } from '../../gateway/upstream/formats/framing.ts';
import { RESET, type RoomParser } from '../../gateway/upstream/formats/manner.ts';
import { asksForName } from '../../gateway/upstream/formats/prompts.ts';
import { MannerError, mannerOf } from '../../gateway/upstream/formats/room-settings.ts';
import { fill, unescapeTemplate } from '../../gateway/upstream/formats/template.ts';
import { Stranger } from './stranger.ts';

/** How long a server may take for a greeting, ms, and for a message. */
const GREETING_MS = 600;
const MESSAGE_MS = 2_000;

/** How long a server may take to announce a leave after it closed the connection, or after a reset, ms. */
const ANNOUNCED_MS = 300;
const RESET_ANNOUNCED_MS = 3_000;

/** A flood repeats a text of at most so many characters, so many times. */
const FLOOD_TEXT_MAX_CHARS = 200;
const FLOOD_REPEATS = 20;

/** How much of a greeting is shown, characters. */
const GREETING_MAX_CHARS = 200;

/** A way to talk, in the words of the settings. */
export interface Plan {
  login: string;
  say: string;
  framing: string;
}

export interface Settings extends Plan {
  format: string;
  bye: string;
}

/** How the server takes the leave: `floods` if it repeats an empty message for ever. */
export type Leave = 'noticed' | 'unnoticed' | 'floods';

export interface Finding {
  settings: Settings;
  /** The lines that carried the words. */
  lines: string[];
  /** The server's greeting, if there was one. */
  greeting: string;
  /** The format reads its own lines with the right sender in both directions. */
  isVerified: boolean;
  /** How the server took the leaves that were tried. */
  leave: Leave;
}

export interface Trial {
  host: string;
  port: number;
  /** A login that the person knows, because it has a password. */
  login: string | undefined;
  onTry(plan: Plan): void;
}

/** Says a name as its first line, and fits servers without a login too. */
const LINE_PLAN: Plan = { login: '{name}\\n', say: '{text}\\n', framing: 'lines' };

/** The usual frames of servers that send no lines. */
const FRAMINGS = ['lines', 'utf', 'digits:4', 'fixed:1024'];

/** The usual ways to talk. */
const PLANS: readonly Plan[] = [
  LINE_PLAN,
  { ...LINE_PLAN, login: '{name}\\r\\n', say: '{text}\\r\\n' },
  { ...LINE_PLAN, login: '/nick {name}\\n/join sala\\n', say: '/msg {text}\\n' },
  { ...LINE_PLAN, login: '/nick {name}\\n' },
  {
    ...LINE_PLAN,
    login: '{"type": "name", "message": "{name}"}\\n',
    say: '{"type": "chat", "message": "{text}"}\\n',
  },
  ...FRAMINGS.slice(1).map((framing) => ({ ...LINE_PLAN, framing })),
];

/** Commands that give a name in rooms that do not ask for one. */
const NAMING = ['/nick {name}\\n', '/set name {name}\\n', '/name {name}\\n'];

/** `type {quit} to exit`, `write /bye to leave`. */
const QUIT_WORD =
  /\b(?:type|write|enter|use|escribe)\s+["'`]?([^\s"'`]{2,16})["'`]?\s+(?:to|para)\s+(?:exit|quit|leave|salir)/i;

/** Returns undefined if no way was found. Rejects if the server can't be reached. */
export async function learnRoom(trial: Trial): Promise<Finding | undefined> {
  const plans =
    trial.login === undefined
      ? PLANS
      : FRAMINGS.map((framing) => ({ ...LINE_PLAN, login: trial.login ?? '', framing }));
  const failed: Pair[] = [];
  let finding: Finding | undefined;
  try {
    for (const plan of plans) {
      if (finding?.isVerified) break;
      const next = await tryPlan(trial, plan, failed);
      // A guess stays only if no other way is better.
      if (finding === undefined || next?.isVerified) finding = next ?? finding;
    }
  } finally {
    const bye = finding?.settings.bye;
    await Promise.all(failed.map((pair) => leavePair(pair, bye ?? byeOf(pair.one, LINE_PLAN))));
  }
  return finding;
}

interface Pair {
  one: Stranger;
  two: Stranger;
}

/** `failed`: the connections of plans that failed. They leave at the end, when it is known how one leaves. */
async function tryPlan(trial: Trial, plan: Plan, failed: Pair[]): Promise<Finding | undefined> {
  trial.onTry(plan);
  const pair = await openPair(trial, plan);
  const words = [madeUp('hola'), madeUp('buenas')] as const;
  const result = await talk(pair, plan, words).catch(async (error: unknown) => {
    await leavePair(pair, byeOf(pair.one, plan));
    throw error;
  });
  if (!result || !('settings' in result)) {
    failed.push(pair);
    return result && tryPlan(trial, result, failed);
  }
  return { ...result, ...(await learnLeave(trial, pair, result.settings)) };
}

/** Commands for leaving, which are tried in rooms with commands. */
const BYE_COMMANDS = ['/quit\\n', '/bye\\n', '/exit\\n'];

/** `/nick {name}`, `Type /help`. */
const COMMAND = /(?:^|[\s`'"])\/[a-z]{2,}/i;

/**
 * One connection leaves, while the other watches. Commands come first: some servers with commands keep a connection that
 * leaves without one, and fail at the next message. A further connection tries a reset if the leave is not noticed. In a
 * flood it would not be seen, because a write of the flood can take the error that the read waits for. A server floods
 * because its read returns at a FIN, and a reset makes the read fail.
 */
async function learnLeave(
  trial: Trial,
  pair: Pair,
  settings: Settings,
): Promise<Pick<Finding, 'settings' | 'leave'>> {
  const { one, two } = pair;
  const command = await findByeCommand(pair, settings);
  let bye = command ?? settings.bye;
  let leave = await leaveOf(two, one, command === undefined ? bye : '');
  if (command !== undefined) leave = 'noticed';
  // Without a login the server has no names, by which a leave is seen.
  const isResetTried = leave === 'unnoticed' && settings.login !== '' && bye === '';
  if (isResetTried && (await isResetNoticed(trial, one, settings))) {
    leave = 'noticed';
    bye = RESET;
  }
  if (leave === 'floods') bye = RESET;
  await one.leave(unescapeTemplate(bye));
  return { settings: { ...settings, bye }, leave };
}

/** Returns the command after which the server sends no more messages to the connection. */
async function findByeCommand({ one, two }: Pair, settings: Settings): Promise<string | undefined> {
  const { login, say, bye } = settings;
  if (login === '' || bye !== '' || !COMMAND.test(one.greeting + unescapeTemplate(`\\n${login}`)))
    return undefined;
  for (const command of BYE_COMMANDS) {
    two.send(unescapeTemplate(command));
    await two.answers(GREETING_MS);
    if (two.isEnded || !(await speak(one, two, say, madeUp('sigo')))) return command;
  }
  return undefined;
}

/** The server notices a leave if it closes the connection, or announces its name. */
async function leaveOf(stranger: Stranger, witness: Stranger, bye: string): Promise<Leave> {
  const word = unescapeTemplate(bye);
  const before = witness.mark;
  await stranger.leave(word);
  await witness.hearsSince(before, stranger.name, bye === RESET ? RESET_ANNOUNCED_MS : ANNOUNCED_MS);
  // A leave may end the server.
  if (witness.isEnded) return 'unnoticed';
  const heard = witness.heardSince(before);
  if (!stranger.isClosedByServer && isFlood(heard)) return 'floods';
  // A server that does not know the word repeats it, and may close the connection because of an earlier leave.
  if (word !== '' && heard.includes(word.trim())) return 'unnoticed';
  return stranger.isClosedByServer || heard.includes(stranger.name) ? 'noticed' : 'unnoticed';
}

/** Returns true if the text ends with a repeated one: a read at a FIN returns nothing, and the server takes that for a message. */
function isFlood(heard: string): boolean {
  for (let length = 1; length <= FLOOD_TEXT_MAX_CHARS; length++) {
    if (heard.endsWith(heard.slice(-length).repeat(FLOOD_REPEATS))) return heard !== '';
  }
  return false;
}

async function isResetNoticed(trial: Trial, witness: Stranger, settings: Settings): Promise<boolean> {
  const before = witness.mark;
  const three = await enter(trial, settings);
  if (!three) return false;
  // A late announcement of the entry would be taken for one of the leave.
  await witness.hearsSince(before, three.name, MESSAGE_MS);
  return (await leaveOf(three, witness, RESET)) === 'noticed';
}

/** Returns undefined if the server does not answer any more. */
async function enter({ host, port }: Trial, { login, framing }: Plan): Promise<Stranger | undefined> {
  try {
    const stranger = await Stranger.connect(host, port, madeUp('Sol'), framingOf(framing));
    await logIn(stranger, login);
    return stranger;
  } catch {
    return undefined;
  }
}

/** Returns the settings, or a better plan. */
async function talk(
  pair: Pair,
  plan: Plan,
  words: readonly [string, string],
): Promise<Finding | Plan | undefined> {
  const { one, two } = pair;
  if (!(await speak(two, one, plan.say, words[0]))) return undefined;
  await speak(one, two, plan.say, words[1]);
  const line = one.lineWith(words[0]);
  if (line === undefined) return undefined;
  return retryOf(pair, plan) ?? (await understand(pair, plan, line, words));
}

/** Logs both in, one after the other, because a server may read a name in its accept loop. */
async function openPair({ host, port }: Trial, { login, framing }: Plan): Promise<Pair> {
  const one = await Stranger.connect(host, port, madeUp('Lea'), framingOf(framing));
  await logIn(one, login);
  const two = await Stranger.connect(host, port, madeUp('Teo'), framingOf(framing));
  await logIn(two, login);
  return { one, two };
}

async function logIn(stranger: Stranger, login: string): Promise<void> {
  await stranger.answers(GREETING_MS);
  stranger.greeting = stranger.heard;
  for (const step of unescapeTemplate(login).split(/(?<=\n)/)) {
    stranger.send(fill(step, { name: stranger.name }));
    await stranger.answers(GREETING_MS);
  }
  stranger.endText();
}

/** Returns false if the word did not come out on the other side. */
async function speak(from: Stranger, to: Stranger, say: string, text: string): Promise<boolean> {
  from.send(fill(unescapeTemplate(say), { name: from.name, text }));
  return await to.hears(text, MESSAGE_MS);
}

/** Returns a better plan if the server took the end of the line for a part of the name. */
function retryOf({ one, two }: Pair, plan: Plan): Plan | undefined {
  // `Teo\n joined!`, `Teo\n: hola`: the rest of the line follows the end that the name has brought.
  // An IPv6 address may begin a line with `::`.
  const isCut = new RegExp(`${two.name}\r?\n(?!::)[^\\p{L}\\p{N}\r\n<[(*>]`, 'u').test(one.heard);
  return plan.login === '{name}\\n' && isCut ? { ...plan, login: '{name}' } : undefined;
}

async function understand(
  pair: Pair,
  plan: Plan,
  line: string,
  words: readonly [string, string],
): Promise<Finding> {
  const { one, two } = pair;
  const greeting = one.greeting.slice(0, GREETING_MAX_CHARS).trim();
  const nameLine = one.lineWith(two.name);
  const format = deriveTemplate(line, words[0], two) ?? 'plain';
  // A name that was said like a word is no login.
  const isNameSaid =
    nameLine !== undefined && deriveTemplate(nameLine, two.name, { address: two.address }) === format;
  const isPlain = format === 'plain';
  const needsLogin = !isNameSaid || (isPlain && asksForName(greeting));
  let settings: Settings = {
    format,
    login: needsLogin ? plan.login : '',
    say: plan.say,
    framing: plan.framing,
    bye: byeOf(one, plan),
  };
  if (isPlain && needsLogin) {
    settings = { ...settings, format: '{name}: {text}', say: '{name}: {text}\\n' };
  } else if (!needsLogin && /\{name\}/.test(format)) {
    settings = { ...settings, ...(await findNaming(pair, plan)) };
  } else if (needsLogin && /\{name\}/.test(format) && !line.includes(two.name)) {
    settings = { ...settings, ...(await findNaming(pair, plan)) };
  }
  if (!isPlainFormat(settings.format) && (plan.login === '{name}' || one.hasPausedText)) {
    settings = { ...settings, format: `${settings.format}{pause}` };
  }
  const lines = [line, two.lineWith(words[1])].filter((text) => text !== undefined);
  return {
    settings,
    lines,
    greeting,
    isVerified: isVerified(settings, pair, words),
    leave: 'unnoticed',
  };
}

function isPlainFormat(format: string): boolean {
  return format === 'plain' || format === 'dice';
}

/** Tries the usual commands for a name. The room shows it if one works. */
async function findNaming({ one, two }: Pair, plan: Plan): Promise<Partial<Settings>> {
  for (const login of NAMING) {
    two.send(fill(unescapeTemplate(login), { name: two.name }));
    await two.answers(GREETING_MS / 2);
    const word = madeUp('ahora');
    await speak(two, one, plan.say, word);
    const line = one.lineWith(word);
    const template = line === undefined ? undefined : deriveTemplate(line, word, two);
    if (line?.includes(two.name) && template) {
      return { format: template, login: plan.login === LINE_PLAN.login ? login : plan.login + login };
    }
  }
  return {};
}

/** Reads the lines as the gateway would. */
function isVerified(settings: Settings, { one, two }: Pair, words: readonly [string, string]): boolean {
  const checks: [string | undefined, string, Stranger][] = [
    [one.lineWith(words[0]), words[0], two],
    [two.lineWith(words[1]), words[1], one],
  ];
  return checks.every(([line, word, sender]) => {
    if (line === undefined) return false;
    if (settings.say.startsWith('{name}')) return line.endsWith(word);
    const parser = parserOf(settings.format);
    if (!parser) return false;
    const [text] = parser.push(Buffer.from(`${line}\n`));
    if (text?.kind !== 'message' || text.text !== word) return false;
    return (
      [text.from, text.name].some((from) => from === sender.address || from === sender.name) ||
      text.from === ''
    );
  });
}

function parserOf(format: string): RoomParser | undefined {
  try {
    return mannerOf({ ROOM_FORMAT: format }).newEarParser({ isOwn: () => false, inFlight: () => [] });
  } catch (error) {
    if (error instanceof MannerError) return undefined;
    throw error;
  }
}

function byeOf(stranger: Stranger, { login }: Plan): string {
  const word = QUIT_WORD.exec(stranger.heard)?.[1];
  return word === undefined ? '' : `${word}${login.endsWith('\\n') ? '\\n' : ''}`;
}

async function leavePair({ one, two }: Pair, bye: string): Promise<void> {
  const word = unescapeTemplate(bye);
  await Promise.all([two.leave(word), one.leave(word)]);
}

/** Letters alone, because some servers refuse other names. */
function madeUp(beginning: string): string {
  const letters = Array.from({ length: 5 }, () => String.fromCharCode('a'.charCodeAt(0) + randomInt(26)));
  return beginning + letters.join('');
}
