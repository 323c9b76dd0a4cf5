/**
 * How V8 is to run this process: a little talk at a time, for days, with a flood now and then.
 */
import { setFlagsFromString } from 'node:v8';

// What passes through dies young. Left to grow, V8's young generation would take 30 MB in a flood, for nothing.
setFlagsFromString('--semi-space-growth-factor=1');

// A flood, or a room that fills, would let the heap double before V8 looked at it, and stay there: it is to look when the
// heap has grown by so much, percent. From the start on: later it would only count from the next time it looks.
setFlagsFromString('--heap-growing-percent=15');

/** From here on V8 knows no such budget, and optimizes early enough by itself. */
const V8_WITHOUT_BUDGET = 12;

/** For a program that has started: a start runs most things once, and this would make it half as long again. */
export function optimizeEarly(): void {
  // What V8 does not know it says on stderr, with each start.
  if (Number.parseInt(process.versions.v8, 10) >= V8_WITHOUT_BUDGET) return;
  // Where people talk the path of a message runs a few times a second, and V8 would interpret it for minutes: each message
  // would take twice as long. So a function is optimized once it has run so much bytecode, instead of 30 times that.
  setFlagsFromString('--interrupt-budget=2000');
}
