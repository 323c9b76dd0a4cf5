import { createHash } from 'node:crypto';
import { HUES, hueAt } from '../../../common/display/avatar-style.ts';

/** The colours are those of web/tokens.css. */
const BASE = `
:root { color-scheme: light dark; --paper: light-dark(#f7f2e8, #1b1613); --ink: light-dark(#2b211a, #efe5d6);
  --soft: light-dark(#6b5b4d, #b3a393); --line: light-dark(#e2d7c3, #3a3029); --accent: light-dark(#9c3322, #f0a184);
  --warn: light-dark(#8a5300, #eeb65c); --code: light-dark(#efe5d6, #2e2620); }
* { box-sizing: border-box; }
body { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 3rem;
  background: var(--paper); color: var(--ink); font: 1rem / 1.4 system-ui, sans-serif; }
h1, h2 { font-family: Palatino, Georgia, serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2rem 0 0.5rem; border-bottom: 1px solid var(--line); font-size: 1.125rem; font-style: italic; }
header p { margin: 0; }
header p, time, small { color: var(--soft); font-size: 0.8125rem; }
nav { display: flex; flex-wrap: wrap; gap: 0 1rem; margin-top: 0.5rem; }
a { color: var(--accent); }
nav a { padding: 0.5rem 0; }
article, .line { margin: 0 0 0.125rem; padding-inline-start: 2.75rem; }
article.leads { margin-top: 0.75rem; }
.line { margin-block: 0.75rem; color: var(--soft); font-size: 0.8125rem; }
.who { position: relative; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem; }
.who b { color: var(--speaker); }
.who b { overflow: clip visible; overflow-wrap: anywhere; }
.avatar { position: absolute; inset-inline-start: -2.75rem; display: grid; place-items: center; width: 2.25rem;
  height: 2.25rem; border: 1px solid transparent; border-radius: 50%; font-size: 0.9375rem; font-weight: 600;
  background: color-mix(in oklab, var(--speaker) 16%, transparent); color: color-mix(in oklab, var(--speaker) 75%, var(--ink)); }
.terminal { border-radius: 22%; background: var(--ink); color: var(--paper); font: 600 0.8125rem monospace; }
article.forged { --speaker: var(--warn); }
.forged .avatar { border: 2px dashed; background: none; }
.mark { color: var(--soft); font-size: 0.75rem; }
.taken { color: var(--warn); font-weight: 600; }
.warning { margin: 0; color: var(--warn); font-size: 0.8125rem; font-weight: 600; }
.hidden { opacity: 0.6; }
.words { width: fit-content; max-width: 100%; overflow: visible clip; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; tab-size: 4; }
.blocks { width: auto; }
.mono, code, pre { font-family: ui-monospace, Consolas, monospace; font-size: 0.8125rem; }
.none { color: var(--soft); font-style: italic; }
.emojis { font-size: 2rem; line-height: 1.3; }
code, .words a { direction: ltr; unicode-bidi: isolate; }
code { padding: 0.0625rem 0.25rem; border-radius: 0.25rem; background: var(--code); }
pre { margin: 0.25rem 0; padding: 0.5rem 0.75rem; border-radius: 0.375rem; background: var(--code); white-space: pre-wrap; }
pre code { padding: 0; }
main:has(section:target) section:not(:target) { display: none; }
@media print {
  @page { margin: 18mm 16mm; }
  :root { color-scheme: light; --paper: #fff; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2, .who { break-after: avoid; }
  .warning { break-before: avoid; }
  .words { orphans: 3; widows: 3; }
  pre { -webkit-box-decoration-break: clone; box-decoration-break: clone; }
  .avatar { border-color: currentColor; background: none; }
  .terminal { color: inherit; }
  code, pre { border: 1px solid var(--line); background: none; }
  pre code { border: 0; }
}
`;

/** Hues have classes, because the policy of the page allows no style of an element. */
const HUE_RULES = Array.from({ length: HUES }, (_, index) => {
  const hue = hueAt(index);
  return `.h${hue} { --speaker: light-dark(oklch(48% 0.13 ${hue}), oklch(78% 0.1 ${hue})); }\n`;
}).join('');

export const STYLE = BASE + HUE_RULES;

/** The page may use this style, and nothing else: no script, no picture, no request. */
export const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
