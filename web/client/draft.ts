import { utf8Bytes } from '../../common/utf8.ts';
import type { Outbox } from '../../connection/outbox.ts';
import type { Limits } from '../../gateway/protocol.ts';
import type { TabState } from '../connection/tab-storage.ts';
import { isNickname, parseNickname, withNickname } from '../text/nickname.ts';

/** Splits a text into messages: one per line that is not blank, because a message holds no newline. */
export function splitMessages(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** UTF-8 needs at most this many bytes per UTF-16 unit. */
const UTF16_UNIT_MAX_BYTES = 3;

/** Returns the size of the longest message of a draft, including the nickname. */
export function longestMessageBytes(draft: string, nickname: string): number {
  let longest = 0;
  for (let start = 0, end = 0; start <= draft.length; start = end + 1) {
    end = draft.indexOf('\n', start);
    if (end < 0) end = draft.length;
    if ((end - start) * UTF16_UNIT_MAX_BYTES > longest)
      longest = Math.max(longest, utf8Bytes(draft.slice(start, end)));
  }
  return longest + utf8Bytes(withNickname(nickname, ''));
}

/** Holds the draft and the nickname, and puts sent lines into the outbox. */
export class Draft {
  readonly #outbox: Outbox;
  readonly #today: () => number;
  #nickname: string;
  #draft: string;
  /** The gateway's limits; undefined before its first greeting. */
  limits: Limits | undefined;

  constructor(outbox: Outbox, today: () => number, { nickname, draft }: TabState) {
    this.#outbox = outbox;
    this.#today = today;
    this.#nickname = nickname;
    this.#draft = draft;
  }

  get nickname(): string {
    return this.#nickname;
  }

  get draft(): string {
    return this.#draft;
  }

  /** The part of the tab state that a reload restores. */
  get snapshot(): Pick<TabState, 'nickname' | 'draft' | 'says'> {
    return { nickname: this.#nickname, draft: this.#draft, says: this.#outbox.snapshot };
  }

  setDraft(draft: string): void {
    this.#draft = draft;
  }

  setNickname(name: string): void {
    if (name === '' || isNickname(name)) this.#nickname = name;
  }

  /** Moves messages that did not reach the room back into the draft. */
  restoreUnsent(): void {
    const unsent = this.#outbox.takeAll().map(({ text }) => parseNickname(text).text);
    this.#draft = [...unsent, this.#draft].filter((text) => text !== '').join('\n');
  }

  clear(): void {
    this.#draft = this.#nickname = '';
  }

  /** Sends each line as a message. Returns the lines that did not fit into the outbox. */
  send(text: string): string {
    const lines = splitMessages(text);
    const refused = lines.findIndex((line) => !this.#sendLine(line));
    return refused < 0 ? '' : lines.slice(refused).join('\n');
  }

  #sendLine(line: string): boolean {
    return this.#outbox.add(withNickname(this.#nickname, line.trimEnd()), this.#today());
  }
}
