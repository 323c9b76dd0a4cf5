import type { TcpProxy } from './proxy.ts';
import type { TcpClient } from './tcp.ts';

/** So many of two speakers that the log draws them all. */
const FEW = 6;

/** A page and a terminal talk in turns, while the way to the page is cut again and again. Returns what each said. */
export async function talkThroughCuts(
  page: { send(text: string): Promise<void> },
  terminal: TcpClient,
  way: TcpProxy,
): Promise<{ mine: string[]; others: string[]; last: string }> {
  const [mine, others] = [numbered('mía'), numbered('suya')];
  for (const [index, words] of mine.entries()) {
    await page.send(words);
    terminal.send(`${others[index]}\n`);
    if (index % 2 === 1) way.cut();
  }
  const last = mine.at(-1) ?? '';
  await terminal.receives(last, 30_000);
  return { mine, others, last };
}

function numbered(word: string): string[] {
  return Array.from({ length: FEW }, (_, index) => `${word}-${index + 1};`);
}
