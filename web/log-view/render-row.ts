import { html } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { HoleState, Target } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import type { Line } from '../timeline/rows.ts';
import './chat-message.ts';
import './log-note.ts';
import './missing-note.ts';
import { times, words } from '../ui/i18n.ts';

interface Reader {
  mentions: Mentions | undefined;
  target: Target | undefined;
  holeState(missing: Missing): HoleState;
}

/** What is read may hold on to a row that has `data-holds`. White space around it would be one more node of each. */
export function renderLine(line: Line, reader: Reader) {
  switch (line.kind) {
    case 'day':
      return html`<p class="day">${guard([line.at, times], () => times.day(line.at))}</p>`;
    case 'unread':
      return html`<p class="unread">${words.unreadFromHere}</p>`;
    case 'message':
      return html`<chat-message data-holds .mentions=${reader.mentions} .speech=${line.message} .leads=${line.leads} .isFound=${isFound(line, reader)}></chat-message>`;
    case 'say':
      return html`<chat-message data-holds .speech=${line.say} .leads=${line.leads}></chat-message>`;
    case 'missing':
      return html`<missing-note .missing=${line.missing} .state=${reader.holeState(line.missing)}></missing-note>`;
    case 'note':
      return html`<log-note data-holds .note=${line.note} .leads=${line.leads}></log-note>`;
  }
}

function isFound({ message }: Line & { kind: 'message' }, { target }: Reader): boolean {
  return target?.isFound === true && message.seqs.includes(target.seq);
}
