import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Access, type AccessState } from '../../../web/client/login.ts';

class Asked {
  readonly given: string[] = [];
  readonly states: AccessState[] = [];
  entered = 0;
  answer: () => Promise<number> = async () => 200;
  readonly access = new Access({
    giveCode: (code) => {
      this.given.push(code);
      return this.answer();
    },
    entered: () => this.entered++,
    changed: () => this.states.push(this.access.state),
  });
}

describe('the passphrase', () => {
  for (const [status, state] of [
    [401, 'wrong'],
    [429, 'too-many'],
    [403, 'failed'],
    [502, 'failed'],
  ] as const) {
    it(`is ${state} where the gateway answers ${status}, and may be given again`, async () => {
      const asked = new Asked();
      asked.access.lock();
      asked.answer = async () => status;
      await asked.access.give('sésamo');
      asked.answer = async () => 200;
      await asked.access.give('sésamo');
      assert.deepEqual(asked.states, ['asked', 'trying', state, 'trying', 'entered']);
      assert.equal(asked.entered, 1);
    });
  }

  it('fails where there is no answer', async () => {
    const asked = new Asked();
    asked.answer = () => Promise.reject(new Error('offline'));
    await asked.access.give('sésamo');
    assert.equal(asked.access.state, 'failed');
    assert.equal(asked.entered, 0);
  });

  it('is asked once at a time, and not for nothing', async () => {
    const asked = new Asked();
    await Promise.all([asked.access.give(''), asked.access.give('a'), asked.access.give('b')]);
    assert.deepEqual(asked.given, ['a']);
  });

  it('is asked for again when the gateway does not take what it gave', async () => {
    const asked = new Asked();
    await asked.access.give('sésamo');
    asked.access.lock();
    assert.equal(asked.access.state, 'asked');
    await asked.access.give('sésamo');
    assert.equal(asked.entered, 2);
  });

  it('is asked for again when it has changed', async () => {
    const asked = new Asked();
    await asked.access.give('sésamo');
    asked.access.settle();
    asked.access.lock();
    assert.equal(asked.access.state, 'asked');
  });
});
