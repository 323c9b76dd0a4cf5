import { utf8Bytes } from '../../common/utf8.ts';
import type { Limits } from '../../gateway/protocol.ts';
import type { Outbox } from '../connection/outbox.ts';
import type { TabState } from '../connection/tab-storage.ts';
import { isNickname, parseNickname, withNickname } from '../text/nickname.ts';

/** Each line with words in it: the room knows no newlines inside a message. */
export function splitMessages(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** UTF-8 takes no more bytes for a UTF-16 unit. */
const UTF16_UNIT_MAX_BYTES = 3;

/** Returns the bytes of the longest message of a draft. Each line is a message of its own, under the nickname. */
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

/** What the person writes: the draft, the name it is said under, and its way into the outbox. */
export class Draft {
  readonly #outbox: Outbox;
  readonly #today: () => number;
  #nickname: string;
  #draft: string;
  /** Known once the gateway has told. */
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

  /** What a reload should find again. */
  get snapshot(): Pick<TabState, 'nickname' | 'draft' | 'says'> {
    return { nickname: this.#nickname, draft: this.#draft, says: this.#outbox.snapshot };
  }

  setDraft(draft: string): void {
    this.#draft = draft;
  }

  setNickname(name: string): void {
    if (name === '' || isNickname(name)) this.#nickname = name;
  }

  /** Words that did not reach the room are a draft again. */
  restoreUnsent(): void {
    const unsaid = this.#outbox.takeAll().map(({ text }) => parseNickname(text).text);
    this.#draft = [...unsaid, this.#draft].filter((text) => text !== '').join('\n');
  }

  clear(): void {
    this.#draft = this.#nickname = '';
  }

  /** Each line is a message. Returns the lines for which there was no place. */
  send(text: string): string {
    const lines = splitMessages(text);
    const refused = lines.findIndex((line) => !this.#sendLine(line));
    return refused < 0 ? '' : lines.slice(refused).join('\n');
  }

  #sendLine(line: string): boolean {
    return this.#outbox.add(withNickname(this.#nickname, line.trimEnd()), this.#today());
  }
}
