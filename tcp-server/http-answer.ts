/**
 * Answers a browser that opens the port of the room with a page in both languages that links to the chat.
 */

/** A fatal "handshake failure", after which the browser shows that there is no secure connection. */
export const TLS_ALERT = Buffer.from([21, 3, 1, 0, 2, 2, 40]);

/** The name in a Host header, without its port. */
const HOST = /^host:[ \t]*(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?[ \t]*$/im;

/**
 * @param request the bytes received so far
 * @param pageUrl the URL of the chat. `http://:8080` names a port of the host that the browser asked for. Empty if unknown.
 * @param ownHost the address at which the browser reached this machine, for a request without a host
 */
export function answerRequest(request: string, pageUrl: string, ownHost: string): string {
  const [head = ''] = request.split('\r\n\r\n', 1);
  const url = pageUrl.replace(/^(https?:\/\/)(?=:|\/?$)/, `$1${HOST.exec(head)?.[1] ?? ownHost}`);
  const isHtml = /^accept:.*text\/html/im.test(head);
  const body = isHtml ? html(url) : text(url);
  const lines = [
    'HTTP/1.1 400 Bad Request',
    `Content-Type: text/${isHtml ? 'html' : 'plain'}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'",
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: no-referrer',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${head.startsWith('HEAD ') ? '' : body}`;
}

function text(url: string): string {
  return `${sentences('es', url)}\n${sentences('en', url)}\n`;
}

function html(url: string): string {
  const link = url && `<a href="${escapeHtml(url)}">${escapeHtml(url)}</a>`;
  return `<!doctype html>
<html lang="es">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tertulia</title>
<p>${sentences('es', link)}</p>
<p lang="en">${sentences('en', link)}</p>
`;
}

function sentences(language: 'es' | 'en', where: string): string {
  if (language === 'es') {
    const place = where ? `La página del chat está en ${where}` : 'La página del chat está en otro puerto.';
    return `Aquí se conectan las terminales, no los navegadores. ${place}`;
  }
  const place = where ? `The page of the chat is at ${where}` : 'The page of the chat is on another port.';
  return `Terminals connect here, browsers do not. ${place}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
