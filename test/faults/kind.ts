import type { Finding } from './check.ts';
import type { RoomName, World } from './world.ts';

/** A kind of fault. */
export interface Kind {
  id: string;
  title: string;
  room: RoomName;
  env?: Record<string, string>;
  /** It takes a minute or more: done that often at most, unless the kind is asked for by name. */
  atMost?: number;
  /** It needs a real browser. */
  inBrowser?: boolean;
  /** What it needs besides the world. */
  begin?(world: World): Promise<void>;
  strike(world: World): Promise<void>;
  /** What it compares besides the tabs, once everything has been said and heard. */
  check?(world: World): Promise<Finding[]>;
}
