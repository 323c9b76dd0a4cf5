const STYLE = /<style>([^<]*)<\/style>/;

/** The frame of the last print. It stays until the next one, because not every browser reports the end of a print. */
let frame: HTMLIFrameElement | undefined;

/**
 * Prints an HTML document. It is copied into an empty frame with its style sheet alone, so nothing of it runs, and the
 * policy of this page applies to it too.
 */
export function printPage(source: string): void {
  // The policy of this page forbids the style element, also in a document that is only parsed.
  const [, style = ''] = STYLE.exec(source) ?? [];
  const page = new DOMParser().parseFromString(source.replace(STYLE, ''), 'text/html');
  frame?.remove();
  frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  const { contentDocument, contentWindow } = frame;
  if (contentDocument === null || contentWindow === null) return;
  const sheet = new (contentWindow as Window & typeof globalThis).CSSStyleSheet();
  sheet.replaceSync(style);
  contentDocument.adoptedStyleSheets = [sheet];
  contentDocument.title = page.title;
  contentDocument.documentElement.lang = page.documentElement.lang;
  contentDocument.body.replaceWith(contentDocument.adoptNode(page.body));
  contentWindow.print();
}
