/**
 * The manner of a room: how its text is read, and how a message is written. Everything that depends on the kind of server
 * is here, so that the rest of the gateway knows no format by its name.
 */
import { dice } from './dice.ts';
import { plain } from './plain.ts';
import type { Manner } from './room-text.ts';

const MANNERS = { dice, plain } satisfies Record<string, Manner>;

export type RoomFormat = keyof typeof MANNERS;

/** The values of ROOM_FORMAT. */
export const ROOM_FORMATS = Object.keys(MANNERS) as RoomFormat[];

export function mannerOf(format: RoomFormat): Manner {
  return MANNERS[format];
}
