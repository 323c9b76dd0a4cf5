/**
 * ensure-built.ts programs page: builds what is missing or older than its sources. It prints only failures, because
 * the output of the next program may go into a pipe.
 */
import { build, isTargetName, staleOnes } from './lib/targets.ts';

const wanted = process.argv.slice(2).filter(isTargetName);
process.exitCode = (await build(staleOnes(wanted), { quiet: true })) ? 0 : 1;
