import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnv, type Settings } from '../../common/env.ts';

const SETTINGS = {
  NAME: { type: 'string', default: '', description: '', maxLength: 4, pattern: '^[a-zñ]*$' },
  MODE: { type: 'string', default: 'echo', description: '', enum: ['echo', 'ack'] },
  COUNT: { type: 'integer', default: 1, description: '', minimum: 1, maximum: 10 },
  RATE: { type: 'number', default: 1, description: '', exclusiveMinimum: 0 },
  QUIET: { type: 'boolean', default: false, description: '' },
  CODE: { type: 'string', default: '', description: '', maxLength: 4, writeOnly: true },
} as const satisfies Settings;

test('settings have their defaults where a variable is unset or empty', () => {
  assert.deepEqual(readEnv(SETTINGS, [], { COUNT: '' }), {
    NAME: '',
    MODE: 'echo',
    COUNT: 1,
    RATE: 1,
    QUIET: false,
    CODE: '',
  });
});

test('settings are converted to their types, up to their limits', () => {
  const env = { NAME: 'ñandú'.slice(0, 4), MODE: 'ack', COUNT: '10', RATE: '0.5', QUIET: 'true' };
  assert.deepEqual(readEnv(SETTINGS, [], env), { ...env, COUNT: 10, RATE: 0.5, QUIET: true, CODE: '' });
  assert.equal(readEnv(SETTINGS, [], { COUNT: '1' }).COUNT, 1);
  assert.equal(readEnv(SETTINGS, [], { QUIET: 'false' }).QUIET, false);
});

const REFUSED: [variable: string, value: string, line: string][] = [
  ['NAME', 'abcde', 'NAME=abcde: must NOT have more than 4 characters'],
  ['NAME', 'A', 'NAME=A: must match pattern "^[a-zñ]*$"'],
  ['MODE', 'other', 'MODE=other: must be equal to one of the allowed values: echo, ack'],
  ['COUNT', '0', 'COUNT=0: must be >= 1'],
  ['COUNT', '11', 'COUNT=11: must be <= 10'],
  ['COUNT', '1.5', 'COUNT=1.5: must be integer'],
  ['COUNT', ' ', 'COUNT= : must be >= 1'],
  ['COUNT', 'Infinity', 'COUNT=Infinity: must be integer'],
  ['RATE', '0', 'RATE=0: must be > 0'],
  ['RATE', 'Infinity', 'RATE=Infinity: must be a finite number'],
  ['RATE', '1,5', 'RATE=1,5: must be number'],
  ['QUIET', 'yes', 'QUIET=yes: must be boolean'],
  ['QUIET', 'constructor', 'QUIET=constructor: must be boolean'],
  ['CODE', 'secret', 'CODE=...: must NOT have more than 4 characters'],
];

test('settings outside their limits end the process with one line', (t) => {
  const exit = t.mock.method(process, 'exit', () => {
    throw new Error('exit');
  });
  const print = t.mock.method(console, 'error', () => {});
  for (const [variable, value, line] of REFUSED) {
    assert.throws(() => readEnv(SETTINGS, [], { [variable]: value }), /^Error: exit$/);
    assert.deepEqual(exit.mock.calls.at(-1)?.arguments, [2]);
    assert.deepEqual(print.mock.calls.at(-1)?.arguments, [`Bad configuration: ${line}`]);
  }
  assert.equal(print.mock.callCount(), REFUSED.length);
});
