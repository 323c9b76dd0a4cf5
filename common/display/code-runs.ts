import { findCodeBlocks, mayHoldCode } from './code-blocks.ts';
import { isSameSpeaker, type Speaker } from './speakers.ts';

/** Messages of one speaker within this pause may be lines of one block of code. A paste arrives faster. */
export const RUN_PAUSE_MS = 2_000;

/** Longest message shown as one. A longer one, for example a piped file, is shown in parts. A run has the same limit. */
export const MESSAGE_MAX_CHARACTERS = 16_384;

/** A message, as far as a block of code depends on it. */
export interface RunMessage extends Speaker {
  /** Numbers of the entries that the message consists of. */
  seqs: readonly number[];
  at: number;
  text: string;
  forged: boolean;
  hidden?: true;
}

/** Consecutive messages of one speaker, which may be lines of one block of code. */
export class CodeRun<Message extends RunMessage> {
  readonly messages: Message[] = [];
  #characters = 0;

  /** Returns false if the message begins another run. */
  add(message: Message): boolean {
    if (!this.#accepts(message)) return false;
    this.messages.push(message);
    this.#characters += message.text.length + 1;
    return true;
  }

  #accepts(message: Message): boolean {
    const last = this.messages.at(-1);
    if (last === undefined) return true;
    if (this.#characters + message.text.length > MESSAGE_MAX_CHARACTERS) return false;
    const isSoon = message.at - last.at <= RUN_PAUSE_MS;
    const isSameKind = message.forged === last.forged && message.hidden === last.hidden;
    return isSoon && isSameKind && isSameSpeaker(last, message);
  }
}

export function mayJoin(run: readonly RunMessage[]): boolean {
  return run.length > 1 && run.some(({ text }) => mayHoldCode(text));
}

/** Joins the messages of a run whose lines are one block of code. */
export function joinRun<Message extends RunMessage>(run: readonly Message[]): readonly Message[] {
  return mayJoin(run) ? groupsOf(run).map(joinMessages) : run;
}

/** Groups the messages that a block of code begins in, goes through and ends in. */
function groupsOf<Message extends RunMessage>(run: readonly Message[]): Message[][] {
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

function joinMessages<Message extends RunMessage>(group: readonly Message[]): Message {
  const [first] = group as [Message];
  if (group.length === 1) return first;
  return {
    ...first,
    seqs: group.flatMap(({ seqs }) => seqs),
    text: group.map(({ text }) => text).join('\n'),
  };
}
