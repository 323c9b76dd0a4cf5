import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Completion,
  type Sources,
  type Suggestion,
  WORD_MAX_CHARACTERS,
} from '../../../web/composer/completion.ts';

/** An input with a completion. */
class Input {
  text = '';
  asked: string[] = [];
  found: Partial<Sources> = {};
  readonly completion = new Completion({
    sources: {
      command: (word) => this.#find('command', word),
      mention: (word) => this.#find('mention', word),
      emoji: (word) => this.#find('emoji', word),
    },
    replace: ({ start, end, text }) => {
      this.text = this.text.slice(0, start) + text + this.text.slice(end);
    },
    changed: () => {},
  });

  async type(text: string, caret = text.length, isTyped = true): Promise<void> {
    this.text = text;
    this.completion.update(text, caret, isTyped);
    await answered();
  }

  /** Types letter by letter. */
  async write(text: string): Promise<void> {
    for (let end = 1; end <= text.length; end++) await this.type(text.slice(0, end));
  }

  get offers(): string[] {
    return this.completion.suggestions.map(({ label }) => label);
  }

  async #find(kind: keyof Sources, word: string): Promise<readonly Suggestion[]> {
    this.asked.push(`${kind} ${word}`);
    return await (this.found[kind]?.(word) ?? []);
  }
}

async function answered(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const PEOPLE: Suggestion[] = [
  { text: '@Ana ', label: 'Ana' },
  { text: '@Antón ', label: 'Antón' },
];
const PARTY: Suggestion[] = [{ text: '🎉 ', label: ':tada:', sign: '🎉' }];

function input(found: Partial<Sources> = { mention: () => PEOPLE, emoji: () => PARTY }): Input {
  const input = new Input();
  input.found = found;
  return input;
}

describe('Completion at the caret', () => {
  const words: Record<string, [text: string, asked: string[]]> = {
    'suggests a command': ['/ni', ['command ni']],
    'suggests all commands after a slash': ['/', ['command ']],
    'suggests no command within a text': ['hola /ni', []],
    'suggests no command after its arguments': ['/nick Ana', []],
    'suggests a name': ['hola @an', ['mention an']],
    'suggests an address': ['@127.0.0.1:4', ['mention 127.0.0.1:4']],
    'suggests a name in brackets': ['(@an', ['mention an']],
    'suggests no name in a mail address': ['ana@example.org', []],
    'suggests an emoji': ['bravo :ta', ['emoji ta']],
    'suggests an emoji with accents': [':corazó', ['emoji corazó']],
    'suggests an emoji that begins with a sign': [':+1', ['emoji +1']],
    'suggests no emoji in a time': ['a las 10:30', []],
    'suggests no emoji in half a time': ['a las :30', []],
    'suggests no emoji in a link': ['https://example.org', []],
    'suggests no emoji in code': ['std::vector', []],
  };
  for (const [name, [text, asked]] of Object.entries(words)) {
    it(name, async () => {
      const { type, asked: heard } = bound(input());
      await type(text);
      assert.deepEqual(heard, asked);
    });
  }

  for (const face of [':)', ':D', ':-)', ':P', ':3', ':-D', ':(', ':/']) {
    it(`suggests no emoji for the face ${face}`, async () => {
      const one = input();
      await one.write(`vale ${face}`);
      assert.deepEqual(one.asked, []);
    });
  }

  it('finds the word at the end of a long text', async () => {
    const one = input();
    const text = `${'y así. '.repeat(10_000)}@an`;
    await one.type(text);
    assert.deepEqual(one.asked, ['mention an']);
  });

  it('finds no word that begins at the cut of a long text', async () => {
    const one = input();
    await one.type(`ana${'@'.padEnd(WORD_MAX_CHARACTERS, 'a')}`);
    await one.type(`ana:${'a'.repeat(WORD_MAX_CHARACTERS - 1)}`);
    assert.deepEqual(one.asked, []);
  });

  it('takes the word before the caret, not the last one', async () => {
    const one = input();
    await one.type('@an y más', 3);
    assert.deepEqual(one.offers, ['Ana', 'Antón']);
  });
});

function bound(one: Input) {
  return { type: (text: string) => one.type(text), asked: one.asked };
}

describe('Completion with suggestions', () => {
  it('moves the selection with the arrow keys, around the ends', async () => {
    const one = input();
    await one.type('@');
    assert.equal(one.completion.selected, 0);
    one.completion.handleKey('ArrowUp');
    assert.equal(one.completion.selected, 1);
    one.completion.handleKey('ArrowDown');
    assert.equal(one.completion.selected, 0);
  });

  for (const key of ['Enter', 'Tab']) {
    it(`accepts the selection with ${key}`, async () => {
      const one = input();
      await one.type('hola @a');
      one.completion.handleKey('ArrowDown');
      assert.equal(one.completion.handleKey(key), true);
      assert.equal(one.text, 'hola @Antón ');
      assert.deepEqual(one.offers, []);
    });
  }

  it('adds no space when one follows', async () => {
    const one = input();
    await one.type('@a hola', 2);
    one.completion.handleKey('Tab');
    assert.equal(one.text, '@Ana hola');
  });

  for (const text of ['hola :ta', 'hola @an']) {
    it(`leaves Enter to sending ${text} when none was picked with an arrow key`, async () => {
      const one = input();
      await one.type(text);
      assert.notDeepEqual(one.offers, []);
      assert.equal(one.completion.handleKey('Enter'), false);
      assert.equal(one.text, text);
    });
  }

  it('leaves Enter to sending when typing continued after an arrow key', async () => {
    const one = input();
    await one.type('@a');
    one.completion.handleKey('ArrowDown');
    await one.type('@an');
    assert.equal(one.completion.handleKey('Enter'), false);
  });

  it('completes a command with Enter, because half a command can not be sent', async () => {
    const one = input({ command: () => [{ text: '/salir', label: '/salir' }] });
    await one.type('/sal');
    assert.equal(one.completion.handleKey('Enter'), true);
    assert.equal(one.text, '/salir');
  });

  it('leaves Enter to sending when the suggestion is written already', async () => {
    const one = input();
    await one.type('@Ana');
    assert.equal(one.completion.handleKey('Enter'), false);
  });

  it('closes when the only suggestion is written already', async () => {
    const one = input({ command: () => [{ text: '/salir', label: '/salir' }] });
    await one.type('/sali');
    assert.deepEqual(one.offers, ['/salir']);
    await one.type('/salir');
    assert.deepEqual(one.offers, []);
  });

  it('handles no keys without suggestions', async () => {
    const one = input({});
    await one.type('@a');
    for (const key of ['Enter', 'Tab', 'Escape', 'ArrowUp'])
      assert.equal(one.completion.handleKey(key), false);
  });

  it('dismisses the suggestions with Escape until another word begins', async () => {
    const one = input();
    await one.type('@a');
    assert.equal(one.completion.handleKey('Escape'), true);
    await one.type('@an');
    assert.deepEqual(one.offers, []);
    await one.type('@an @a');
    assert.deepEqual(one.offers, ['Ana', 'Antón']);
  });

  it('keeps the selection while nothing changes', async () => {
    const one = input();
    await one.type('@a');
    one.completion.handleKey('ArrowDown');
    await one.type('@a');
    assert.equal(one.completion.selected, 1);
  });

  it('closes when the word ends', async () => {
    const one = input();
    await one.type('@a');
    await one.type('hola ');
    assert.deepEqual(one.offers, []);
  });

  it('drops a late answer for an older word', async () => {
    let answer: (suggestions: readonly Suggestion[]) => void = () => {};
    const one = input({
      emoji: (word) => (word === 'ta' ? new Promise((resolve) => (answer = resolve)) : []),
    });
    await one.type(':ta');
    await one.type(':tax');
    answer(PARTY);
    await answered();
    assert.deepEqual(one.offers, []);
  });

  it('has no suggestions when their source can not be loaded', async () => {
    const one = input({ emoji: () => Promise.reject(new Error('offline')) });
    await one.type(':ta');
    assert.deepEqual(one.offers, []);
  });
});

describe('Completion of a name between colons', () => {
  it('becomes its emoji with the second colon', async () => {
    const one = input();
    await one.write('bravo :Tada:');
    assert.equal(one.text, 'bravo 🎉');
  });

  it('becomes its emoji also when typed faster than the source loads', async () => {
    const one = input();
    await one.type(':tada:');
    assert.equal(one.text, '🎉');
  });

  it('stays text when there is no such emoji', async () => {
    const one = input();
    await one.write(':nada:');
    assert.equal(one.text, ':nada:');
    assert.deepEqual(one.offers, []);
  });

  it('stays text after undo', async () => {
    const one = input();
    await one.write(':tada:');
    await one.type(one.text);
    await one.type(':tada:', 6, false);
    assert.equal(one.text, ':tada:');
  });
});
