import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Token } from '../../../web/connection/token.ts';

/** Storage that all tabs of an origin share. */
class SharedStorage {
  stored: string | null = null;
  refuses: 'nothing' | 'writing' | 'all' = 'nothing';

  read = (): string | null => this.#allow(this.refuses !== 'all', this.stored);
  write = (value: string): void => this.#set(value);
  clear = (): void => this.#set(null);
  probe = (): void => this.#allow(this.refuses === 'nothing', undefined);

  #set(value: string | null): void {
    this.stored = this.#allow(this.refuses === 'nothing', value);
  }

  #allow<T>(isAllowed: boolean, value: T): T {
    if (!isAllowed) throw new DOMException('Storage is refused', 'SecurityError');
    return value;
  }
}

describe('token', () => {
  it('is shared by all tabs and by a page opened later', () => {
    const storage = new SharedStorage();
    const [one, other] = [new Token(storage), new Token(storage)];
    assert.equal(one.isPersistent, true);
    assert.equal(one.value, undefined);
    one.save('a');
    assert.equal(other.value, 'a');
    assert.equal(new Token(storage).isPersistent, true);
    assert.equal(new Token(storage).value, 'a');
  });

  for (const refuses of ['writing', 'all'] as const) {
    it(`lasts as long as the page if storage refuses ${refuses}`, () => {
      const storage = new SharedStorage();
      storage.refuses = refuses;
      const token = new Token(storage);
      assert.equal(token.isPersistent, false);
      token.save('a');
      assert.equal(token.value, 'a');
      assert.equal(new Token(storage).value, undefined);
      token.invalidate('a');
      assert.equal(token.value, undefined);
    });
  }

  it('is removed from all tabs when the gateway refuses it', () => {
    const storage = new SharedStorage();
    const [one, other] = [new Token(storage), new Token(storage)];
    one.save('a');
    other.invalidate('a');
    assert.equal(one.value, undefined);
    assert.equal(storage.stored, null);
  });

  it('stays when the gateway refuses an older one', () => {
    const storage = new SharedStorage();
    const [one, other] = [new Token(storage), new Token(storage)];
    one.save('old');
    other.save('new');
    one.invalidate('old');
    assert.equal(one.value, 'new');
    assert.equal(other.value, 'new');
  });

  it('is not sent again after a refusal, though the storage still has it', () => {
    const storage = new SharedStorage();
    storage.stored = 'a';
    storage.refuses = 'writing';
    const token = new Token(storage);
    assert.equal(token.value, 'a');
    token.invalidate('a');
    assert.equal(token.value, undefined);
  });

  it('is not read from invalid data of another program', () => {
    const storage = new SharedStorage();
    for (const kept of ['', 'a b', 'a,b', 'x'.repeat(65), '{"a":1}']) {
      storage.stored = kept;
      assert.equal(new Token(storage).value, undefined, kept);
    }
  });
});
