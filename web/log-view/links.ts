/** Finds addresses of the web in what people say. Loaded when somebody first says one. */
import { LinkifyIt } from 'linkify-it';
import type { FindLinks } from './message-markup.ts';

/** `server.py` is no address, though there is a country for it: only what begins like one is a link. */
const WEB = /^(?:https?:\/\/|www\.)/i;

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: false })
  .add('ftp:', null)
  .add('mailto:', null)
  .add('//', null);

export const findLinks: FindLinks = (text) =>
  (linkify.match(text) ?? [])
    .filter(({ raw, url }) => WEB.test(raw) && /^https?:/i.test(url))
    .map(({ index, lastIndex, url }) => ({ start: index, end: lastIndex, href: url }));
