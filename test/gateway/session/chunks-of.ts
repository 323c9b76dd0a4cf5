import { Chunks } from '../../../gateway/session/chunks.ts';

/** Takes all chunks of a line. */
export function chunksOf(line: string, maxBytes?: number): string[] {
  const chunks = new Chunks(line, maxBytes);
  const taken: string[] = [];
  while (chunks.left > 0) taken.push(chunks.take());
  return taken;
}
