import { toPageText } from '../../common/control-characters.ts';
import type { Cancel } from '../../connection/socket.ts';
import type { Entry } from '../../gateway/protocol.ts';
import { parseNickname } from '../text/nickname.ts';
import type { Effects } from './effects.ts';
import type { Preferences } from './preferences.ts';

/** Collects the messages of this period into one notification. */
export const GATHER_MS = 400;
/** Minimum time between two notifications. */
export const PAUSE_MS = 5_000;
/** Longest text in a notification. */
export const TEXT_MAX_CHARACTERS = 200;

/** Content of a notification: the number of messages and the last one. */
export interface MessageNotice {
  count: number;
  sender: string;
  text: string;
  isMention: boolean;
}

interface NotifierEffects extends Pick<Effects, 'startTimer'> {
  preferences(): Pick<Preferences, 'notices' | 'sounds'>;
  show(notice: MessageNotice): void;
  hide(): void;
  playSound(): void;
}

/**
 * Notifies a person who does not see the page about new messages, if the preferences say so.
 *
 *     visible <--show-- (any)      idle --message--> collecting --GATHER_MS--> notified --PAUSE_MS--> idle
 *        `-------hide--------------^                     ^--- message, PAUSE_MS ---'
 */
export class Notifier {
  readonly #effects: NotifierEffects;
  #isVisible = true;
  #cancelTimer: Cancel | undefined;
  /** Messages since the page was last visible. */
  #notice: MessageNotice | undefined;
  #hasNews = false;
  #playsSound = false;

  constructor(effects: NotifierEffects) {
    this.#effects = effects;
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (!isVisible) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#notice = undefined;
    this.#hasNews = this.#playsSound = false;
    this.#effects.hide();
  }

  /** Takes a new message of another person. */
  onMessage(entry: Entry, isMention: boolean): void {
    // The rest of a long message is not another message.
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
  // A mention stays visible, whatever was sent after it.
  if (before?.isMention && !isMention) return { ...before, count };
  const named = parseNickname(toPageText(text));
  const shown = [...named.text.slice(0, 2 * TEXT_MAX_CHARACTERS)].slice(0, TEXT_MAX_CHARACTERS).join('');
  return { count, sender: named.nickname ?? from, text: shown, isMention };
}
