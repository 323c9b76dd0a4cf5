import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Archive } from '../../web/archive.ts';
import { entry } from './fakes.ts';

const answer = { epoch: 'e', head: 2, tail: 1, messages: [entry(1, 'a')], more: true };

describe('archive', () => {
  it('asks for what is given, as the web writes it', async () => {
    const asked: string[] = [];
    const archive = new Archive(async (path) => {
      asked.push(path);
      return answer;
    });
    assert.deepEqual(await archive.read({ before: 7, limit: 30, q: 'a&b ñ' }), answer);
    assert.deepEqual(asked, ['/api/messages?before=7&limit=30&q=a%26b+%C3%B1']);
  });

  for (const [what, wrong] of Object.entries({
    'no object': 'hola',
    'no epoch': { ...answer, epoch: undefined },
    'no list': { ...answer, messages: 'a' },
    'no entries': { ...answer, messages: [{ seq: 'a' }] },
    'no end': { ...answer, more: undefined },
  })) {
    it(`takes no answer with ${what}`, async () => {
      await assert.rejects(new Archive(async () => wrong).read({ limit: 1 }), /no part of a log/);
    });
  }
});
