import { html, nothing } from 'lit';
import { parts } from '../parts/parts.ts';
import { t } from '../ui/i18n.ts';
import {
  type FindLinks,
  isEmojiOnly,
  isLaidOut,
  type MarkupPart,
  mayHoldLinks,
  parseMarkup,
} from './message-markup.ts';

const NONE: FindLinks = () => [];
let findLinks: FindLinks | undefined;
let loading: Promise<boolean> | undefined;

/** Resolves to whether the link finder was loaded now; undefined if the text needs no load. */
export function loadLinks(text: string): Promise<boolean> | undefined {
  if (findLinks !== undefined || !mayHoldLinks(text)) return undefined;
  loading ??= parts.load('links').then(
    (module) => {
      findLinks = module.findLinks;
      return true;
    },
    () => {
      loading = undefined; // Links stay text until the next drawing retries.
      return false;
    },
  );
  return loading;
}

/** Draws the text of a message. A link is as wide as its text, so finding it later moves nothing. */
export function renderMarkup(text: string) {
  if (text === '') return html`<div class="words none">${t.emptyMessage}</div>`;
  const looks = isEmojiOnly(text) ? 'emojis' : isLaidOut(text) ? 'mono' : '';
  return html`<div class="words ${looks}" dir="auto">${renderParts(text)}</div>`;
}

function renderParts(text: string) {
  return text.includes('`') || mayHoldLinks(text)
    ? parseMarkup(text, findLinks ?? NONE).map(renderPart)
    : text;
}

function renderPart(part: MarkupPart) {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'link':
      return html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.text}</a>`;
    case 'code':
      return html`<code>${part.text}</code>`;
    case 'block':
      return html`<pre><code>${part.text}</code></pre>`;
    default:
      part satisfies never;
      return nothing;
  }
}
