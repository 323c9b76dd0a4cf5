/**
 * The attacks that the bench measures.
 */
export const ATTACKS = [
  'half-open handshakes',
  'idle sockets',
  'says without end',
  '1-byte fragments',
  'longest messages',
  'pipelined searches',
  'unread downloads',
  'cookies by the thousand',
  'reading from the beginning',
  'newlines of a terminal',
  '300 terminals at once',
] as const;
export type Attack = (typeof ATTACKS)[number];
