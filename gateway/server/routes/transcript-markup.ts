/** Draws messages as HTML. Every text goes through `escapeHtml`, so a message is shown and never understood. */
import { hueOf, initialOf } from '../../../common/display/avatar-style.ts';
import type { RunMessage } from '../../../common/display/code-runs.ts';
import {
  isEmojiOnly,
  isLaidOut,
  type Link,
  type MarkupPart,
  parseMarkup,
} from '../../../common/display/message-markup.ts';
import type { PageStrings } from './transcript-strings.ts';

export interface FileMessage extends RunMessage {
  /** Id of the person, for a message of a browser. */
  by: string | undefined;
  taken: boolean;
  isHost: boolean;
}

/** How the first message of a group names its speaker. */
export interface Heading {
  time: string;
  formerly: string | undefined;
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** `heading` is undefined for a message that continues a group. `when` is its full time. */
export function renderMessage(
  message: FileMessage,
  heading: Heading | undefined,
  when: string,
  strings: PageStrings,
): string {
  const { nickname, from, forged, hidden, text } = message;
  const classes = [
    `h${hueOf(nickname, from)}`,
    ...(heading ? ['leads'] : []),
    ...(forged ? ['forged'] : []),
    ...(hidden ? ['hidden'] : []),
  ];
  return [
    `<article class="${classes.join(' ')}" title="${escapeHtml(when)}">`,
    heading ? renderSpeaker(message, heading, strings) : '',
    renderText(text, strings),
    forged ? `<p class="warning">⚠ ${escapeHtml(strings.forged)}</p>` : '',
    hidden ? renderMark(strings.hidden) : '',
    '</article>\n',
  ].join('');
}

function renderSpeaker(message: FileMessage, { time, formerly }: Heading, strings: PageStrings): string {
  const { from, nickname, taken, isHost } = message;
  const name = nickname ?? (from || strings.somebody);
  return [
    `<div class="who">${renderAvatar(message, strings)}<b><bdi>${escapeHtml(name)}</bdi></b>`,
    isHost ? renderMark(strings.host) : '',
    taken ? renderMark(strings.taken, ' taken') : '',
    formerly === undefined ? '' : renderMark(strings.formerly(formerly)),
    `<time>${escapeHtml(time)}</time>`,
    nickname === undefined ? '' : `<small class="mono">${escapeHtml(from)}</small>`,
    '</div>',
  ].join(' ');
}

function renderAvatar({ nickname, from, by, forged }: FileMessage, { terminal }: PageStrings): string {
  if (forged) return '<span class="avatar" aria-hidden="true">?</span>';
  return by === undefined
    ? `<span class="avatar terminal" role="img" aria-label="${escapeHtml(terminal)}">&gt;_</span>`
    : `<span class="avatar" aria-hidden="true">${escapeHtml(initialOf(nickname, from))}</span>`;
}

function renderMark(text: string, kind = ''): string {
  return `<span class="mark${kind}">${escapeHtml(text)}</span>`;
}

function renderText(text: string, { emptyMessage }: PageStrings): string {
  if (text === '') return `<div class="words none">${escapeHtml(emptyMessage)}</div>`;
  const parts = parseMarkup(text, findLinks);
  const hasBlocks = parts.some(({ kind }) => kind === 'block');
  const looks = hasBlocks ? ' blocks' : isEmojiOnly(text) ? ' emojis' : isLaidOut(text) ? ' mono' : '';
  return `<div class="words${looks}" dir="auto">${parts.map(renderPart).join('')}</div>`;
}

function renderPart({ kind, ...part }: MarkupPart): string {
  const text = escapeHtml(part.text);
  switch (kind) {
    case 'text':
      return text;
    case 'link':
      return `<a href="${text}" rel="noopener noreferrer">${text}</a>`;
    case 'code':
      return `<code>${text}</code>`;
    case 'block':
      return `<pre dir="ltr"><code>${text}</code></pre>`;
  }
}

const URL_LIKE = /https?:\/\/[^\s<>"'`]+/gi;
const ENDS_SENTENCE = new Set('.,;:!?…');

/** Finds complete URLs. The page of the room finds more, with a library that is made for browsers. */
function findLinks(text: string): Link[] {
  return Array.from(text.matchAll(URL_LIKE), ({ 0: url, index }) => {
    const end = index + lengthOf(url);
    return { start: index, end, href: text.slice(index, end) };
  });
}

/** Returns the length without the marks of the sentence around the URL. */
function lengthOf(url: string): number {
  let end = url.length;
  const isInBrackets = !url.includes('(');
  while (ENDS_SENTENCE.has(url[end - 1] ?? '') || (isInBrackets && url[end - 1] === ')')) end--;
  return end;
}
