/** How much is new, on the browser's tab: in the title and on the icon, which is all a pinned tab shows. */
const TITLE = 'Tertulia';
/** More do not fit on the icon. */
const ICON_MAX = 99;

let shown = '';
let icon: { link: HTMLLinkElement; plain: string; drawing: Promise<string> } | undefined;

export function showUnread(unread: number): void {
  document.title = unread > 0 ? `(${unread}) ${TITLE}` : TITLE;
  const label = unread > ICON_MAX ? `${ICON_MAX}+` : unread > 0 ? `${unread}` : '';
  if (label === shown) return;
  shown = label;
  showOnIcon(label);
}

async function showOnIcon(label: string): Promise<void> {
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
