import { html } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { MissingState, Target } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import type { Row } from '../timeline/rows.ts';
import './chat-message.ts';
import './log-note.ts';
import './missing-note.ts';
import { dates, t } from '../ui/i18n.ts';

interface RowContext {
  mentions: Mentions | undefined;
  target: Target | undefined;
  holeState(missing: Missing): MissingState;
}

/** What is read may hold on to a row that has `data-holds`. White space around it would be one more node of each. */
export function renderRow(line: Row, reader: RowContext) {
  switch (line.kind) {
    case 'day':
      return html`<p class="day">${guard([line.at, dates], () => dates.day(line.at))}</p>`;
    case 'unread':
      return html`<p class="unread">${t.unreadFromHere}</p>`;
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

function isFound({ message }: Row & { kind: 'message' }, { target }: RowContext): boolean {
  return target?.isFound === true && message.seqs.includes(target.seq);
}
