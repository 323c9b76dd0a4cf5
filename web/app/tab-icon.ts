/** Draws the unread count on the icon of the browser's tab. */

/** Size of a tab's icon on screens with two device pixels per CSS pixel, pixels. */
const ICON_SIZE_PX = 32;
const BADGE_HEIGHT_PX = 17;

interface Icon {
  link: HTMLLinkElement;
  plain: Pick<HTMLLinkElement, 'href' | 'type'>;
  drawing: Promise<HTMLImageElement>;
}

let shown = '';
let icon: Icon | undefined;

/** An empty label restores the plain icon. */
export async function showOnIcon(label: string): Promise<void> {
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

/** Draws pixels, because an SVG icon becomes a document each time and takes three times as long. */
function addCount(drawing: HTMLImageElement, label: string): string {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: ICON_SIZE_PX,
    height: ICON_SIZE_PX,
  });
  const pen = canvas.getContext('2d');
  const width = 10 + 6 * label.length;
  if (pen === null) return drawing.src;
  pen.drawImage(drawing, 0, 0, ICON_SIZE_PX, ICON_SIZE_PX);
  pen.fillStyle = '#1d4ed8';
  pen.beginPath();
  pen.roundRect(ICON_SIZE_PX - width, 0, width, BADGE_HEIGHT_PX, BADGE_HEIGHT_PX / 2);
  pen.fill();
  pen.fillStyle = '#fff';
  pen.font = '700 14px sans-serif';
  pen.textAlign = 'center';
  pen.fillText(label, ICON_SIZE_PX - width / 2, 13.5);
  return canvas.toDataURL();
}
