import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCommand } from '../../../web/composer/commands.ts';

describe('what a text that is sent asks for', () => {
  const orders: Record<string, [text: string, order: ReturnType<typeof parseCommand>]> = {
    words: ['hola', { name: 'say', text: 'hola' }],
    'a nickname, which may have spaces': ['/nick  Ana María ', { name: 'nick', nickname: 'Ana María' }],
    'a nickname, in capitals': ['/NICK Ana', { name: 'nick', nickname: 'Ana' }],
    'a nickname that is missing': ['/nick', { name: 'bad-nick' }],
    'a nickname that would break the format': ['/nick <Ana>', { name: 'bad-nick' }],
    'to leave, in Spanish': ['/salir', { name: 'leave' }],
    'to leave, in English': ['/leave', { name: 'leave' }],
    'to leave, as in the terminal': [' Salir\n', { name: 'leave' }],
    'help, in Spanish': ['/ayuda', { name: 'help' }],
    'help, in English': ['/help me', { name: 'help' }],
    'what is no command': ['/vete ya', { name: 'unknown', command: 'vete' }],
    'what every object has': ['/constructor', { name: 'unknown', command: 'constructor' }],
    'a slash that is meant': ['//salir', { name: 'say', text: '/salir' }],
    'a path': ['/etc/passwd', { name: 'say', text: '/etc/passwd' }],
    'a fraction': ['/2', { name: 'say', text: '/2' }],
    'salir among other words': ['salir ya', { name: 'say', text: 'salir ya' }],
    'several lines': ['//nota\n/salir', { name: 'say', text: '//nota\n/salir' }],
  };
  for (const [what, [text, order]] of Object.entries(orders)) {
    it(what, () => assert.deepEqual(parseCommand(text), order));
  }
});
