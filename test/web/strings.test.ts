import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseLanguage, DICTIONARIES } from '../../web/strings.ts';

describe('strings', () => {
  it('are in the first of the languages that the page speaks', () => {
    assert.deepEqual(chooseLanguage(['fr-FR', 'es-MX', 'en']), { name: 'es', locale: 'es-MX' });
    assert.deepEqual(chooseLanguage(['EN-gb', 'es']), { name: 'en', locale: 'EN-gb' });
  });

  it('are in English for everybody else', () => {
    assert.equal(chooseLanguage(['fr']).name, 'en');
    assert.equal(chooseLanguage([]).name, 'en');
  });

  it('say one and many differently', () => {
    for (const { newMessages, missing } of Object.values(DICTIONARIES)) {
      assert.notEqual(newMessages(1).replace('1', '2'), newMessages(2));
      assert.notEqual(missing(1).replace('1', '2'), missing(2));
    }
  });
});
