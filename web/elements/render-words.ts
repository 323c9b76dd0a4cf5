import { html, nothing } from 'lit';
import { type FindLinks, isEmojiOnly, isLaidOut, mayHoldLinks, type Part, partsOf } from '../prose.ts';
import { words } from './words.ts';

let findLinks: FindLinks = () => [];
let loading: Promise<unknown> | undefined;
let areLinksFound = false;

/** Resolves once links are found in a text that may hold some; undefined if they are already. */
export function linksComing(text: string): Promise<unknown> | undefined {
  if (areLinksFound || !mayHoldLinks(text)) return undefined;
  loading ??= import('../links.ts').then(
    (module) => {
      findLinks = module.findLinks;
      areLinksFound = true;
    },
    () => {}, // They stay text.
  );
  return loading;
}

/** What somebody said. A link is as wide as its text: that it is found later moves nothing. */
export function renderWords(text: string) {
  if (text === '') return html`<div class="words none">${words.noWords}</div>`;
  const looks = isEmojiOnly(text) ? 'emojis' : isLaidOut(text) ? 'mono' : '';
  return html`<div class="words ${looks}" dir="auto">${renderParts(text)}</div>`;
}

function renderParts(text: string) {
  return text.includes('`') || mayHoldLinks(text) ? partsOf(text, findLinks).map(renderPart) : text;
}

function renderPart(part: Part) {
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
