#!/usr/bin/env node
/**
 * The command `tertulia`.
 */
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

const result = await runCommand({
  args: process.argv.slice(2),
  env: process.env,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  stdout: process.stdout,
  isClone: false,
});

if (typeof result === 'number') {
  process.exitCode = result;
} else {
  // The program reads its own arguments and environment, as if it had been started directly.
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...result.args);
  Object.assign(process.env, result.env);
  await import(new URL(`../${result.program}`, import.meta.url).href);
}
