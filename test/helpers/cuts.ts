import type { TcpProxy } from './proxy.ts';
import type { TcpClient } from './tcp.ts';

/** Number of messages of each speaker. The log draws all of them. */
const FEW = 6;

/**
 * A page and a terminal send alternately, while the proxy cuts the page's connection repeatedly. Returns both lists
 * of messages.
 */
export async function talkThroughCuts(
  page: { send(text: string): Promise<void> },
  terminal: TcpClient,
  way: TcpProxy,
): Promise<{ mine: string[]; others: string[]; last: string }> {
  const [mine, others] = [numbered('mía'), numbered('suya')];
  for (const [index, text] of mine.entries()) {
    await page.send(text);
    terminal.send(`${others[index]}\n`);
    if (index % 2 === 1) way.cut();
  }
  const last = mine.at(-1) ?? '';
  await terminal.receives(last);
  return { mine, others, last };
}

function numbered(word: string): string[] {
  return Array.from({ length: FEW }, (_, index) => `${word}-${index + 1};`);
}
