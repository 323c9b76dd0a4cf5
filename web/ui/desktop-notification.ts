import type { MessageNotice } from '../client/notifier.ts';
import { t } from './i18n.ts';

/** What the browser lets the page do on the desktop; `insecure`: nothing, on plain http. */
export type NotificationAccess = NotificationPermission | 'insecure' | 'missing';

/** A later notice takes the place of the last one, also one of another tab. */
const TAG = 'tertulia';

let shown: Notification | undefined;
/** Android has the name of them, and lets a page show none. */
let isRefused = false;

export function notificationAccess(): NotificationAccess {
  // Where it is not allowed, some browsers have it all the same, and refuse.
  if (!isSecureContext) return 'insecure';
  if (!('Notification' in globalThis) || isRefused) return 'missing';
  return Notification.permission;
}

export async function requestPermission(): Promise<void> {
  await Notification.requestPermission();
}

export function showNotification({ count, sender: named, text, isMention }: MessageNotice): void {
  if (notificationAccess() !== 'granted') return;
  const who = named || t.somebody;
  const title = isMention ? t.mentionsYou(who) : who;
  const several = { title: t.newMessages(count), body: `${title}: ${text}` };
  const { title: heading, body } = count === 1 ? { title, body: text } : several;
  try {
    // The sound is our own, and has a setting of its own.
    shown = new Notification(heading, { body, tag: TAG, silent: true });
    shown.onclick = () => {
      window.focus();
      hideNotification();
    };
  } catch {
    isRefused = true;
  }
}

export function hideNotification(): void {
  shown?.close();
  shown = undefined;
}
