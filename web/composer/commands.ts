import { isNickname } from '../text/nickname.ts';

export type CommandName = 'nick' | 'leave' | 'help';

/** All of them in every language: who learnt one does not unlearn it. */
export const COMMANDS: Readonly<Record<string, CommandName>> = {
  nick: 'nick',
  salir: 'leave',
  leave: 'leave',
  ayuda: 'help',
  help: 'help',
};

/** The word that leaves the room without a slash, as in the terminal client. */
const LEAVE_WORD = /^\s*salir\s*$/i;
/** `/etc/passwd` and `/2` are words like any. */
const COMMAND = /^\/(\p{L}+)(?:\s+(.*))?$/u;

/** What a text that is sent asks for. */
export type Command =
  | { name: 'say'; text: string }
  | { name: 'nick'; nickname: string }
  | { name: 'leave' | 'help' }
  | { name: 'bad-nick' }
  | { name: 'unknown'; command: string };

/** Several lines are words, whatever they begin with: pasted code keeps its slashes. */
export function parseCommand(text: string): Command {
  const line = text.trimEnd();
  if (LEAVE_WORD.test(line)) return { name: 'leave' };
  if (line.includes('\n')) return { name: 'say', text };
  if (line.startsWith('//')) return { name: 'say', text: line.slice(1) };
  const [, command, rest = ''] = COMMAND.exec(line) ?? [];
  return command === undefined ? { name: 'say', text } : commandOf(command, rest.trim());
}

function commandOf(command: string, rest: string): Command {
  // `hasOwn`: what every object has, such as `constructor`, is no command.
  const known = command.toLowerCase();
  const name = Object.hasOwn(COMMANDS, known) ? COMMANDS[known] : undefined;
  if (name === undefined) return { name: 'unknown', command };
  if (name !== 'nick') return { name };
  return isNickname(rest) ? { name, nickname: rest } : { name: 'bad-nick' };
}
