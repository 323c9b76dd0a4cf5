import type { LogItem } from './log-segment.ts';

export interface Speaker {
  nickname: string | undefined;
  address: string;
}

/** Lists the speakers of a part of the log, the latest first, each under the last used name. */
export function recentSpeakers(items: readonly LogItem[]): Speaker[] {
  const known = new Set<string>();
  const speakers: Speaker[] = [];
  for (const item of items.toReversed()) {
    if (item.kind !== 'message' || item.mine || item.forged) continue;
    const { nickname, from: address } = item;
    // In a room without addresses, only speakers with a name can be mentioned.
    const names = [address, nickname ?? ''].filter((name) => name !== '');
    if (names.length === 0 || names.some((name) => known.has(name))) continue;
    for (const name of names) known.add(name);
    speakers.push({ nickname, address });
  }
  return speakers;
}
