import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Completion,
  type Sources,
  type Suggestion,
  WORD_MAX_CHARACTERS,
} from '../../../web/composer/completion.ts';

/** An input with a completion: what stands in it, and what it offers. */
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

  /** Letter by letter. */
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

describe('the word at the caret', () => {
  const words: Record<string, [text: string, asked: string[]]> = {
    'a command': ['/ni', ['command ni']],
    'a command with all that follow': ['/', ['command ']],
    'no command after other words': ['hola /ni', []],
    'no command once it has its words': ['/nick Ana', []],
    'a name': ['hola @an', ['mention an']],
    'an address': ['@127.0.0.1:4', ['mention 127.0.0.1:4']],
    'a name in brackets': ['(@an', ['mention an']],
    'no name in an address of mail': ['ana@example.org', []],
    'an emoji': ['bravo :ta', ['emoji ta']],
    'an emoji with accents': [':corazó', ['emoji corazó']],
    'an emoji that begins with a sign': [':+1', ['emoji +1']],
    'no emoji in a time': ['a las 10:30', []],
    'no emoji in half a time': ['a las :30', []],
    'no emoji in a link': ['https://example.org', []],
    'no emoji in code': ['std::vector', []],
  };
  for (const [what, [text, asked]] of Object.entries(words)) {
    it(`may be ${what}`, async () => {
      const { type, asked: heard } = bound(input());
      await type(text);
      assert.deepEqual(heard, asked);
    });
  }

  for (const face of [':)', ':D', ':-)', ':P', ':3', ':-D', ':(', ':/']) {
    it(`is not taken for an emoji's name in ${face}`, async () => {
      const one = input();
      await one.write(`vale ${face}`);
      assert.deepEqual(one.asked, []);
    });
  }

  it('is found at the end of a long text without reading all of it', async () => {
    const one = input();
    const text = `${'y así. '.repeat(10_000)}@an`;
    await one.type(text);
    assert.deepEqual(one.asked, ['mention an']);
  });

  it('does not begin where the reading begins', async () => {
    const one = input();
    await one.type(`ana${'@'.padEnd(WORD_MAX_CHARACTERS, 'a')}`);
    await one.type(`ana:${'a'.repeat(WORD_MAX_CHARACTERS - 1)}`);
    assert.deepEqual(one.asked, []);
  });

  it('is the one before the caret, not the last one', async () => {
    const one = input();
    await one.type('@an y más', 3);
    assert.deepEqual(one.offers, ['Ana', 'Antón']);
  });
});

function bound(one: Input) {
  return { type: (text: string) => one.type(text), asked: one.asked };
}

describe('the choices', () => {
  it('are walked through with the arrow keys, around the ends', async () => {
    const one = input();
    await one.type('@');
    assert.equal(one.completion.selected, 0);
    one.completion.handleKey('ArrowUp');
    assert.equal(one.completion.selected, 1);
    one.completion.handleKey('ArrowDown');
    assert.equal(one.completion.selected, 0);
  });

  for (const key of ['Enter', 'Tab']) {
    it(`are taken with ${key}`, async () => {
      const one = input();
      await one.type('hola @a');
      one.completion.handleKey('ArrowDown');
      assert.equal(one.completion.handleKey(key), true);
      assert.equal(one.text, 'hola @Antón ');
      assert.deepEqual(one.offers, []);
    });
  }

  it('take no space along where there is one', async () => {
    const one = input();
    await one.type('@a hola', 2);
    one.completion.handleKey('Tab');
    assert.equal(one.text, '@Ana hola');
  });

  for (const text of ['hola :ta', 'hola @an']) {
    it(`leave Enter to sending ${text} when none was picked with an arrow key`, async () => {
      const one = input();
      await one.type(text);
      assert.notDeepEqual(one.offers, []);
      assert.equal(one.completion.handleKey('Enter'), false);
      assert.equal(one.text, text);
    });
  }

  it('leave Enter to sending when the word was typed on after an arrow key', async () => {
    const one = input();
    await one.type('@a');
    one.completion.handleKey('ArrowDown');
    await one.type('@an');
    assert.equal(one.completion.handleKey('Enter'), false);
  });

  it('finish a command with Enter, since half a command can not be sent', async () => {
    const one = input({ command: () => [{ text: '/salir', label: '/salir' }] });
    await one.type('/sal');
    assert.equal(one.completion.handleKey('Enter'), true);
    assert.equal(one.text, '/salir');
  });

  it('leave Enter alone once they stand there', async () => {
    const one = input();
    await one.type('@Ana');
    assert.equal(one.completion.handleKey('Enter'), false);
  });

  it('are none once the only one stands there, with nothing to follow', async () => {
    const one = input({ command: () => [{ text: '/salir', label: '/salir' }] });
    await one.type('/sali');
    assert.deepEqual(one.offers, ['/salir']);
    await one.type('/salir');
    assert.deepEqual(one.offers, []);
  });

  it('leave keys alone when there are none', async () => {
    const one = input({});
    await one.type('@a');
    for (const key of ['Enter', 'Tab', 'Escape', 'ArrowUp'])
      assert.equal(one.completion.handleKey(key), false);
  });

  it('are sent away with Escape, until another word begins', async () => {
    const one = input();
    await one.type('@a');
    assert.equal(one.completion.handleKey('Escape'), true);
    await one.type('@an');
    assert.deepEqual(one.offers, []);
    await one.type('@an @a');
    assert.deepEqual(one.offers, ['Ana', 'Antón']);
  });

  it('stay where they are while nothing is typed', async () => {
    const one = input();
    await one.type('@a');
    one.completion.handleKey('ArrowDown');
    await one.type('@a');
    assert.equal(one.completion.selected, 1);
  });

  it('go with the word', async () => {
    const one = input();
    await one.type('@a');
    await one.type('hola ');
    assert.deepEqual(one.offers, []);
  });

  it('are not those of a word that was typed on', async () => {
    let answer: (choices: readonly Suggestion[]) => void = () => {};
    const one = input({
      emoji: (word) => (word === 'ta' ? new Promise((resolve) => (answer = resolve)) : []),
    });
    await one.type(':ta');
    await one.type(':tax');
    answer(PARTY);
    await answered();
    assert.deepEqual(one.offers, []);
  });

  it('are none when they could not be loaded', async () => {
    const one = input({ emoji: () => Promise.reject(new Error('offline')) });
    await one.type(':ta');
    assert.deepEqual(one.offers, []);
  });
});

describe('a name between colons', () => {
  it('becomes its emoji with the second colon', async () => {
    const one = input();
    await one.write('bravo :Tada:');
    assert.equal(one.text, 'bravo 🎉');
  });

  it('becomes it also when it was typed faster than things load', async () => {
    const one = input();
    await one.type(':tada:');
    assert.equal(one.text, '🎉');
  });

  it('stays when there is none', async () => {
    const one = input();
    await one.write(':nada:');
    assert.equal(one.text, ':nada:');
    assert.deepEqual(one.offers, []);
  });

  it('stays when that was undone', async () => {
    const one = input();
    await one.write(':tada:');
    await one.type(one.text);
    await one.type(':tada:', 6, false);
    assert.equal(one.text, ':tada:');
  });
});
