import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNickname, parseNickname, withNickname } from '../../../web/text/nickname.ts';

describe('nickname', () => {
  const named: [text: string, nickname: string | undefined, rest: string][] = [
    ['<Ana> hola', 'Ana', 'hola'],
    ['<Ana> uno\ndos', 'Ana', 'uno\ndos'],
    ['<Ana María> <Ana> hola', 'Ana María', '<Ana> hola'],
    ['<👩‍🏫> hola', '👩‍🏫', 'hola'],
    ['<Ana> ', 'Ana', ''],
    ['\ufeff<Ana> hola', 'Ana', 'hola'],
    ['\ufeffhola', undefined, '\ufeffhola'],
    ['<Ana>hola', undefined, '<Ana>hola'],
    ['<> hola', undefined, '<> hola'],
    ['< > hola', undefined, '< > hola'],
    [' <Ana> hola', undefined, ' <Ana> hola'],
    ['<A\nna> hola', undefined, '<A\nna> hola'],
    ['<\u202eanA> hola', undefined, '<\u202eanA> hola'],
    [`<${'a'.repeat(24)}> hola`, 'a'.repeat(24), 'hola'],
    [`<${'a'.repeat(25)}> hola`, undefined, `<${'a'.repeat(25)}> hola`],
    ['hola', undefined, 'hola'],
  ];
  for (const [text, nickname, rest] of named) {
    it(`reads ${JSON.stringify(text)} as ${nickname ?? 'nobody'}'s`, () => {
      assert.deepEqual(parseNickname(text), { nickname, text: rest });
    });
  }

  it('parses the nickname that it writes', () => {
    assert.deepEqual(parseNickname(withNickname('Ana', 'hola')), { nickname: 'Ana', text: 'hola' });
    assert.equal(withNickname('', 'hola'), 'hola');
  });

  it('has 1 to 24 printable characters of one line', () => {
    for (const good of ['A', 'Lucía Fernández', '👩‍🏫', 'ñ'.repeat(24)])
      assert.equal(isNickname(good), true, good);
    for (const bad of ['', ' ', ' A', 'a>b', '<', 'a\tb', 'a\nb', 'ñ'.repeat(25), 'a\u2066b']) {
      assert.equal(isNickname(bad), false, JSON.stringify(bad));
    }
  });
});
