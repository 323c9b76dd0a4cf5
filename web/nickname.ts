/** A nickname travels inside the text, `<Ana> hola`, so that it reads the same in any terminal. */
export const NICKNAME_MAX = 24;

const NAMED = /^<([^<>\n]{1,24})> ([\s\S]*)$/u;
/** Control characters, and those that turn the direction of the text around them. */
const UNWRITABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069<>]/u;

export interface Named {
  nickname: string | undefined;
  text: string;
}

export function parseNickname(text: string): Named {
  const [, nickname, rest] = NAMED.exec(text) ?? [];
  if (nickname === undefined || rest === undefined || !isNickname(nickname.trim())) {
    return { nickname: undefined, text };
  }
  return { nickname: nickname.trim(), text: rest };
}

export function isNickname(name: string): boolean {
  const length = [...name].length;
  return length >= 1 && length <= NICKNAME_MAX && name.trim() === name && !UNWRITABLE.test(name);
}

/** An empty nickname adds nothing. */
export function withNickname(nickname: string, text: string): string {
  return nickname === '' ? text : `<${nickname}> ${text}`;
}
