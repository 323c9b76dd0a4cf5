import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  MAX_HEARD_MESSAGES,
  MAX_MESSAGES,
  Outbox,
  type OutgoingMessage,
} from '../../../web/connection/outbox.ts';
import { LIMITS, ownEntry } from '../fakes.ts';

class Desk {
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
    const desk = new Desk();
    desk.write('a');
    assert.deepEqual(desk.states, ['a: waiting']);
    desk.outbox.open(LIMITS);
    assert.deepEqual(desk.sent, ['id-1 a']);
    assert.deepEqual(desk.states, ['a: sending']);
  });

  it('sends in order, and at most openSays at once', () => {
    const desk = new Desk();
    desk.write('a', 'b', 'c');
    desk.outbox.open(LIMITS);
    assert.deepEqual(desk.takeSent(), ['id-1 a', 'id-2 b']);
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'heard', seq: 1 });
    assert.deepEqual(desk.takeSent(), ['id-3 c']);
  });

  it('does not confirm a message by an earlier one with the same text', () => {
    const desk = new Desk();
    desk.write('hola');
    desk.outbox.open(LIMITS);
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'unconfirmed' });
    desk.outbox.confirmFromLog(ownEntry(7, 'hola', 'id-0'));
    assert.deepEqual(desk.states, ['hola: unconfirmed']);
    desk.outbox.confirmFromLog(ownEntry(8, 'hola', 'id-1'));
    assert.deepEqual(desk.states, []);
  });

  it('drops a delivered message once the log shows it', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.open(LIMITS);
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'heard', seq: 8 });
    desk.outbox.dropLogged(7);
    assert.deepEqual(desk.states, ['a: heard']);
    desk.outbox.dropLogged(8);
    assert.deepEqual(desk.states, []);
  });

  it('fails a message longer than textBytes without sending it', () => {
    const desk = new Desk();
    desk.write('ñ'.repeat(6), 'b');
    desk.outbox.open({ textBytes: 11, openSays: 2 });
    assert.deepEqual(desk.sent, ['id-2 b']);
    assert.match(desk.states[0] ?? '', /failed/);
  });

  it('sends again under the same ids when the session is resumed', () => {
    const desk = new Desk();
    desk.write('a', 'b', 'c');
    desk.outbox.open(LIMITS);
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'unconfirmed' });
    desk.takeSent();
    desk.outbox.close();
    desk.outbox.resume();
    desk.outbox.open({ ...LIMITS, openSays: 8 });
    assert.deepEqual(desk.takeSent(), ['id-1 a', 'id-2 b', 'id-3 c']);
  });

  it('marks sent messages as unconfirmed in a new session, and sends the others', () => {
    const desk = new Desk();
    desk.write('a', 'b', 'c');
    desk.outbox.open(LIMITS);
    desk.takeSent();
    desk.outbox.close();
    desk.outbox.onNewSession();
    desk.outbox.open(LIMITS);
    assert.deepEqual(desk.states, ['a: unconfirmed', 'b: unconfirmed', 'c: sending']);
    assert.deepEqual(desk.takeSent(), ['id-3 c']);
  });

  it('does not send messages of the old session in a new one', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.open(LIMITS);
    desk.outbox.onNewSession();
    desk.takeSent();
    desk.outbox.close();
    desk.outbox.resume();
    desk.outbox.open(LIMITS);
    assert.deepEqual(desk.sent, []);
  });

  it('restores after a reload which messages were sent', () => {
    const before = new Desk();
    before.write('a', 'b', 'c');
    before.outbox.open(LIMITS);
    const after = new Desk(JSON.parse(JSON.stringify(before.outbox.messages)));
    after.outbox.onNewSession();
    assert.deepEqual(after.states, ['a: unconfirmed', 'b: unconfirmed', 'c: waiting']);
  });

  it('sends pending messages again after a reload', () => {
    const before = new Desk();
    before.write('a');
    before.outbox.open(LIMITS);
    const after = new Desk(before.outbox.messages);
    after.outbox.resume();
    after.outbox.open(LIMITS);
    assert.deepEqual(after.sent, ['id-1 a']);
  });

  it('marks all pending messages as unconfirmed when another page took the session', () => {
    const desk = new Desk();
    desk.write('a', 'b', 'c');
    desk.outbox.open(LIMITS);
    desk.outbox.close();
    desk.outbox.onSessionTaken();
    assert.deepEqual(desk.states, ['a: unconfirmed', 'b: unconfirmed', 'c: unconfirmed']);
  });

  it('takes a log entry as a receipt', () => {
    const desk = new Desk();
    desk.write('a', 'b');
    desk.outbox.open(LIMITS);
    desk.outbox.confirmFromLog(ownEntry(5, 'a', 'id-1'));
    desk.outbox.onNewSession();
    assert.deepEqual(desk.states, ['b: unconfirmed']);
    desk.outbox.confirmFromLog(ownEntry(6, 'b', 'id-2'));
    assert.deepEqual(desk.states, []);
  });

  it('recognizes a long message by its first chunk, and that the log lacks the rest', () => {
    const desk = new Desk();
    desk.write('ab');
    desk.outbox.open(LIMITS);
    desk.outbox.confirmFromLog(ownEntry(5, 'a', 'id-1', {}, 1));
    assert.equal(desk.outbox.messages[0]?.seq, 5);
    desk.outbox.onNewSession();
    assert.deepEqual(desk.states, ['ab: unconfirmed']);
    desk.outbox.confirmFromLog(ownEntry(9, 'b', 'id-1', { continues: 5 }));
    assert.deepEqual(desk.states, []);
  });

  it('sends failed and unconfirmed messages again under a new id', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.open(LIMITS);
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'failed', reason: 'left' });
    desk.takeSent();
    desk.outbox.sendAgain('id-1');
    assert.deepEqual(desk.sent, ['id-2 a']);
    assert.equal(desk.outbox.messages.length, 1);
  });

  it('does not send a pending message again', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.open(LIMITS);
    desk.outbox.sendAgain('id-1');
    assert.deepEqual(desk.sent, ['id-1 a']);
  });

  it('holds a message under a new id when a closing gateway refused it', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.open(LIMITS);
    desk.outbox.close();
    desk.outbox.onReceipt({ type: 'receipt', id: 'id-1', state: 'failed', reason: 'closing' });
    desk.outbox.onNewSession();
    desk.outbox.open(LIMITS);
    assert.deepEqual(desk.sent, ['id-1 a', 'id-2 a']);
  });

  it('discards a message', () => {
    const desk = new Desk();
    desk.write('a');
    desk.outbox.discard('id-1');
    assert.deepEqual(desk.states, []);
  });

  it('limits delivered messages of a server that logs nothing', () => {
    const desk = new Desk();
    desk.outbox.open(LIMITS);
    for (let i = 1; i <= MAX_MESSAGES + 1; i++) {
      assert.equal(desk.outbox.add(`${i}`, 0), true);
      desk.outbox.onReceipt({ type: 'receipt', id: `id-${i}`, state: 'heard' });
      desk.outbox.dropLogged(0);
    }
    assert.equal(desk.states.length, MAX_HEARD_MESSAGES);
    assert.equal(desk.states.at(-1), `${MAX_MESSAGES + 1}: heard`);
  });

  it('accepts at most MAX_MESSAGES', () => {
    const desk = new Desk();
    desk.write(...Array.from({ length: MAX_MESSAGES }, () => 'a'));
    assert.equal(desk.outbox.add('b', 0), false);
    assert.equal(desk.outbox.messages.length, MAX_MESSAGES);
  });
});
