/**
 * Rules that the hosts have set, and how an act changes them. Pure, because another gateway of a cluster may act at the
 * same time: then the act is applied again, to the newer rules.
 */
import { toPageText } from '../../../common/control-characters.ts';
import { pinLineOf } from '../../../common/display/pin-line.ts';
import { type ClientMessage, type ErrorCode, PIN_MAX, parseNickname } from '../../protocol.ts';
import { HIDDEN_MAX } from '../../transcript/hidden-messages.ts';
import { type HiddenMark, type HostSettings, SHOWN_REMEMBERED } from '../../transcript/moderation-store.ts';

export type HostMessage = Extract<ClientMessage, { type: 'hide' | 'silence' | 'pause' | 'pin' | 'title' }>;

export interface HostRules {
  settings: HostSettings;
  /** The last act on each message, oldest first. */
  marks: ReadonlyMap<number, HiddenMark>;
  /** Marks of messages before this entry were dropped, because the log has forgotten them. */
  marksFrom: number;
  /** Ends of silences, ms since 1970, by the public id of the person. */
  silences: ReadonlyMap<string, number>;
}

/** State of the room that an act refers to. */
export interface ActContext {
  /** The oldest seq that is kept. */
  tail: number;
  /** ms since 1970 */
  now: number;
  /** Returns the first entry of the message with this entry, if there is one. */
  rootOf(seq: number): number | undefined;
  /** Returns the text of the message with this first entry. */
  textOf(root: number): string;
  /** Everybody in the room, once for each session. */
  people(): Iterable<{ publicId: string; isHost: boolean }>;
}

/** Returns the rules after an act, or why it is refused. Undefined: it changes nothing. */
export function changeRules(
  rules: HostRules,
  message: HostMessage,
  context: ActContext,
): HostRules | ErrorCode | undefined {
  switch (message.type) {
    case 'hide':
      return hide(rules, message.seq, message.hidden, context);
    case 'silence':
      return silence(rules, message.who, message.seconds, context);
    case 'pause':
      return set(rules, { paused: message.paused });
    case 'pin':
      return set(rules, { pinned: message.text });
    case 'title':
      return set(rules, { title: message.text });
    default:
      return message satisfies never;
  }
}

function set(rules: HostRules, change: Partial<HostSettings>): HostRules {
  const { settings } = rules;
  return { ...rules, settings: { ...settings, ...change, revision: settings.revision + 1 } };
}

function hide(
  rules: HostRules,
  seq: number,
  isHidden: boolean,
  { tail, rootOf, textOf }: ActContext,
): HostRules | ErrorCode | undefined {
  const root = rootOf(seq);
  if (root === undefined) return 'not-found';
  const isNow = rules.marks.get(root)?.isHidden ?? false;
  if (isNow === isHidden) return undefined;
  const marksFrom = Math.max(tail, rules.marksFrom);
  const others = [...rules.marks.values()].filter((mark) => mark.root !== root && mark.root >= marksFrom);
  const hidden = others.filter((mark) => mark.isHidden);
  if (isHidden && hidden.length >= HIDDEN_MAX) return 'too-many';
  const revision = rules.settings.revision + 1;
  const shown = others.filter((mark) => !mark.isHidden).slice(-SHOWN_REMEMBERED);
  const kept = others.filter((mark) => mark.isHidden || shown.includes(mark));
  const marks = new Map([...kept, { root, isHidden, revision }].map((mark) => [mark.root, mark]));
  const { pinned } = rules.settings;
  const isPinned =
    isHidden && pinned !== '' && pinned === pinLineOf(parseNickname(toPageText(textOf(root))).text, PIN_MAX);
  return set({ ...rules, marks, marksFrom }, isPinned ? { pinned: '' } : {});
}

function silence(
  rules: HostRules,
  who: string,
  seconds: number,
  { now, people }: ActContext,
): HostRules | ErrorCode {
  const sessions = [...people()].filter(({ publicId }) => publicId === who);
  if (sessions.length === 0 || sessions.some(({ isHost }) => isHost)) return 'not-found';
  const others = [...rules.silences].filter(([id, end]) => id !== who && end > now);
  const silences = new Map(others);
  if (seconds > 0) silences.set(who, now + 1000 * seconds);
  return { ...rules, silences };
}
