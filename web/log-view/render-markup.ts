import { html, nothing } from 'lit';
import { type CodeBlock, findCodeBlocks } from '../../common/display/code-blocks.ts';
import {
  type FindLinks,
  isEmojiOnly,
  isLaidOut,
  type MarkupPart,
  mayHoldLinks,
  parseMarkup,
} from '../../common/display/message-markup.ts';
import { openPart, parts } from '../parts/parts.ts';
import { t } from '../ui/i18n.ts';

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

/**
 * Draws the text of a message, or the folded beginning of the `whole` text. A link is as wide as its text, so finding
 * it later moves nothing.
 */
export function renderMarkup(text: string, whole = text) {
  if (text === '') return html`<div class="words none">${t.emptyMessage}</div>`;
  const blocks = findCodeBlocks(whole);
  if (blocks.length > 0) return renderBlocks(text, blocks);
  const looks = isEmojiOnly(text) ? 'emojis' : isLaidOut(text) ? 'mono' : '';
  return html`<div class="words ${looks}" dir="auto">${renderInline(text)}</div>`;
}

function renderInline(text: string) {
  return text.includes('`') || mayHoldLinks(text)
    ? parseMarkup(text, findLinks ?? NONE).map((part) => renderPart(part))
    : text;
}

/** A copy holds the whole code, also where the text is folded. */
function renderBlocks(text: string, blocks: readonly CodeBlock[]) {
  openPart('message-actions');
  const left = blocks.map(({ code }) => code);
  const parts = parseMarkup(text, findLinks ?? NONE).map((part) =>
    renderPart(part, part.kind === 'block' ? left.shift() : undefined),
  );
  return html`<div class="words blocks" dir="auto">${parts}</div>`;
}

function renderPart(part: MarkupPart, whole = part.text) {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'link':
      return html`<a href=${part.href} target="_blank" rel="noopener noreferrer">${part.text}</a>`;
    case 'code':
      return html`<code>${part.text}</code>`;
    case 'block':
      return html`<pre dir="ltr"><copy-code .text=${whole}></copy-code><code>${part.text}</code></pre>`;
    default:
      part satisfies never;
      return nothing;
  }
}
