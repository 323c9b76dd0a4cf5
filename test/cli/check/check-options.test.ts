/**
 * The arguments of `tertulia check`.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCheckOptions } from '../../../cli/check/check-options.ts';
import { CHECK_TEXTS } from '../../../cli/check/texts/languages.ts';
import { UsageError } from '../../../cli/usage-error.ts';

const { report } = CHECK_TEXTS.en;

function parse(...args: string[]) {
  return parseCheckOptions(args, report);
}

function idsOf(...args: string[]): string[] {
  return parse(...args, '127.0.0.1').checks.map(({ id }) => id);
}

describe('check options', () => {
  test('check options take an address, with the port of the tutorial by default', () => {
    assert.deepEqual(parse('10.0.0.7:4000').target, { host: '10.0.0.7', port: 4000 });
    assert.deepEqual(parse('10.0.0.7').target, { host: '10.0.0.7', port: 12345 });
  });

  test('check options take everything behind -- as the command, flags included', () => {
    const { target, isJson } = parse('--json', '--', 'java', '-jar', 'chat.jar', '--port', '9');
    assert.deepEqual(target, { command: ['java', '-jar', 'chat.jar', '--port', '9'] });
    assert.equal(isJson, true);
  });

  test('check options take a free port for a command with {port}', () => {
    assert.equal(parse('--', './server').port, 12345);
    assert.equal(parse('--', './server', '{port}').port, undefined);
    assert.equal(parse('--port', '4000', '--', './server').port, 4000);
  });

  test('check options choose checks by id or lesson, always with the start', () => {
    assert.deepEqual(idsOf('--only', 'reset, glued'), ['start', 'glued', 'reset']);
    assert.deepEqual(idsOf('--lesson', '2'), ['start', 'concurrency']);
    assert.equal(idsOf().length, 20);
  });

  test('check options take weights', () => {
    assert.deepEqual(
      [...parse('--weights', 'reset=5,glued=0.5', '127.0.0.1').weights],
      [
        ['reset', 5],
        ['glued', 0.5],
      ],
    );
  });

  test('check options choose lines of code by the command, or all', () => {
    assert.deepEqual(parse('--', 'python3', 'server.py').code, ['python']);
    assert.deepEqual(parse('--', 'java', 'ChatServer').code, ['java']);
    assert.deepEqual(parse('--', 'node', 'server.js').code, ['node']);
    assert.deepEqual(parse('--', './server').code, ['c']);
    assert.equal(parse('127.0.0.1').code.length, 4);
    assert.deepEqual(parse('--code', 'c,java', '127.0.0.1').code, ['c', 'java']);
  });

  const REFUSED: [args: string[], message: string][] = [
    [[], report.needsTarget],
    [['a', 'b'], report.needsTarget],
    [['a', '--', 'b'], report.needsTarget],
    [['host:99999'], report.badTarget('host:99999')],
    [['--lesson', '7', 'a'], report.badLesson('7')],
    [['--lesson', '1.5', 'a'], report.badLesson('1.5')],
    [['--weights', 'reset', 'a'], report.badWeight('reset')],
    [['--weights', 'rest=1', 'a'], report.unknownCheck('rest')],
    [['--only', 'rest', 'a'], report.unknownCheck('rest')],
    [['--port', '0', 'a'], report.badPort('0')],
    [['--code', 'ada', 'a'], report.badCode('ada')],
    [['--jsn', 'a'], report.unknownFlag('--jsn')],
    [['--only'], report.needsValue('--only')],
  ];
  for (const [args, message] of REFUSED) {
    test(`check options refuse ${JSON.stringify(args.join(' '))}`, () => {
      assert.throws(
        () => parse(...args),
        (error) => error instanceof UsageError && error.message === message,
      );
    });
  }
});
