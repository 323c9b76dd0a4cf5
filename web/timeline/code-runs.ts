import { CodeRun, joinRun, mayJoin } from '../../common/display/code-runs.ts';
import type { LogItem, Message } from './log-segment.ts';

/** Reuses the result for an unchanged run, because a busy room rebuilds all rows often. Keyed by the first message. */
const joinedRuns = new WeakMap<Message, { run: readonly Message[]; joined: readonly Message[] }>();

/** Joins consecutive messages whose lines are one block of code. Their numbers stay, and the log does not change. */
export function joinCode(items: readonly LogItem[]): readonly LogItem[] {
  const groups: (readonly LogItem[])[] = [];
  let run = new CodeRun<Message>();
  const endRun = () => {
    groups.push(joinAgain(run.messages));
    run = new CodeRun();
  };
  for (const item of items) {
    if (item.kind === 'message') {
      if (run.add(item)) continue;
      endRun();
      run.add(item);
    } else {
      endRun();
      groups.push([item]);
    }
  }
  endRun();
  return groups.flat();
}

function joinAgain(run: readonly Message[]): readonly Message[] {
  const [first] = run;
  if (first === undefined || !mayJoin(run)) return run;
  const before = joinedRuns.get(first);
  if (before?.run.length === run.length && before.run.every((message, i) => message === run[i])) {
    return before.joined;
  }
  const joined = joinRun(run);
  joinedRuns.set(first, { run, joined });
  return joined;
}
