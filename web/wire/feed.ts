import { openSocket, startTimer } from '../ui/browser-effects.ts';
import { WireFeed } from './wire-feed.ts';

/** One feed for all cards and the panel. */
export const feed = new WireFeed({
  createSocket: openSocket,
  startTimer,
  now: () => performance.now(),
  random: () => Math.random(),
});
