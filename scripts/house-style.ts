/**
 * Prints each place that breaks a rule of style, and fails if there is one. Part of `npm run check`.
 */
import { readFileSync } from 'node:fs';
import { styleProblems } from './lib/house-style.ts';
import { filesUnder, inProject } from './lib/project.ts';

/** The test of these rules breaks them in its examples. */
const EXAMPLES = 'test/project/house-style.test.ts';

const paths = filesUnder('').filter((path) => /\.[jt]s$/.test(path) && path !== EXAMPLES);
const problems = styleProblems(paths.map((path) => ({ path, text: readFileSync(inProject(path), 'utf8') })));
for (const problem of problems) console.log(problem);
if (problems.length > 0) {
  console.log(`${problems.length} places break a rule of style.`);
  process.exitCode = 1;
}
