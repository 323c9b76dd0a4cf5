import { toPageText } from '../../common/control-characters.ts';
import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import { parseNickname } from '../text/nickname.ts';
import type { Preferences } from './preferences.ts';

/** How long what comes together is gathered before it is told, ms. */
export const GATHER_MS = 400;
/** What comes after that is told together, and no sooner than this, ms. */
export const PAUSE_MS = 5_000;
/** As much of a message as a notification has room for, characters. */
export const TEXT_MAX_CHARACTERS = 200;

/** What somebody is told who looks elsewhere: how many messages, and the last of them. */
export interface MessageNotice {
  count: number;
  sender: string;
  text: string;
  isMention: boolean;
}

export interface NotifierEffects {
  preferences(): Pick<Preferences, 'notices' | 'sounds'>;
  startTimer(ms: number, then: () => void): Cancel;
  show(notice: MessageNotice): void;
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
  #isVisible = true;
  #cancelTimer: Cancel | undefined;
  /** Since somebody last looked. */
  #notice: MessageNotice | undefined;
  #hasNews = false;
  #playsSound = false;

  constructor(effects: NotifierEffects) {
    this.#effects = effects;
  }

  /** The page is in front of somebody, or no longer is. */
  setVisible(isWatched: boolean): void {
    this.#isVisible = isWatched;
    if (!isWatched) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#notice = undefined;
    this.#hasNews = this.#playsSound = false;
    this.#effects.hide();
  }

  /** Somebody else said this just now. */
  onMessage(entry: Entry, isMention: boolean): void {
    // The rest of a long message is no other one.
    if (this.#isVisible || (entry.continues !== undefined && !isMention)) return;
    const { notices, sounds } = this.#effects.preferences();
    if (concerns(sounds, isMention)) this.#playsSound = true;
    if (concerns(notices, isMention)) {
      this.#notice = noticeOf(entry, isMention, this.#notice);
      this.#hasNews = true;
    }
    if (this.#hasNews || this.#playsSound)
      this.#cancelTimer ??= this.#effects.startTimer(GATHER_MS, () => this.#notify());
  }

  #notify(): void {
    this.#cancelTimer = undefined;
    if (!this.#hasNews && !this.#playsSound) return;
    if (this.#hasNews && this.#notice !== undefined) this.#effects.show(this.#notice);
    if (this.#playsSound) this.#effects.playSound();
    this.#hasNews = this.#playsSound = false;
    this.#cancelTimer = this.#effects.startTimer(PAUSE_MS, () => this.#notify());
  }
}

function concerns(scope: Preferences['notices'], isMention: boolean): boolean {
  return scope === 'all' || (scope === 'mentions' && isMention);
}

function noticeOf(
  { from, text }: Entry,
  isMention: boolean,
  before: MessageNotice | undefined,
): MessageNotice {
  const count = (before?.count ?? 0) + 1;
  // Who is spoken to wants to know by whom, whatever was said after it.
  if (before?.isMention && !isMention) return { ...before, count };
  const said = parseNickname(toPageText(text));
  const shown = [...said.text.slice(0, 2 * TEXT_MAX_CHARACTERS)].slice(0, TEXT_MAX_CHARACTERS).join('');
  return { count, sender: said.nickname ?? from, text: shown, isMention };
}
