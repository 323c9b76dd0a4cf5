import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GATHER_MS,
  type MessageNotice,
  Notifier,
  PAUSE_MS,
  TEXT_MAX_CHARACTERS,
} from '../../../web/client/notifier.ts';
import type { Preferences } from '../../../web/client/preferences.ts';
import { ANA, entry, FakeClock } from '../fakes.ts';

class Desk {
  readonly clock = new FakeClock();
  readonly shown: MessageNotice[] = [];
  rings = 0;
  hides = 0;
  preferences: Pick<Preferences, 'notices' | 'sounds'>;
  readonly notifying: Notifier;

  constructor(preferences: Partial<Preferences> = {}) {
    this.preferences = { notices: 'off', sounds: 'off', ...preferences };
    this.notifying = new Notifier({
      preferences: () => this.preferences,
      startTimer: this.clock.wait,
      show: (notice) => this.shown.push(notice),
      hide: () => this.hides++,
      playSound: () => this.rings++,
    });
  }

  /** Somebody looks elsewhere, and this is said. */
  hear(text: string, isMention = false): void {
    this.notifying.setVisible(false);
    this.notifying.onMessage(entry(1, text), isMention);
  }

  get counts(): number[] {
    return this.shown.map(({ count }) => count);
  }
}

describe('notifier', () => {
  it('shows nothing by default', () => {
    const desk = new Desk();
    desk.hear('hola @yo', true);
    desk.clock.pass(PAUSE_MS);
    assert.deepEqual([desk.shown, desk.rings], [[], 0]);
  });

  it('shows the sender and the text while the page is hidden', () => {
    const desk = new Desk({ notices: 'all' });
    desk.hear('<Ana> hola\x1b[31m');
    desk.clock.pass(GATHER_MS);
    assert.deepEqual(desk.shown, [{ count: 1, sender: 'Ana', text: 'hola', isMention: false }]);
  });

  it('shows nothing while the page is visible', () => {
    const desk = new Desk({ notices: 'all', sounds: 'all' });
    desk.notifying.onMessage(entry(1, 'hola'), true);
    desk.clock.pass(PAUSE_MS);
    assert.deepEqual([desk.shown, desk.rings], [[], 0]);
  });

  it('shows only mentions with the preference `mentions`', () => {
    const desk = new Desk({ notices: 'mentions', sounds: 'mentions' });
    desk.hear('hola');
    desk.clock.pass(PAUSE_MS);
    assert.deepEqual([desk.shown, desk.rings], [[], 0]);
    desk.hear('hola @yo', true);
    desk.clock.pass(GATHER_MS);
    assert.deepEqual([desk.counts, desk.rings], [[1], 1]);
  });

  it('shows a burst as one notification, and later messages together', () => {
    const desk = new Desk({ notices: 'all', sounds: 'all' });
    for (let i = 0; i < 100; i++) desk.hear(`${i}`);
    desk.clock.pass(GATHER_MS);
    for (let i = 0; i < 100; i++) desk.hear(`${i}`);
    desk.clock.pass(PAUSE_MS - 1);
    assert.deepEqual([desk.counts, desk.rings], [[100], 1]);
    desk.clock.pass(1);
    assert.deepEqual([desk.counts, desk.rings], [[100, 200], 2]);
    desk.clock.pass(10 * PAUSE_MS);
    assert.deepEqual(desk.counts, [100, 200]);
  });

  it('shows a mention instead of the message after it', () => {
    const desk = new Desk({ notices: 'all' });
    desk.hear('hola @yo', true);
    desk.hear('otra cosa');
    desk.clock.pass(GATHER_MS);
    assert.deepEqual(desk.shown, [{ count: 2, sender: ANA, text: 'hola @yo', isMention: true }]);
  });

  it('hides its notification and counts from zero once the page was visible', () => {
    const desk = new Desk({ notices: 'all' });
    desk.hear('uno');
    desk.clock.pass(GATHER_MS);
    desk.notifying.setVisible(true);
    assert.equal(desk.hides, 1);
    desk.hear('dos');
    desk.clock.pass(GATHER_MS);
    assert.deepEqual(desk.counts, [1, 1]);
    desk.hear('tres');
    desk.notifying.setVisible(true);
    desk.clock.pass(PAUSE_MS);
    assert.deepEqual(desk.counts, [1, 1]);
  });

  it('counts a long message once, but finds a mention anywhere in it', () => {
    const desk = new Desk({ notices: 'all' });
    desk.hear('uno');
    desk.notifying.onMessage(entry(2, 'sigue', { continues: 1 }), false);
    desk.clock.pass(GATHER_MS);
    assert.deepEqual(desk.counts, [1]);
    desk.notifying.onMessage(entry(3, 'sigue, @yo', { continues: 1 }), true);
    desk.clock.pass(PAUSE_MS);
    assert.equal(desk.shown.at(-1)?.isMention, true);
  });

  it('shortens a text between two whole characters', () => {
    const desk = new Desk({ notices: 'all' });
    desk.hear('🎉'.repeat(TEXT_MAX_CHARACTERS + 1));
    desk.clock.pass(GATHER_MS);
    assert.equal(desk.shown[0]?.text, '🎉'.repeat(TEXT_MAX_CHARACTERS));
  });
});
