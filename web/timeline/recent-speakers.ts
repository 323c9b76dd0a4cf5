import type { LogItem } from './log-segment.ts';

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
    // Some rooms tell no addresses, and somebody without a name can't be called.
    const names = [address, nickname ?? ''].filter((name) => name !== '');
    if (names.length === 0 || names.some((name) => known.has(name))) continue;
    for (const name of names) known.add(name);
    speakers.push({ nickname, address });
  }
  return speakers;
}
