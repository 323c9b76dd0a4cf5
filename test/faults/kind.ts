import type { Finding } from './check.ts';
import type { RoomName, World } from './world.ts';

/** A kind of fault. */
export interface Kind {
  id: string;
  title: string;
  room: RoomName;
  env?: Record<string, string>;
  /** Number of repetitions at most, unless the kind is named. It takes a minute or more. */
  atMost?: number;
  /** Whether it needs a real browser. */
  inBrowser?: boolean;
  /** Prepares parts that it needs besides the world. */
  begin?(world: World): Promise<void>;
  strike(world: World): Promise<void>;
  /** Compares parts besides the tabs, after everything was sent and received. */
  check?(world: World): Promise<Finding[]>;
}
