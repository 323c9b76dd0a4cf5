/**
 * Scripts that complete the command in shells. Commands and flags come from the help and the schemas.
 */
import type { Setting } from '../common/env.ts';
import { LOG_FORMATS } from './arguments.ts';
import { nearest } from './nearest.ts';
import { flagOf, SETTINGS } from './settings.ts';
import { TEXTS, type Texts } from './texts.ts';
import { UsageError } from './usage-error.ts';

/** Settings whose value is a path. */
const PATHS = ['DATA_DIR', 'TLS_CERT', 'TLS_KEY'];

interface Flag {
  name: string;
  description: string;
  /** `none`: it takes no value. `any`: the shell can't know the value. */
  value: 'none' | 'any' | 'path' | readonly string[];
}

const OWN_FLAGS: Flag[] = [
  { name: '--room', description: 'address of a room that runs', value: 'any' },
  { name: '--config', description: 'settings in JSON', value: 'path' },
  { name: '--log-format', description: 'text for people, json for programs', value: LOG_FORMATS },
  { name: '--print-config', description: 'the settings in force', value: 'none' },
  { name: '--help', description: 'help; --help all has all settings', value: 'none' },
  { name: '--version', description: 'the version', value: 'none' },
];

/** The commands in the help. */
const COMMANDS = TEXTS.en.usage.match(/(?<=^ {2}tertulia )[a-z]+/gm)?.join(' ');
const WORDS = `${COMMANDS} completion`;

const SHELLS: Record<string, (flags: Flag[]) => string> = { bash, zsh, fish };

/** Returns the script for a shell. */
export function completionScript(shell: string, texts: Texts): string {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  const names = Object.keys(SHELLS);
  if (!script) throw new UsageError(`completion ${shell}: ${texts.oneOf(names)}.`, nearest(shell, names));
  return script([...OWN_FLAGS, ...Object.entries(SETTINGS).flatMap(settingFlags)]);
}

/** A switch that is on by default has a flag that turns it off. */
function settingFlags([name, setting]: [string, Setting]): Flag[] {
  const flag: Flag = {
    name: flagOf(name),
    // Shells give these characters a meaning.
    description: (setting.description.split(/[.;:(]/)[0] ?? '').replace(/[^\p{L}\p{N} ,/-]/gu, '').trim(),
    value: setting.enum ?? (setting.type === 'boolean' ? 'none' : PATHS.includes(name) ? 'path' : 'any'),
  };
  const isOn = setting.default === true;
  return isOn ? [flag, { ...flag, name: flag.name.replace('--', '--no-') }] : [flag];
}

function bash(flags: Flag[]): string {
  const named = (value: Flag['value']) =>
    flags.filter((flag) => flag.value === value).map(({ name }) => name);
  const offer = (words: string) => `COMPREPLY=($(compgen -W '${words}' -- "$word")) ;;`;
  const lists = flags.flatMap(({ name, value }) =>
    typeof value === 'string' ? [] : [`    ${name}) ${offer(value.join(' '))}`],
  );
  return `_tertulia() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD-1]} in
${lists.join('\n')}
    ${named('path').join('|')}) COMPREPLY=($(compgen -f -- "$word")) ;;
    ${named('any').join('|')}) ;;
    completion) ${offer(Object.keys(SHELLS).join(' '))}
    *) case $COMP_CWORD:$word in
      *-*) ${offer(flags.map(({ name }) => name).join(' '))}
      1:*) ${offer(WORDS)}
    esac ;;
  esac
}
complete -o filenames -F _tertulia tertulia`;
}

function zsh(flags: Flag[]): string {
  const action = (value: Flag['value']) => {
    if (value === 'path') return 'file:_files';
    return `value:${value === 'any' ? '' : `(${(value as readonly string[]).join(' ')})`}`;
  };
  const specs = flags.map(({ name, description, value }) =>
    value === 'none' ? `'${name}[${description}]'` : `'${name}=[${description}]:${action(value)}'`,
  );
  return `#compdef tertulia
_tertulia() {
  _arguments \\
    '1:command:(${WORDS})' \\
    ${specs.join(' \\\n    ')}
}
compdef _tertulia tertulia`;
}

function fish(flags: Flag[]): string {
  const argument = (value: Flag['value']) => {
    if (value === 'none') return '';
    if (value === 'path') return ' -r -F';
    return value === 'any' ? ' -x' : ` -x -a '${value.join(' ')}'`;
  };
  return [
    'complete -c tertulia -f',
    `complete -c tertulia -n __fish_use_subcommand -a '${WORDS}'`,
    ...flags.map(
      ({ name, description, value }) =>
        `complete -c tertulia -l ${name.slice(2)}${argument(value)} -d '${description}'`,
    ),
  ].join('\n');
}
