import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emojiTable } from '../../../web/build/emoji-table.ts';
import { SUGGESTIONS_MAX } from '../../../web/composer/completion.ts';
import { commandSuggestions, mentionSuggestions } from '../../../web/composer/completion-sources.ts';
import { findEmoji } from '../../../web/composer/emoji-search.ts';
import { LogSegment } from '../../../web/timeline/log-segment.ts';
import { recentSpeakers } from '../../../web/timeline/recent-speakers.ts';
import { LAZY_STRINGS } from '../../../web/ui/lazy-strings.ts';
import { entry } from '../fakes.ts';

const { es, en } = LAZY_STRINGS;

function labels(suggestions: readonly { label: string }[]): string[] {
  return suggestions.map(({ label }) => label);
}

describe('commandSuggestions', () => {
  it('suggests commands in the language of the person', () => {
    assert.deepEqual(labels(commandSuggestions('', es.commands)), ['/nick Nombre', '/salir', '/ayuda']);
    assert.deepEqual(labels(commandSuggestions('', en.commands)), ['/nick Name', '/leave', '/help']);
  });

  it('suggests commands of another language when they match', () => {
    assert.deepEqual(labels(commandSuggestions('le', es.commands)), ['/leave']);
    assert.deepEqual(labels(commandSuggestions('Sal', en.commands)), ['/salir']);
    assert.deepEqual(commandSuggestions('x', es.commands), []);
  });
});

describe('mentionSuggestions', () => {
  const BEA = '192.168.1.21:50000';
  const log = new LogSegment(({ from }) => from === 'me');
  log.append(entry(1, 'sin nombre todavía\n'));
  log.append(entry(2, '<Bea> hola\n', { from: BEA }));
  log.append(entry(3, '<Ana> hola\n'));
  log.append(entry(4, '<Yo> hola\n', { from: 'me' }));
  log.append(entry(5, '<Mala> hola\n', { from: 'x:1', forged: true }));
  log.append(entry(6, 'hola\n', { from: '10.0.0.9:9' }));
  const speakers = recentSpeakers(log.items);

  it('lists each speaker once, latest first, without oneself and forged speakers', () => {
    assert.deepEqual(
      speakers.map(({ nickname, address }) => nickname ?? address),
      ['10.0.0.9:9', 'Ana', 'Bea'],
    );
  });

  it('lists speakers by name when the room sends no addresses', () => {
    const plain = new LogSegment(() => false);
    plain.append(entry(1, '<user4> hola\n', { from: '' }));
    plain.append(entry(2, '<user5> hola\n', { from: '' }));
    plain.append(entry(3, 'hola\n', { from: '' }));
    assert.deepEqual(labels(mentionSuggestions('', recentSpeakers(plain.items))), ['user5', 'user4']);
  });

  it('finds speakers by any word of the name and by address', () => {
    assert.deepEqual(labels(mentionSuggestions('', speakers)), ['10.0.0.9:9', 'Ana', 'Bea']);
    assert.deepEqual(labels(mentionSuggestions('b', speakers)), ['Bea']);
    assert.deepEqual(labels(mentionSuggestions('192.168.1.21', speakers)), ['Bea']);
    const long = [{ nickname: 'José María', address: 'a:1' }];
    assert.deepEqual(labels(mentionSuggestions('mari', long)), ['José María']);
    assert.deepEqual(labels(mentionSuggestions('jose', long)), ['José María']);
    assert.deepEqual(labels(mentionSuggestions('ose', long)), []);
  });

  it('limits the number of suggestions', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ nickname: undefined, address: `a:${i}` }));
    assert.equal(mentionSuggestions('', many).length, SUGGESTIONS_MAX);
  });
});

describe('findEmoji', () => {
  const spanish = emojiTable('es');
  const english = emojiTable('en');

  it('finds emojis by Spanish and English names, also without accents', () => {
    assert.equal(findEmoji(spanish, 'corazon_rojo')[0]?.text, '❤️ ');
    assert.equal(findEmoji(spanish, 'corazón_rojo')[0]?.text, '❤️ ');
    for (const emojis of [spanish, english]) {
      assert.deepEqual(findEmoji(emojis, 'heart')[0], { text: '❤️ ', label: ':heart:', sign: '❤️' });
      assert.equal(labels(findEmoji(emojis, '+1'))[0], ':+1:');
    }
  });

  it('finds emojis by subject, after those with a matching name', () => {
    const found = findEmoji(spanish, 'risa');
    assert.ok(
      found.some(({ sign }) => sign === '😂'),
      labels(found).join(),
    );
    assert.deepEqual(findEmoji(english, 'xyzzy'), []);
    assert.equal(findEmoji(english, 'face').length, SUGGESTIONS_MAX);
  });

  it('ranks whole names first, then names with the least left to type', () => {
    assert.equal(labels(findEmoji(english, 'cat'))[0], ':cat:');
    assert.deepEqual(labels(findEmoji(spanish, 'corazon')).slice(0, 2), [':corazon_roto:', ':corazon_rojo:']);
  });
});
