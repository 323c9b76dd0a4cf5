import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCodeBlocks } from '../../../common/display/code-blocks.ts';

const code = (text: string) => findCodeBlocks(text).map((block) => block.code);

const PYTHON = 'def f(x):\n    return x + 1\nprint(f(2))';

describe('findCodeBlocks', () => {
  it('finds text between fences, without the name of a language', () => {
    assert.deepEqual(code('```\nfor x in y:\n  z\n```'), ['for x in y:\n  z']);
    assert.deepEqual(code('mira\n```python\nx = 1\n```\ny\n```c++\nint x;\n```'), ['x = 1', 'int x;']);
    assert.deepEqual(code('```x = 1```'), ['x = 1']);
  });

  it('takes a fence without an end until the end, and a fence alone for text', () => {
    assert.deepEqual(code('```sh\nls\ncd ..'), ['ls\ncd ..']);
    assert.deepEqual(code('```\n'), []);
    assert.deepEqual(code('usa ``` para el código'), []);
  });

  it('finds indented lines and the lines of code beside them', () => {
    assert.deepEqual(code(PYTHON), [PYTHON]);
    assert.deepEqual(code(`mirad esto:\n${PYTHON}\n¿lo veis?`), [PYTHON]);
    assert.deepEqual(code('while (true) {\n\tf();\n\n\tg();\n}'), ['while (true) {\n\tf();\n\n\tg();\n}']);
  });

  it('finds consecutive lines between backticks', () => {
    assert.deepEqual(code('prueba\n`ls -l`\n`cd ..`\ny ya'), ['ls -l\ncd ..']);
  });

  it('leaves text as it is', () => {
    for (const text of ['hola', '    sola', 'usa `nc` ya', '`nc`', 'x = 1\ny = 2', 'uno;\ndos;', '']) {
      assert.deepEqual(code(text), [], text);
    }
  });

  it('reports the place of each block', () => {
    const text = `a\n${PYTHON}\nb\n\`\`\`\nx\n\`\`\``;
    assert.deepEqual(
      findCodeBlocks(text).map(({ start, end }) => text.slice(start, end)),
      [PYTHON, '```\nx\n```'],
    );
  });

  it('takes linear time for texts made to take long', () => {
    const TEXT_CHARACTERS = 100 * 16_384;
    for (const piece of [
      '`',
      '```',
      '```\n',
      '`a`\n',
      '  a\n',
      '\n',
      'a[',
      'a.',
      ' ',
      '  a\n\n',
      '```a\n```b',
    ]) {
      findCodeBlocks(piece.repeat(Math.ceil(TEXT_CHARACTERS / piece.length)));
    }
  });
});
