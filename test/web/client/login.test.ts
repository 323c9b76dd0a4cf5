import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Login, type LoginState } from '../../../web/client/login.ts';

class Asked {
  readonly given: string[] = [];
  readonly states: LoginState[] = [];
  entered = 0;
  answer: () => Promise<number> = async () => 200;
  readonly access = new Login({
    postCode: (code) => {
      this.given.push(code);
      return this.answer();
    },
    onEntered: () => this.entered++,
    changed: () => this.states.push(this.access.state),
  });
}

describe('login', () => {
  for (const [status, state] of [
    [401, 'wrong'],
    [429, 'too-many'],
    [403, 'failed'],
    [502, 'failed'],
  ] as const) {
    it(`is ${state} after status ${status}, and can be submitted again`, async () => {
      const asked = new Asked();
      asked.access.requireCode();
      asked.answer = async () => status;
      await asked.access.submit('sésamo');
      asked.answer = async () => 200;
      await asked.access.submit('sésamo');
      assert.deepEqual(asked.states, ['asked', 'trying', state, 'trying', 'entered']);
      assert.equal(asked.entered, 1);
    });
  }

  it('fails without an answer', async () => {
    const asked = new Asked();
    asked.answer = () => Promise.reject(new Error('offline'));
    await asked.access.submit('sésamo');
    assert.equal(asked.access.state, 'failed');
    assert.equal(asked.entered, 0);
  });

  it('submits once at a time, and no empty passphrase', async () => {
    const asked = new Asked();
    await Promise.all([asked.access.submit(''), asked.access.submit('a'), asked.access.submit('b')]);
    assert.deepEqual(asked.given, ['a']);
  });

  it('asks again when the gateway refuses its own token', async () => {
    const asked = new Asked();
    await asked.access.submit('sésamo');
    asked.access.requireCode();
    assert.equal(asked.access.state, 'asked');
    await asked.access.submit('sésamo');
    assert.equal(asked.entered, 2);
  });

  it('asks again when the passphrase has changed', async () => {
    const asked = new Asked();
    await asked.access.submit('sésamo');
    asked.access.onAdmitted();
    asked.access.requireCode();
    assert.equal(asked.access.state, 'asked');
  });
});
