export { isNickname, type Named, NICKNAME_MAX, parseNickname } from '../../gateway/protocol.ts';

/** An empty nickname adds nothing. */
export function withNickname(nickname: string, text: string): string {
  return nickname === '' ? text : `<${nickname}> ${text}`;
}
