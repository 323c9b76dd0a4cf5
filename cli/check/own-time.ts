/**
 * Waits that count only the time in which this process runs. If the whole machine stalls, so does the server, which is
 * not to blame for its silence then.
 */

/** A part of a wait that lasts longer counts as this long, ms. */
const PART_MS = 100;

/** Calls back after this time. Returns a function that cancels the call. */
export function afterOwnTime(ms: number, then: () => void): () => void {
  let left = ms;
  let timer: NodeJS.Timeout;
  let end: NodeJS.Immediate | undefined;
  const wait = () => {
    if (left <= 0) {
      // Node reads what has arrived during a stall before it calls back.
      end = setImmediate(then);
      return;
    }
    const part = Math.min(left, PART_MS);
    left -= part;
    timer = setTimeout(wait, part);
  };
  wait();
  return () => {
    clearTimeout(timer);
    clearImmediate(end);
  };
}
