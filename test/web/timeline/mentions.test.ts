import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Mentions, withMention } from '../../../web/timeline/mentions.ts';

const HERE = '192.168.1.20:50412';

function mentionsOf(nickname: string, address = HERE): Mentions {
  const mentions = new Mentions();
  mentions.setNames(nickname, address);
  return mentions;
}

describe('mentions', () => {
  for (const text of [
    'José, ¿vienes?',
    'ay jose',
    'JOSÉ!',
    '@josé mira',
    'lo dijo (José)',
    `pregunta a ${HERE}.`,
  ]) {
    it(`are found in “${text}”`, () => assert.ok(mentionsOf('José').matches(text)));
  }

  for (const text of ['Josefina', 'sanjosé', 'jose_luis', `${HERE}1`, `1${HERE}`, '192.168.1.20', '']) {
    it(`are not in “${text}”`, () => assert.equal(mentionsOf('José').matches(text), false));
  }

  it('of a short name need an @', () => {
    assert.equal(mentionsOf('A').matches('voy a casa'), false);
    assert.ok(mentionsOf('A').matches('oye, @a'));
  });

  it('of a person without a name are those of the address', () => {
    assert.ok(mentionsOf('').matches(`hola ${HERE}`));
    assert.equal(mentionsOf('', '').matches('hola'), false);
  });

  it('match a name literally, not as a pattern', () => {
    assert.ok(mentionsOf('C++ (a|b)*').matches('hola c++ (a|b)*'));
    assert.equal(mentionsOf('a.c').matches('hola abc'), false);
    assert.ok(mentionsOf('Ana María').matches('di, ana maria'));
    assert.ok(mentionsOf('🎉🎉🎉').matches('hola 🎉🎉🎉'));
  });

  it('are appended to a draft', () => {
    assert.equal(withMention('', 'Ana'), '@Ana ');
    assert.equal(withMention('hola', 'Ana'), 'hola @Ana ');
    assert.equal(withMention('hola ', HERE), `hola @${HERE} `);
  });
});
