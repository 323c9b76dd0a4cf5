/**
 * Playwright. An import would parse its 7 MB for the names of exports, for 0.13 s of CPU time in each process.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { chromium, devices, firefox } = require('playwright-core') as typeof import('playwright-core');
