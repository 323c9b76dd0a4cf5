/** How much is new, on the browser's tab: in the title and on the icon, which is all a pinned tab shows. */
const TITLE = 'Tertulia';
/** More do not fit on the icon. */
const ICON_MAX = 99;
/** The browser's own window draws it: with each message of a busy room that costs more than the message, ms. */
const EVERY = 500;

let count = 0;
let isResting = false;
let shown = '';
let icon: { link: HTMLLinkElement; plain: string; drawing: Promise<string> } | undefined;

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
  const drawing = await icon.drawing.catch(() => '');
  if (label !== shown) return;
  icon.link.href = label === '' || drawing === '' ? icon.plain : addCount(drawing, label);
}

function findIcon() {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"][type="image/svg+xml"]');
  if (link === null) return undefined;
  const plain = link.href;
  return { link, plain, drawing: fetch(plain).then((answer) => answer.text()) };
}

function addCount(drawing: string, label: string): string {
  const width = 10 + 6 * label.length;
  const count = `<g font-family="sans-serif" font-weight="700" font-size="14" text-anchor="middle">
    <rect x="${32 - width}" y="0" width="${width}" height="17" rx="8" fill="#1d4ed8"/>
    <text x="${32 - width / 2}" y="13.5" fill="#fff">${label}</text></g>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing.replace('</svg>', `${count}</svg>`))}`;
}
