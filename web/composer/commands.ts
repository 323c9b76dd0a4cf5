import { isNickname } from '../text/nickname.ts';

export type CommandName = 'nick' | 'leave' | 'help';

/** The commands of all languages work in each language. */
export const COMMANDS: Readonly<Record<string, CommandName>> = {
  nick: 'nick',
  salir: 'leave',
  leave: 'leave',
  ayuda: 'help',
  help: 'help',
};

/** The word that leaves the room without a slash, as in the terminal client. */
const LEAVE_WORD = /^\s*salir\s*$/i;
/** `/etc/passwd` and `/2` are messages, not commands. */
const COMMAND = /^\/(\p{L}+)(?:\s+(.*))?$/u;

/** A parsed draft: a message, or a command to the page. */
export type Command =
  | { name: 'send'; text: string }
  | { name: 'nick'; nickname: string }
  | { name: 'leave' | 'help' }
  | { name: 'bad-nick' }
  | { name: 'unknown'; command: string };

/** Several lines are always a message, so that pasted code keeps its slashes. */
export function parseCommand(text: string): Command {
  const line = text.trimEnd();
  if (LEAVE_WORD.test(line)) return { name: 'leave' };
  if (line.includes('\n')) return { name: 'send', text };
  if (line.startsWith('//')) return { name: 'send', text: line.slice(1) };
  const [, command, rest = ''] = COMMAND.exec(line) ?? [];
  return command === undefined ? { name: 'send', text } : commandOf(command, rest.trim());
}

function commandOf(command: string, rest: string): Command {
  // `hasOwn` excludes inherited properties, such as `constructor`.
  const known = command.toLowerCase();
  const name = Object.hasOwn(COMMANDS, known) ? COMMANDS[known] : undefined;
  if (name === undefined) return { name: 'unknown', command };
  if (name !== 'nick') return { name };
  return isNickname(rest) ? { name, nickname: rest } : { name: 'bad-nick' };
}
