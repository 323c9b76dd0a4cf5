const TICK_MS = 10;

/** Messages that are sent at once after a pause of this process. Others that were due are skipped. */
const BURST = 10;

/** Says messages at an even rate. Returns a function that ends it. */
export function talk(perSecond: number, sayOne: () => void): () => void {
  let due = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(due + ((now - last) * perSecond) / 1000, BURST);
    for (last = now; due >= 1; due--) sayOne();
  }, TICK_MS);
  return () => clearInterval(timer);
}
