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
import { ANA, entry, ManualClock } from '../fakes.ts';

class NotifierHarness {
  readonly clock = new ManualClock();
  readonly shown: MessageNotice[] = [];
  sounds = 0;
  hides = 0;
  preferences: Pick<Preferences, 'notices' | 'sounds'>;
  readonly notifier: Notifier;

  constructor(preferences: Partial<Preferences> = {}) {
    this.preferences = { notices: 'off', sounds: 'off', ...preferences };
    this.notifier = new Notifier({
      preferences: () => this.preferences,
      startTimer: this.clock.startTimer,
      show: (notice) => this.shown.push(notice),
      hide: () => this.hides++,
      playSound: () => this.sounds++,
    });
  }

  /** Hides the page and receives a message. */
  receiveHidden(text: string, isMention = false): void {
    this.notifier.setVisible(false);
    this.notifier.onMessage(entry(1, text), isMention);
  }

  get counts(): number[] {
    return this.shown.map(({ count }) => count);
  }
}

describe('notifier', () => {
  it('shows nothing by default', () => {
    const harness = new NotifierHarness();
    harness.receiveHidden('hola @yo', true);
    harness.clock.pass(PAUSE_MS);
    assert.deepEqual([harness.shown, harness.sounds], [[], 0]);
  });

  it('shows the sender and the text while the page is hidden', () => {
    const harness = new NotifierHarness({ notices: 'all' });
    harness.receiveHidden('<Ana> hola\x1b[31m');
    harness.clock.pass(GATHER_MS);
    assert.deepEqual(harness.shown, [{ count: 1, sender: 'Ana', text: 'hola', isMention: false }]);
  });

  it('shows nothing while the page is visible', () => {
    const harness = new NotifierHarness({ notices: 'all', sounds: 'all' });
    harness.notifier.onMessage(entry(1, 'hola'), true);
    harness.clock.pass(PAUSE_MS);
    assert.deepEqual([harness.shown, harness.sounds], [[], 0]);
  });

  it('shows only mentions with the preference `mentions`', () => {
    const harness = new NotifierHarness({ notices: 'mentions', sounds: 'mentions' });
    harness.receiveHidden('hola');
    harness.clock.pass(PAUSE_MS);
    assert.deepEqual([harness.shown, harness.sounds], [[], 0]);
    harness.receiveHidden('hola @yo', true);
    harness.clock.pass(GATHER_MS);
    assert.deepEqual([harness.counts, harness.sounds], [[1], 1]);
  });

  it('shows a burst as one notification, and later messages together', () => {
    const harness = new NotifierHarness({ notices: 'all', sounds: 'all' });
    for (let i = 0; i < 100; i++) harness.receiveHidden(`${i}`);
    harness.clock.pass(GATHER_MS);
    for (let i = 0; i < 100; i++) harness.receiveHidden(`${i}`);
    harness.clock.pass(PAUSE_MS - 1);
    assert.deepEqual([harness.counts, harness.sounds], [[100], 1]);
    harness.clock.pass(1);
    assert.deepEqual([harness.counts, harness.sounds], [[100, 200], 2]);
    harness.clock.pass(10 * PAUSE_MS);
    assert.deepEqual(harness.counts, [100, 200]);
  });

  it('shows a mention instead of the message after it', () => {
    const harness = new NotifierHarness({ notices: 'all' });
    harness.receiveHidden('hola @yo', true);
    harness.receiveHidden('otra cosa');
    harness.clock.pass(GATHER_MS);
    assert.deepEqual(harness.shown, [{ count: 2, sender: ANA, text: 'hola @yo', isMention: true }]);
  });

  it('hides its notification and counts from zero once the page was visible', () => {
    const harness = new NotifierHarness({ notices: 'all' });
    harness.receiveHidden('uno');
    harness.clock.pass(GATHER_MS);
    harness.notifier.setVisible(true);
    assert.equal(harness.hides, 1);
    harness.receiveHidden('dos');
    harness.clock.pass(GATHER_MS);
    assert.deepEqual(harness.counts, [1, 1]);
    harness.receiveHidden('tres');
    harness.notifier.setVisible(true);
    harness.clock.pass(PAUSE_MS);
    assert.deepEqual(harness.counts, [1, 1]);
  });

  it('counts a long message once, but finds a mention anywhere in it', () => {
    const harness = new NotifierHarness({ notices: 'all' });
    harness.receiveHidden('uno');
    harness.notifier.onMessage(entry(2, 'sigue', { continues: 1 }), false);
    harness.clock.pass(GATHER_MS);
    assert.deepEqual(harness.counts, [1]);
    harness.notifier.onMessage(entry(3, 'sigue, @yo', { continues: 1 }), true);
    harness.clock.pass(PAUSE_MS);
    assert.equal(harness.shown.at(-1)?.isMention, true);
  });

  it('shortens a text between two whole characters', () => {
    const harness = new NotifierHarness({ notices: 'all' });
    harness.receiveHidden('🎉'.repeat(TEXT_MAX_CHARACTERS + 1));
    harness.clock.pass(GATHER_MS);
    assert.equal(harness.shown[0]?.text, '🎉'.repeat(TEXT_MAX_CHARACTERS));
  });
});
