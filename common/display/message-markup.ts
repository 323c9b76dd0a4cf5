import { findCodeBlocks } from './code-blocks.ts';

/** A part of a message's text, and its kind. */
export type MarkupPart =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  /** `code` is between backticks, `block` is code of whole lines. */
  | { kind: 'code' | 'block'; text: string };

/** The place of a link in a text. */
export interface Link {
  start: number;
  end: number;
  href: string;
}

export type FindLinks = (text: string) => readonly Link[];

/** A longer row of emojis is drawn as text. This is twelve simple emojis or two families, UTF-16 units. */
const EMOJIS_MAX = 24;

const CODE = /`([^`\n]+)`/g;
const LINK_LIKE = /https?:\/\/|www\./i;
/** Matches indented text and columns, where white space has a meaning. */
const LAID_OUT = /^(?:\t| {2,})\S|\S(?:\t| {3,})\S/m;
const EMOJIS =
  /^(?:[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Regional_Indicator}\u{e0020}-\u{e007f}\s]|\p{Emoji_Modifier}|\u200d|\ufe0f)+$/u;

export function parseMarkup(text: string, findLinks: FindLinks): MarkupPart[] {
  const parts: MarkupPart[] = [];
  let end = 0;
  for (const { start, end: after, code } of findCodeBlocks(text)) {
    // A block begins and ends a line by itself.
    addInline(parts, text.slice(end, start).replace(/\n$/, ''), findLinks);
    parts.push({ kind: 'block', text: code });
    end = text[after] === '\n' ? after + 1 : after;
  }
  addInline(parts, text.slice(end), findLinks);
  return parts;
}

/** Returns whether it is worth loading the link finder for a text. */
export function mayHoldLinks(text: string): boolean {
  return LINK_LIKE.test(text);
}

export function isLaidOut(text: string): boolean {
  return LAID_OUT.test(text);
}

export function isEmojiOnly(text: string): boolean {
  return text.length <= EMOJIS_MAX && EMOJIS.test(text) && text.trim() !== '';
}

function addInline(parts: MarkupPart[], text: string, findLinks: FindLinks): void {
  let end = 0;
  for (const { 0: whole, 1: code = '', index } of text.matchAll(CODE)) {
    addLinked(parts, text.slice(end, index), findLinks);
    parts.push({ kind: 'code', text: code });
    end = index + whole.length;
  }
  addLinked(parts, text.slice(end), findLinks);
}

function addLinked(parts: MarkupPart[], text: string, findLinks: FindLinks): void {
  let last = 0;
  for (const { start, end, href } of mayHoldLinks(text) ? findLinks(text) : []) {
    if (start > last) parts.push({ kind: 'text', text: text.slice(last, start) });
    parts.push({ kind: 'link', text: text.slice(start, end), href });
    last = end;
  }
  if (last < text.length) parts.push({ kind: 'text', text: text.slice(last) });
}
