/**
 * npm run build: builds everything, from a clean `dist/`.
 */
import { rmSync } from 'node:fs';
import { inProject } from './lib/project.ts';
import { build, EVERYTHING } from './lib/targets.ts';

rmSync(inProject('dist'), { recursive: true, force: true });
process.exitCode = (await build(EVERYTHING)) ? 0 : 1;
