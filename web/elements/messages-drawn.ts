/** When the messages in what was just drawn have drawn themselves too: still in the same task. */
export async function messagesDrawn(content: HTMLElement): Promise<void> {
  const messages = content.querySelectorAll('chat-message');
  await Promise.all([messages[0]?.updateComplete, messages[messages.length - 1]?.updateComplete]);
}
