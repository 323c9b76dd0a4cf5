import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type HighlightPart,
  highlight,
  SNIPPET_MAX_CHARACTERS,
  snippetOf,
} from '../../../web/text/highlight.ts';

/** Puts hits in brackets. */
const draw = (parts: HighlightPart[]) =>
  parts.map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join('');

describe('highlight', () => {
  const cases: [text: string, query: string, drawn: string][] = [
    ['hola sala', 'hola', '[hola] sala'],
    ['Adiós, ADIOS', 'adios', '[Adiós], [ADIOS]'],
    ['adio\u0301s', 'adiós', '[adio\u0301s]'],
    ['la sala salta', 'la sal', '[la] [sala] [salta]'],
    ['salir', 'sal hola', 'salir'],
    ['<b>hola</b>', 'b', '<[b]>hola</[b]>'],
    ['你好 мир', 'мир', '你好 [мир]'],
    ['hola', '!!', 'hola'],
    ['今天天气很好', '天气', '今天[天气]很好'],
    ['今天天气', '天', '今[天天]气'],
    ['우리학교에서', '학교', '우리[학교]에서'],
    ['สวัสดีครับ', 'ครับ', 'สวัสดี[ครับ]'],
    ['risa 😂 y 👩🏽‍💻!', '👩‍💻', 'risa 😂 y [👩🏽‍💻]!'],
    ['Καλημέρα', 'καλημερα', '[Καλημέρα]'],
    ['зелёный Йод', 'зеленый иод', '[зелёный] [Йод]'],
    ['Tiếng Việt: đường', 'duong', 'Tiếng Việt: [đường]'],
    ['Straße ﬁn', 'strasse fi', '[Straße] [ﬁn]'],
    ['Łódź', 'lodz', '[Łódź]'],
  ];
  for (const [text, query, drawn] of cases) {
    it(`marks ${JSON.stringify(query)} in ${JSON.stringify(text)}`, () => {
      assert.equal(draw(highlight(text, query)), drawn);
    });
  }

  it('shortens a long text to the part around the first hit', () => {
    const drawn = draw(snippetOf(`${'😀'.repeat(500)} hola ${'x '.repeat(500)}`, 'hola'));
    assert.match(drawn, /^…😀+ \[hola\] (x ?)+…$/u);
    assert.ok(drawn.length < SNIPPET_MAX_CHARACTERS + 10);
  });

  it('shortens a long text without a hit to its beginning', () => {
    assert.equal(draw(snippetOf('a'.repeat(500), 'b')), `${'a'.repeat(SNIPPET_MAX_CHARACTERS)}…`);
  });
});
