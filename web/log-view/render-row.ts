import { html } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { MissingState, Target } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import type { Row } from '../timeline/rows.ts';
import './chat-message.ts';
import './log-note.ts';
import { openPart, parts } from '../parts/parts.ts';
import { dates, t } from '../ui/i18n.ts';

interface RowContext {
  mentions: Mentions | undefined;
  target: Target | undefined;
  missingState(missing: Missing): MissingState;
}

/** ScrollAnchor uses rows with `data-anchor`. White space in a template would add a node to each row. */
export function renderRow(row: Row, context: RowContext) {
  switch (row.kind) {
    case 'day':
      return html`<p class="day">${guard([row.at, dates], () => dates.day(row.at))}</p>`;
    case 'unread':
      return html`<p class="unread">${t.unreadFromHere}</p>`;
    case 'message':
      return html`<chat-message data-anchor .mentions=${context.mentions} .message=${row.message} .leads=${row.leads} .formerly=${row.formerly} .isFound=${isFound(row, context)}></chat-message>`;
    case 'outgoing':
      return html`<chat-message data-anchor .message=${row.outgoing} .leads=${row.leads}></chat-message>`;
    case 'missing':
      // Few logs have a hole. The element draws itself once its code is loaded.
      if (parts.stateOf('missing-note') !== 'loaded') openPart('missing-note');
      return html`<missing-note .missing=${row.missing} .state=${context.missingState(row.missing)}></missing-note>`;
    case 'note':
      return html`<log-note data-anchor .note=${row.note} .leads=${row.leads}></log-note>`;
  }
}

function isFound({ message }: Row & { kind: 'message' }, { target }: RowContext): boolean {
  return target?.isFound === true && message.seqs.includes(target.seq);
}
