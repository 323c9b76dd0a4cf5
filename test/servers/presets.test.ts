/**
 * Each preset in front of a server that says the bytes of its tutorial's.
 */
import { describe, test } from 'node:test';
import { bringTogether, ROOMS } from './one-room.ts';
import { standIn, withoutStandIn } from './stand-in.ts';

describe('preset of', { concurrency: 4 }, () => {
  for (const [preset, room] of Object.entries(ROOMS)) {
    const skip = withoutStandIn(preset);
    test(`${preset} brings three tabs and a terminal into one room`, { skip }, async (t) => {
      const server = await standIn(t, preset);
      await bringTogether(t, server.port, preset, room);
    });
  }
});
