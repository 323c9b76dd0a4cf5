/** Shows the unread count on the browser's tab: in the title, and on the icon for pinned tabs. */
import { parts } from '../parts/parts.ts';

const TITLE = 'Tertulia';
/** Larger numbers do not fit on the icon. */
const ICON_MAX = 99;
/** Shortest time between updates, ms. The browser's window draws them, which costs more than a message. */
const UPDATE_EVERY_MS = 500;

let count = 0;
let room = '';
let isResting = false;

/** `title` of the room, empty without one. */
export function showUnread(unread: number, title = ''): void {
  if (unread === count && title === room) return;
  count = unread;
  room = title;
  if (!isResting) draw();
}

function draw(): void {
  const drawn = count;
  const title = room;
  isResting = true;
  document.title = (drawn > 0 ? `(${drawn}) ` : '') + (title || TITLE);
  showOnIcon(drawn > ICON_MAX ? `${ICON_MAX}+` : drawn > 0 ? `${drawn}` : '');
  setTimeout(() => {
    isResting = false;
    if (count !== drawn || room !== title) draw();
  }, UPDATE_EVERY_MS);
}

/** Code for the icon is loaded for the first count. Without it, the title alone shows the count. */
function showOnIcon(label: string): void {
  if (label === '' && parts.stateOf('tab-icon') === 'absent') return;
  parts.load('tab-icon').then(
    (icon) => icon.showOnIcon(label),
    () => {},
  );
}
