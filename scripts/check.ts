/**
 * npm run check: types, lint, format and the directions of imports. Every check runs, also after one failed.
 */
import { runNode, toolCommand } from './lib/project.ts';

const CHECKS: Record<string, string[]> = {
  'types of the programs': toolCommand('tsc', '--noEmit'),
  'types of the page': toolCommand('tsc', '--project', 'web'),
  'types of the service worker': toolCommand('tsc', '--project', 'web/worker'),
  'types of scripts and tests': toolCommand('tsc', '--project', 'test'),
  'lint, format and imports': toolCommand('biome', 'check', '.'),
};

for (const [what, command] of Object.entries(CHECKS)) {
  const passed = await runNode(command, { quiet: true });
  console.log(`${passed ? 'ok     ' : 'FAILED '} ${what}`);
  if (!passed) process.exitCode = 1;
}

// A report until the last of its problems is mended: `node --import tsx scripts/house-style.ts` lists them.
await runNode(['--import', 'tsx', 'scripts/house-style.ts', '--count']);
