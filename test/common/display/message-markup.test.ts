import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { isEmojiOnly, isLaidOut, mayHoldLinks, parseMarkup } from '../../../common/display/message-markup.ts';
import { findLinks } from '../../../web/log-view/links.ts';

/** Returns the parts, each as `kind: text`, and plain text by itself. */
function drawn(text: string): string[] {
  return parseMarkup(text, findLinks).map((part) => {
    if (part.kind === 'text') return part.text;
    return part.kind === 'link' ? `${part.text} -> ${part.href}` : `${part.kind}: ${part.text}`;
  });
}

const LINKS: Record<string, string[]> = {
  'mira https://example.org/a?b=1#c, anda': [
    'mira ',
    'https://example.org/a?b=1#c -> https://example.org/a?b=1#c',
    ', anda',
  ],
  '(http://localhost:8080/)': ['(', 'http://localhost:8080/ -> http://localhost:8080/', ')'],
  'www.example.org': ['www.example.org -> http://www.example.org'],
  'https://ejemplo.org/año_(x)': ['https://ejemplo.org/año_(x) -> https://ejemplo.org/año_(x)'],
};

const NO_LINKS = [
  'python3 server.py',
  'example.org',
  'ana@example.org www',
  'javascript://www.example.org/%0aalert(1)',
  'ftp://www.example.org',
  'mailto:ana@www.example.org',
  'data:text/html,www',
  '//www.example.org',
  'https://',
];

describe('parseMarkup', () => {
  for (const [text, parts] of Object.entries(LINKS)) {
    it(`finds the link in ${text}`, () => assert.deepEqual(drawn(text), parts));
  }

  for (const text of NO_LINKS) {
    it(`makes only web links of ${text}`, () => {
      for (const part of parseMarkup(text, findLinks)) {
        if (part.kind === 'link') assert.match(part.href, /^https?:\/\/www\.example\.org$/);
      }
    });
  }

  it('makes no link of a file name', () => {
    assert.deepEqual(drawn('corre server.py'), ['corre server.py']);
    assert.equal(mayHoldLinks('corre server.py'), false);
  });

  it('takes text between backticks for code, without links', () => {
    assert.deepEqual(drawn('usa `nc http://x.org` y ya'), ['usa ', 'code: nc http://x.org', ' y ya']);
    assert.deepEqual(drawn('```\nfor x in y:\n  z\n```'), ['block: for x in y:\n  z']);
  });

  it('leaves a lone backtick, and backticks on two lines, as text', () => {
    assert.deepEqual(drawn('a ` b'), ['a ` b']);
    assert.deepEqual(drawn('a `b\nc` d'), ['a `b\nc` d']);
  });

  it('recognizes text with meaningful white space', () => {
    for (const text of ['    return 1', 'def f():\n  pass', 'a\tb', 'PID    TTY']) {
      assert.equal(isLaidOut(text), true, text);
    }
    for (const text of ['hola', ' hola', 'dos  espacios', 'una\ny otra']) {
      assert.equal(isLaidOut(text), false, text);
    }
  });

  it('tells emojis alone from a text with emojis and from digits', () => {
    for (const text of ['👋', '👋🏽 🎉', '👨‍👩‍👧‍👦', '🇪🇸', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'])
      assert.equal(isEmojiOnly(text), true, text);
    for (const text of ['hola 👋', '12', '#', '', '   ', '👋'.repeat(13)]) {
      assert.equal(isEmojiOnly(text), false, text);
    }
  });

  it('takes linear time for texts made to take long', () => {
    // A hundred messages in one: with work that grows as the square, this would take hours.
    const LENGTH = 100 * 16_384;
    for (const text of ['`', '```', 'a.', 'http://', 'www.', '🏿', ' \t', '(', 'http://a(', '\n'].map(
      (piece) => piece.repeat(Math.ceil(LENGTH / piece.length)),
    )) {
      parseMarkup(text, findLinks);
      isEmojiOnly(text);
      isLaidOut(text);
    }
  });
});

test('parseMarkup takes more links than a function takes arguments', () => {
  const links = 200_000;
  const text = 'http://a '.repeat(links);
  const found = Array.from({ length: links }, (_, i) => ({
    start: 9 * i,
    end: 9 * i + 8,
    href: 'http://a/',
  }));
  assert.equal(parseMarkup(text, () => found).length, 2 * links);
});
