import { findCodeBlocks, mayHoldCode } from '../text/code-blocks.ts';
import { type LogItem, MESSAGE_MAX_CHARACTERS, type Message } from './log-segment.ts';

/** Messages of one speaker within this pause may be lines of one block of code. A paste arrives faster. */
export const RUN_PAUSE_MS = 2_000;

/** Reuses the result for an unchanged run, because a busy room rebuilds all rows often. Keyed by the first message. */
const joinedRuns = new WeakMap<Message, { run: readonly Message[]; joined: readonly Message[] }>();

export type Speaker = Pick<Message, 'mine' | 'from' | 'nickname'>;

export function isSameSpeaker(a: Speaker, b: Speaker): boolean {
  return a.mine === b.mine && (a.mine || a.from === b.from) && a.nickname === b.nickname;
}

/** Joins consecutive messages whose lines are one block of code. Their numbers stay, and the log does not change. */
export function joinCode(items: readonly LogItem[]): readonly LogItem[] {
  const groups: (readonly LogItem[])[] = [];
  let run: Message[] = [];
  let length = 0;
  const endRun = () => {
    groups.push(run.some(({ text }) => mayHoldCode(text)) ? joinRun(run) : run);
    run = [];
    length = 0;
  };
  for (const item of items) {
    if (item.kind === 'message') {
      const isTooLong = length + item.text.length > MESSAGE_MAX_CHARACTERS;
      if (isTooLong || !continues(run.at(-1), item)) endRun();
      run.push(item);
      length += item.text.length + 1;
    } else {
      endRun();
      groups.push([item]);
    }
  }
  endRun();
  return groups.flat();
}

function continues(last: Message | undefined, message: Message): boolean {
  if (last === undefined || message.at - last.at > RUN_PAUSE_MS) return false;
  return isSameSpeaker(last, message) && message.forged === last.forged && message.hidden === last.hidden;
}

function joinRun(run: readonly Message[]): readonly Message[] {
  const [first] = run as [Message];
  const before = joinedRuns.get(first);
  if (before?.run.length === run.length && before.run.every((message, i) => message === run[i])) {
    return before.joined;
  }
  const joined = groupsOf(run).map(joinMessages);
  joinedRuns.set(first, { run, joined });
  return joined;
}

/** Groups the messages that a block of code begins in, goes through and ends in. */
function groupsOf(run: readonly Message[]): Message[][] {
  const blocks = findCodeBlocks(run.map(({ text }) => text).join('\n'));
  const groups: Message[][] = [];
  let start = 0;
  for (const message of run) {
    const isInside = blocks.some((block) => block.start < start && block.end > start);
    if (isInside) groups.at(-1)?.push(message);
    else groups.push([message]);
    start += message.text.length + 1;
  }
  return groups;
}

function joinMessages(group: readonly Message[]): Message {
  const [first] = group as [Message];
  if (group.length === 1) return first;
  return {
    ...first,
    seqs: group.flatMap(({ seqs }) => seqs),
    text: group.map(({ text }) => text).join('\n'),
  };
}
