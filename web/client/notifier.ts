import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import { parseNickname } from '../text/nickname.ts';
import { stripControls } from '../text/strip-controls.ts';
import type { Preferences } from './preferences.ts';

/** How long what comes together is gathered before it is told, ms. */
export const GATHER = 400;
/** What comes after that is told together, and no sooner than this, ms. */
export const PAUSE = 5_000;
/** As much of a message as a notification has room for, characters. */
export const NOTICE_MAX = 200;

/** What somebody is told who looks elsewhere: how many messages, and the last of them. */
export interface Notice {
  count: number;
  who: string;
  text: string;
  isMention: boolean;
}

export interface NotifierEffects {
  preferences(): Pick<Preferences, 'notices' | 'sounds'>;
  startTimer(ms: number, then: () => void): Cancel;
  show(notice: Notice): void;
  hide(): void;
  playSound(): void;
}

/**
 * Tells who looks elsewhere what was said, if that was asked for.
 *
 *     watched <--look-- (any)      idle --hear--> gathering --GATHER--> told --PAUSE--> idle
 *        `-----look away-----------^                 ^-- heard meanwhile, PAUSE --'
 */
export class Notifier {
  readonly #effects: NotifierEffects;
  #isWatched = true;
  #stopWaiting: Cancel | undefined;
  /** Since somebody last looked. */
  #notice: Notice | undefined;
  #isNews = false;
  #rings = false;

  constructor(effects: NotifierEffects) {
    this.#effects = effects;
  }

  /** The page is in front of somebody, or no longer is. */
  setVisible(isWatched: boolean): void {
    this.#isWatched = isWatched;
    if (!isWatched) return;
    this.#stopWaiting?.();
    this.#stopWaiting = this.#notice = undefined;
    this.#isNews = this.#rings = false;
    this.#effects.hide();
  }

  /** Somebody else said this just now. */
  onMessage(entry: Entry, isMention: boolean): void {
    // The rest of a long message is no other one.
    if (this.#isWatched || (entry.continues !== undefined && !isMention)) return;
    const { notices, sounds } = this.#effects.preferences();
    if (concerns(sounds, isMention)) this.#rings = true;
    if (concerns(notices, isMention)) {
      this.#notice = noticeOf(entry, isMention, this.#notice);
      this.#isNews = true;
    }
    if (this.#isNews || this.#rings)
      this.#stopWaiting ??= this.#effects.startTimer(GATHER, () => this.#tell());
  }

  #tell(): void {
    this.#stopWaiting = undefined;
    if (!this.#isNews && !this.#rings) return;
    if (this.#isNews && this.#notice !== undefined) this.#effects.show(this.#notice);
    if (this.#rings) this.#effects.playSound();
    this.#isNews = this.#rings = false;
    this.#stopWaiting = this.#effects.startTimer(PAUSE, () => this.#tell());
  }
}

function concerns(scope: Preferences['notices'], isMention: boolean): boolean {
  return scope === 'all' || (scope === 'mentions' && isMention);
}

function noticeOf({ from, text }: Entry, isMention: boolean, before: Notice | undefined): Notice {
  const count = (before?.count ?? 0) + 1;
  // Who is spoken to wants to know by whom, whatever was said after it.
  if (before?.isMention && !isMention) return { ...before, count };
  const said = parseNickname(stripControls(text));
  const shown = [...said.text.slice(0, 2 * NOTICE_MAX)].slice(0, NOTICE_MAX).join('');
  return { count, who: said.nickname ?? from, text: shown, isMention };
}
