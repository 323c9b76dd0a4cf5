/** What an attacker can do. */
export const ATTACKS = [
  'half-open handshakes',
  'idle sockets',
  'says without end',
  '1-byte fragments',
] as const;
export type Attack = (typeof ATTACKS)[number];
