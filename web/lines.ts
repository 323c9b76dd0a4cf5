import type { LogItem, Message } from './log.ts';
import type { Say } from './outbox.ts';

/** After a longer pause a speaker is named again, ms. */
export const GROUP_PAUSE = 5 * 60_000;

/** What is drawn, from top to bottom. `leads`: the first of its speaker's, so it says whose it is. */
export type Line =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'message'; key: string; message: Message; leads: boolean }
  | { kind: 'say'; key: string; say: Say; leads: boolean }
  | { kind: 'note'; key: string; note: Note };

export type Note = Exclude<LogItem, Message>;

interface Composed {
  items: readonly LogItem[];
  last: number;
}

/** The log, with the page's own words that are not in it: where they were settled, or else at the end. */
export function composeLines(
  log: Composed,
  says: readonly Say[],
  places: ReadonlyMap<string, number>,
): readonly Line[] {
  const composer = new Composer();
  const placeOf = ({ id }: Say) => places.get(id) ?? Number.POSITIVE_INFINITY;
  const inPlace = says
    .filter(({ seq }) => seq === undefined || seq > log.last)
    .sort((a, b) => placeOf(a) - placeOf(b) || 0);
  let next = 0;
  const addUpTo = (order: number) => {
    for (let say = inPlace[next]; say && placeOf(say) <= order; say = inPlace[++next]) composer.addSay(say);
  };
  for (const item of log.items) {
    addUpTo(item.order);
    composer.addItem(item);
  }
  addUpTo(Number.POSITIVE_INFINITY);
  return composer.lines;
}

class Composer {
  readonly lines: Line[] = [];
  readonly #day = new DayClock();
  #speaker = '';
  #at = 0;

  addItem(item: LogItem): void {
    if (item.kind === 'message') {
      const { key, at, mine, from, nickname } = item;
      this.#beginDay(at, key);
      const leads = this.#speak(mine ? 'me' : `${from} ${nickname ?? ''}`, at);
      this.lines.push({ kind: 'message', key, message: item, leads });
    } else {
      if (item.kind === 'notice') this.#beginDay(item.at, item.key);
      this.#speaker = '';
      this.lines.push({ kind: 'note', key: item.key, note: item });
    }
  }

  addSay(say: Say): void {
    this.#beginDay(say.at, say.id);
    this.lines.push({ kind: 'say', key: `say-${say.id}`, say, leads: this.#speak('me', say.at) });
  }

  #speak(speaker: string, at: number): boolean {
    const leads = speaker !== this.#speaker || at - this.#at > GROUP_PAUSE;
    this.#speaker = speaker;
    this.#at = at;
    return leads;
  }

  #beginDay(at: number, next: string): void {
    if (!this.#day.turns(at)) return;
    this.#speaker = '';
    this.lines.push({ kind: 'day', key: `day-of-${next}`, at });
  }
}

/** Tells when a time is on another day than the last; most are on the same, which costs a comparison. */
class DayClock {
  #start = Number.NaN;
  #end = Number.NaN;

  turns(at: number): boolean {
    if (at >= this.#start && at < this.#end) return false;
    const day = new Date(at);
    this.#start = day.setHours(0, 0, 0, 0);
    this.#end = day.setDate(day.getDate() + 1);
    return true;
  }
}
