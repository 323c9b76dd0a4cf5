/**
 * Sets V8 flags for a process that handles few messages for days, and a flood now and then.
 */
import { setFlagsFromString } from 'node:v8';

// Messages die young. Without this flag V8's young generation would grow to 30 MB in a flood, without a gain.
setFlagsFromString('--semi-space-growth-factor=1');

// Starts a collection when the heap has grown by 15 percent. By default the heap doubles in a flood and stays large. The
// flag is set early, because a later change takes effect only after the next collection.
setFlagsFromString('--heap-growing-percent=15');
