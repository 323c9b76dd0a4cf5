import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_HEARD_MESSAGES, MAX_MESSAGES, Outbox, type OutgoingMessage } from '../../connection/outbox.ts';
import { LIMITS, ownEntry } from '../web/fakes.ts';

class OutboxHarness {
  sent: string[] = [];
  #ids = 0;
  readonly outbox: Outbox;

  constructor(kept: readonly OutgoingMessage[] = []) {
    const newId = () => `id-${kept.length + ++this.#ids}`;
    this.outbox = new Outbox({ send: (id, text) => this.sent.push(`${id} ${text}`), newId }, kept);
  }

  write(...texts: string[]): void {
    for (const text of texts) this.outbox.add(text, 0);
  }

  get states(): string[] {
    return this.outbox.messages.map(({ text, state }) => `${text}: ${state}`);
  }

  takeSent(): string[] {
    return this.sent.splice(0);
  }
}

describe('outbox', () => {
  it('holds messages until the room is reachable', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    assert.deepEqual(harness.states, ['a: waiting']);
    harness.outbox.open(LIMITS);
    assert.deepEqual(harness.sent, ['id-1 a']);
    assert.deepEqual(harness.states, ['a: sending']);
  });

  it('sends in order, and at most openSays at once', () => {
    const harness = new OutboxHarness();
    harness.write('a', 'b', 'c');
    harness.outbox.open(LIMITS);
    assert.deepEqual(harness.takeSent(), ['id-1 a', 'id-2 b']);
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'heard', seq: 1 });
    assert.deepEqual(harness.takeSent(), ['id-3 c']);
  });

  it('does not confirm a message by an earlier one with the same text', () => {
    const harness = new OutboxHarness();
    harness.write('hola');
    harness.outbox.open(LIMITS);
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'unconfirmed' });
    harness.outbox.confirmFromLog(ownEntry(7, 'hola', 'id-0'));
    assert.deepEqual(harness.states, ['hola: unconfirmed']);
    harness.outbox.confirmFromLog(ownEntry(8, 'hola', 'id-1'));
    assert.deepEqual(harness.states, []);
  });

  it('drops a delivered message once the log shows it', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.open(LIMITS);
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'heard', seq: 8 });
    harness.outbox.dropLogged(7);
    assert.deepEqual(harness.states, ['a: heard']);
    harness.outbox.dropLogged(8);
    assert.deepEqual(harness.states, []);
  });

  it('fails a message longer than textBytes without sending it', () => {
    const harness = new OutboxHarness();
    harness.write('ñ'.repeat(6), 'b');
    harness.outbox.open({ textBytes: 11, openSays: 2 });
    assert.deepEqual(harness.sent, ['id-2 b']);
    assert.match(harness.states[0] ?? '', /failed/);
  });

  it('sends again under the same ids when the session is resumed', () => {
    const harness = new OutboxHarness();
    harness.write('a', 'b', 'c');
    harness.outbox.open(LIMITS);
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'unconfirmed' });
    harness.takeSent();
    harness.outbox.close();
    harness.outbox.resume();
    harness.outbox.open({ ...LIMITS, openSays: 8 });
    assert.deepEqual(harness.takeSent(), ['id-1 a', 'id-2 b', 'id-3 c']);
  });

  it('marks sent messages as unconfirmed in a new session, and sends the others', () => {
    const harness = new OutboxHarness();
    harness.write('a', 'b', 'c');
    harness.outbox.open(LIMITS);
    harness.takeSent();
    harness.outbox.close();
    harness.outbox.onNewSession();
    harness.outbox.open(LIMITS);
    assert.deepEqual(harness.states, ['a: unconfirmed', 'b: unconfirmed', 'c: sending']);
    assert.deepEqual(harness.takeSent(), ['id-3 c']);
  });

  it('does not send messages of the old session in a new one', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.open(LIMITS);
    harness.outbox.onNewSession();
    harness.takeSent();
    harness.outbox.close();
    harness.outbox.resume();
    harness.outbox.open(LIMITS);
    assert.deepEqual(harness.sent, []);
  });

  it('restores after a reload which messages were sent', () => {
    const before = new OutboxHarness();
    before.write('a', 'b', 'c');
    before.outbox.open(LIMITS);
    const after = new OutboxHarness(JSON.parse(JSON.stringify(before.outbox.messages)));
    after.outbox.onNewSession();
    assert.deepEqual(after.states, ['a: unconfirmed', 'b: unconfirmed', 'c: waiting']);
  });

  it('sends pending messages again after a reload', () => {
    const before = new OutboxHarness();
    before.write('a');
    before.outbox.open(LIMITS);
    const after = new OutboxHarness(before.outbox.messages);
    after.outbox.resume();
    after.outbox.open(LIMITS);
    assert.deepEqual(after.sent, ['id-1 a']);
  });

  it('marks all pending messages as unconfirmed when another page took the session', () => {
    const harness = new OutboxHarness();
    harness.write('a', 'b', 'c');
    harness.outbox.open(LIMITS);
    harness.outbox.close();
    harness.outbox.onSessionTaken();
    assert.deepEqual(harness.states, ['a: unconfirmed', 'b: unconfirmed', 'c: unconfirmed']);
  });

  it('takes a log entry as a receipt', () => {
    const harness = new OutboxHarness();
    harness.write('a', 'b');
    harness.outbox.open(LIMITS);
    harness.outbox.confirmFromLog(ownEntry(5, 'a', 'id-1'));
    harness.outbox.onNewSession();
    assert.deepEqual(harness.states, ['b: unconfirmed']);
    harness.outbox.confirmFromLog(ownEntry(6, 'b', 'id-2'));
    assert.deepEqual(harness.states, []);
  });

  it('recognizes a long message by its first chunk, and that the log lacks the rest', () => {
    const harness = new OutboxHarness();
    harness.write('ab');
    harness.outbox.open(LIMITS);
    harness.outbox.confirmFromLog(ownEntry(5, 'a', 'id-1', {}, 1));
    assert.equal(harness.outbox.messages[0]?.seq, 5);
    harness.outbox.onNewSession();
    assert.deepEqual(harness.states, ['ab: unconfirmed']);
    harness.outbox.confirmFromLog(ownEntry(9, 'b', 'id-1', { continues: 5 }));
    assert.deepEqual(harness.states, []);
  });

  it('sends failed and unconfirmed messages again under a new id', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.open(LIMITS);
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'failed', reason: 'left' });
    harness.takeSent();
    harness.outbox.sendAgain('id-1');
    assert.deepEqual(harness.sent, ['id-2 a']);
    assert.equal(harness.outbox.messages.length, 1);
  });

  it('does not send a pending message again', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.open(LIMITS);
    harness.outbox.sendAgain('id-1');
    assert.deepEqual(harness.sent, ['id-1 a']);
  });

  it('holds a message under a new id when a closing gateway refused it', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.open(LIMITS);
    harness.outbox.close();
    harness.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'failed', reason: 'closing' });
    harness.outbox.onNewSession();
    harness.outbox.open(LIMITS);
    assert.deepEqual(harness.sent, ['id-1 a', 'id-2 a']);
  });

  it('discards a message', () => {
    const harness = new OutboxHarness();
    harness.write('a');
    harness.outbox.discard('id-1');
    assert.deepEqual(harness.states, []);
  });

  it('limits delivered messages of a server that logs nothing', () => {
    const harness = new OutboxHarness();
    harness.outbox.open(LIMITS);
    for (let i = 1; i <= MAX_MESSAGES + 1; i++) {
      assert.equal(harness.outbox.add(`${i}`, 0), true);
      harness.outbox.onReceipt({ type: 'receipt', id: `id-${i}`, state: 'heard' });
      harness.outbox.dropLogged(0);
    }
    assert.equal(harness.states.length, MAX_HEARD_MESSAGES);
    assert.equal(harness.states.at(-1), `${MAX_MESSAGES + 1}: heard`);
  });

  it('accepts at most MAX_MESSAGES', () => {
    const harness = new OutboxHarness();
    harness.write(...Array.from({ length: MAX_MESSAGES }, () => 'a'));
    assert.equal(harness.outbox.add('b', 0), false);
    assert.equal(harness.outbox.messages.length, MAX_MESSAGES);
  });
});
