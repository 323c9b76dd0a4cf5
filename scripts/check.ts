/**
 * npm run check: types, lint, format, the directions of imports, and rules of style. Every check runs, also after one
 * has failed.
 */
import { runNode, toolCommand } from './lib/project.ts';

const CHECKS: Record<string, string[]> = {
  'types of the programs': toolCommand('tsc', '--noEmit'),
  'types of the page': toolCommand('tsc', '--project', 'web'),
  'types of the service worker': toolCommand('tsc', '--project', 'web/worker'),
  'types of scripts and tests': toolCommand('tsc', '--project', 'test'),
  'lint, format and imports': toolCommand('biome', 'check', '.'),
  'rules of style': ['--import', 'tsx', 'scripts/house-style.ts'],
};

for (const [name, command] of Object.entries(CHECKS)) {
  const passed = await runNode(command, { quiet: true });
  console.log(`${passed ? 'ok     ' : 'FAILED '} ${name}`);
  if (!passed) process.exitCode = 1;
}
