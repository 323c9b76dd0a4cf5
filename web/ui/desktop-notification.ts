import type { MessageNotice } from '../client/notifier.ts';
import { t } from './i18n.ts';

/** Permission for notifications. `insecure`: browsers refuse them on plain http. */
export type NotificationAccess = NotificationPermission | 'insecure' | 'missing';

/** A notification replaces the last one with this tag, also one of another tab. */
const TAG = 'tertulia';

let shown: Notification | undefined;
/** Android defines `Notification`, but its constructor throws. */
let isRefused = false;

export function notificationAccess(): NotificationAccess {
  // Some browsers define `Notification` on plain http too, and refuse permission.
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
    // The page has its own sound, with its own setting.
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
