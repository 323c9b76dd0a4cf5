/** How much is new, on the browser's tab: in the title and on the icon, which is all a pinned tab shows. */
const TITLE = 'Tertulia';
/** More do not fit on the icon. */
const ICON_MAX = 99;
/** The browser's own window draws it: with each message of a busy room that costs more than the message, ms. */
const EVERY = 500;

/** A browser draws its tabs' icons in this size on most screens with two pixels for one, pixels. */
const SIZE = 32;
const BADGE_HEIGHT = 17;

interface Icon {
  link: HTMLLinkElement;
  plain: Pick<HTMLLinkElement, 'href' | 'type'>;
  drawing: Promise<HTMLImageElement>;
}

let count = 0;
let isResting = false;
let shown = '';
let icon: Icon | undefined;

export function showUnread(unread: number): void {
  if (unread === count) return;
  count = unread;
  if (!isResting) draw();
}

function draw(): void {
  const drawn = count;
  isResting = true;
  document.title = drawn > 0 ? `(${drawn}) ${TITLE}` : TITLE;
  showOnIcon(drawn > ICON_MAX ? `${ICON_MAX}+` : drawn > 0 ? `${drawn}` : '');
  setTimeout(() => {
    isResting = false;
    if (count !== drawn) draw();
  }, EVERY);
}

async function showOnIcon(label: string): Promise<void> {
  if (label === shown) return;
  shown = label;
  icon ??= findIcon();
  if (icon === undefined) return;
  const drawing = await icon.drawing.catch(() => undefined);
  if (label !== shown) return;
  const isPlain = label === '' || drawing === undefined;
  Object.assign(icon.link, isPlain ? icon.plain : { href: addCount(drawing, label), type: 'image/png' });
}

function findIcon(): Icon | undefined {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link === null) return undefined;
  const { href, type } = link;
  const drawing = new Image();
  drawing.src = './icon-192.png';
  return { link, plain: { href, type }, drawing: drawing.decode().then(() => drawing) };
}

/** As pixels: of a drawing with text the page makes a document each time, which takes it three times as long. */
function addCount(drawing: HTMLImageElement, label: string): string {
  const canvas = Object.assign(document.createElement('canvas'), { width: SIZE, height: SIZE });
  const pen = canvas.getContext('2d');
  const width = 10 + 6 * label.length;
  if (pen === null) return drawing.src;
  pen.drawImage(drawing, 0, 0, SIZE, SIZE);
  pen.fillStyle = '#1d4ed8';
  pen.beginPath();
  pen.roundRect(SIZE - width, 0, width, BADGE_HEIGHT, BADGE_HEIGHT / 2);
  pen.fill();
  pen.fillStyle = '#fff';
  pen.font = '700 14px sans-serif';
  pen.textAlign = 'center';
  pen.fillText(label, SIZE - width / 2, 13.5);
  return canvas.toDataURL();
}
