import { isObject, isText } from '../../common/guards.ts';
import { TOKEN_HEADER } from '../../gateway/protocol.ts';
import { fetchJson, gatewayUrl, token } from '../ui/browser-effects.ts';

/**
 * Follows a download link. A navigation carries no token, so the link of a room with a passphrase gets a ticket.
 * Without a ticket the download fails, and the browser's list of downloads shows that.
 */
export async function download(event: MouseEvent): Promise<void> {
  if (token.value === undefined) return;
  event.preventDefault();
  const link = (event.currentTarget as HTMLAnchorElement).cloneNode() as HTMLAnchorElement;
  const answer = await fetchJson('/api/ticket', 'POST').catch(() => undefined);
  if (isObject(answer) && isText(answer.ticket)) link.search += `&ticket=${answer.ticket}`;
  link.click();
}

export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Returns the days that have messages, newest first, for example `2026-11-27`. */
export async function fetchDays(): Promise<string[]> {
  const answer = await fetchJson(`/api/days?${new URLSearchParams({ zone: timeZone() })}`);
  if (!isObject(answer) || !Array.isArray(answer.days) || !answer.days.every(isText))
    throw new Error('fetch /api/days: not a list of days');
  return answer.days.reverse();
}

/** Loads the transcript as a page, however long that takes. */
export async function fetchPage(path: string, signal: AbortSignal): Promise<string> {
  const { value } = token;
  const headers = value === undefined ? {} : { [TOKEN_HEADER]: value };
  const answer = await fetch(gatewayUrl(path), { headers, signal });
  if (!answer.ok) throw new Error(`fetch ${path}: ${answer.status}`);
  return await answer.text();
}
