import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommand } from '../../../web/composer/commands.ts';

describe('parseCommand', () => {
  const cases: Record<string, [text: string, command: ReturnType<typeof parseCommand>]> = {
    'takes a message as it is': ['hola', { name: 'send', text: 'hola' }],
    'parses a nickname with spaces': ['/nick  Ana María ', { name: 'nick', nickname: 'Ana María' }],
    'ignores the case of the command': ['/NICK Ana', { name: 'nick', nickname: 'Ana' }],
    'refuses a missing nickname': ['/nick', { name: 'bad-nick' }],
    'refuses a nickname that would break the format': ['/nick <Ana>', { name: 'bad-nick' }],
    'leaves, in Spanish': ['/salir', { name: 'leave' }],
    'leaves, in English': ['/leave', { name: 'leave' }],
    'leaves without a slash, as the terminal client does': [' Salir\n', { name: 'leave' }],
    'shows help, in Spanish': ['/ayuda', { name: 'help' }],
    'shows help, in English': ['/help me', { name: 'help' }],
    'reports an unknown command': ['/vete ya', { name: 'unknown', command: 'vete' }],
    'takes no inherited property for a command': [
      '/constructor',
      { name: 'unknown', command: 'constructor' },
    ],
    'takes a double slash for a slash': ['//salir', { name: 'send', text: '/salir' }],
    'takes a path for a message': ['/etc/passwd', { name: 'send', text: '/etc/passwd' }],
    'takes a slash with a number for a message': ['/2', { name: 'send', text: '/2' }],
    'takes salir within a text for a message': ['salir ya', { name: 'send', text: 'salir ya' }],
    'takes several lines for a message': ['//nota\n/salir', { name: 'send', text: '//nota\n/salir' }],
  };
  for (const [name, [text, command]] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(parseCommand(text), command));
  }
});
