/**
 * Senders of lines in a room without headers.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SentLines } from '../../../gateway/hub/sent-lines.ts';

/** More lines than the index keeps without a sweep. */
const MANY = 5_000;

class Sender {
  readonly sent: string[] = [];
  readonly #lines: SentLines<Sender>;
  static asked = 0;

  constructor(lines: SentLines<Sender>) {
    this.#lines = lines;
  }

  sends(text: string): void {
    this.sent.push(text);
    this.#lines.add(this, `${text}\n`);
  }

  findSentLine(lines: string[]): string | undefined {
    Sender.asked++;
    return this.sent.find((text) => lines.includes(text));
  }

  receives(text: string): void {
    this.sent.splice(this.sent.indexOf(text), 1);
  }
}

describe('sent lines', () => {
  test('sent lines find the sender of a line, and none for an unknown line', () => {
    const lines = new SentLines<Sender>();
    const ana = new Sender(lines);
    ana.sends('hola');
    assert.deepEqual(lines.find(['<user5> hola', 'hola']), { sender: ana, text: 'hola' });
    assert.equal(lines.find(['adiós']), undefined);
  });

  test('sent lines find each sender of equal lines once, the first first', () => {
    const lines = new SentLines<Sender>();
    const [ana, luis] = [new Sender(lines), new Sender(lines)];
    for (const sender of [ana, luis]) sender.sends('sí');
    for (const sender of [ana, luis]) {
      assert.equal(lines.find(['sí'])?.sender, sender);
      sender.receives('sí');
    }
    assert.equal(lines.find(['sí']), undefined);
  });

  test('sent lines find a sender that sent the same line again', () => {
    const lines = new SentLines<Sender>();
    const ana = new Sender(lines);
    for (let time = 0; time < 2; time++) {
      ana.sends('sí');
      assert.equal(lines.find(['sí'])?.sender, ana);
      ana.receives('sí');
    }
  });

  test('sent lines ask one sender per line, however many there are', () => {
    const lines = new SentLines<Sender>();
    const senders = Array.from({ length: MANY }, () => new Sender(lines));
    for (const [index, sender] of senders.entries()) sender.sends(`texto ${index}`);
    Sender.asked = 0;
    for (const [index, sender] of senders.entries())
      assert.equal(lines.find([`texto ${index}`])?.sender, sender);
    assert.equal(Sender.asked, MANY);
    assert.equal(lines.find(['de una terminal']), undefined);
    assert.equal(Sender.asked, MANY);
  });

  test('sent lines evict lines without a waiting sender, at constant cost per line', () => {
    const lines = new SentLines<Sender>();
    const ana = new Sender(lines);
    Sender.asked = 0;
    for (let index = 0; index < MANY; index++) {
      ana.sends(`texto ${index}`);
      ana.receives(`texto ${index}`);
    }
    assert.ok(lines.size <= 1_000, `${lines.size} texts are kept`);
    assert.ok(Sender.asked <= 2 * MANY, `asked ${Sender.asked} times`);
  });
});
