/**
 * How V8 is to run this process: a little talk at a time, for days, with a flood now and then.
 */
import { setFlagsFromString } from 'node:v8';

// What passes through dies young. Left to grow, V8's young generation would take 30 MB in a flood, for nothing.
setFlagsFromString('--semi-space-growth-factor=1');

/**
 * Where people talk the path of a message runs a few times a second, and V8 would interpret it for minutes: each message
 * would take twice as long. So a function is optimized once it has run so much bytecode, instead of 30 times that. What
 * a start runs it runs once: optimized too, it would take a third longer.
 */
export function optimizeSoon(): void {
  setFlagsFromString('--interrupt-budget=2000');
}
