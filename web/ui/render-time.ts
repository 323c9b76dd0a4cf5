import { html } from 'lit';
import { dates } from './i18n.ts';

export function renderTime(at: number) {
  const moment = new Date(at).toISOString();
  return html`<time datetime=${moment} title=${dates.full(at)}>${dates.short(at)}</time>`;
}
