import { html } from 'lit';
import { times } from './i18n.ts';

export function renderTime(at: number) {
  const moment = new Date(at).toISOString();
  return html`<time datetime=${moment} title=${times.full(at)}>${times.short(at)}</time>`;
}
