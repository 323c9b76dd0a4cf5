import type { LogItem } from './log.ts';

export interface Speaker {
  nickname: string | undefined;
  address: string;
}

/** Who has spoken in this part of the log, the latest first: each once, under the name used last. */
export function recentSpeakers(items: readonly LogItem[]): Speaker[] {
  const known = new Set<string>();
  const speakers: Speaker[] = [];
  for (const item of items.toReversed()) {
    if (item.kind !== 'message' || item.mine || item.forged) continue;
    const { nickname, from: address } = item;
    if (known.has(address) || (nickname !== undefined && known.has(nickname))) continue;
    known.add(address).add(nickname ?? address);
    speakers.push({ nickname, address });
  }
  return speakers;
}
