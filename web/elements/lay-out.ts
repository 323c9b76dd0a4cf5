/**
 * Lays out what was just drawn, once the messages in it have drawn themselves too, and still in the same task. Else the
 * next key that is pressed, or the next frame, would have to do it first, besides all that it costs a slow machine itself.
 */
export async function layOut(content: HTMLElement): Promise<number> {
  const messages = content.querySelectorAll('chat-message');
  await Promise.all([messages[0]?.updateComplete, messages[messages.length - 1]?.updateComplete]);
  return content.offsetHeight;
}
