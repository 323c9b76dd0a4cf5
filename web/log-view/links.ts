/** Finds links in messages. Loaded with the first message that may hold one. */
import { LinkifyIt } from 'linkify-it';
import type { FindLinks } from '../../common/display/message-markup.ts';

/** Only a scheme or `www.` makes a link, because `server.py` is a file although `.py` is a domain. */
const WEB = /^(?:https?:\/\/|www\.)/i;

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: false })
  .add('ftp:', null)
  .add('mailto:', null)
  .add('//', null);

export const findLinks: FindLinks = (text) =>
  (linkify.match(text) ?? [])
    .filter(({ raw, url }) => WEB.test(raw) && /^https?:/i.test(url))
    .map(({ index, lastIndex, url }) => ({ start: index, end: lastIndex, href: url }));
